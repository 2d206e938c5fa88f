package httpserver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// accepted are the connections of which no request has reached the handler yet. When an [http.Server] shuts down it drops a request that it
// has not begun, without an answer: whoever was accepted just before would lose it. So nobody is accepted any more first, then these are
// served, and then the server shuts down.
type accepted struct {
	mu    sync.Mutex
	since map[net.Conn]time.Time
}

type acceptedKey struct{}

// watch has a server note its connections.
func (a *accepted) watch(server *http.Server) {
	a.since = make(map[net.Conn]time.Time)
	next := server.Handler
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.since[conn] = time.Now()
		return context.WithValue(ctx, acceptedKey{}, sync.OnceFunc(func() { a.forget(conn) }))
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			a.forget(conn)
		}
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if begun, ok := r.Context().Value(acceptedKey{}).(func()); ok {
			begun()
		}
		next.ServeHTTP(w, r)
	})
}

func (a *accepted) forget(conn net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.since, conn)
}

// expecting tells whether a request is to be expected on one of the connections. On one that has been silent for acceptedTimeout none is:
// browsers open some in advance.
func (a *accepted) expecting(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, since := range a.since {
		if now.Sub(since) < acceptedTimeout {
			return true
		}
	}
	return false
}

// wait waits until no request is to be expected, or ctx ends. Then it closes the connections that were silent.
func (a *accepted) wait(ctx context.Context) {
	ticker := time.NewTicker(acceptedInterval)
	defer ticker.Stop()
	defer a.closeSilent()
	for a.expecting(time.Now()) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (a *accepted) closeSilent() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for conn := range a.since {
		_ = conn.Close()
	}
}
