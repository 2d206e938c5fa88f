package httpserver_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/httpserver"
)

// gate is a listener that tells how often it was asked for a connection, and when it is closed. It may hold back those that it has.
type gate struct {
	net.Listener
	asked, closed chan struct{}
	// accepted is told of each connection, if it is set, and passes is waited for then before the server gets it.
	accepted, passes chan struct{}
}

func (g gate) Accept() (net.Conn, error) {
	g.asked <- struct{}{}
	conn, err := g.Listener.Accept()
	if err == nil && g.accepted != nil {
		g.accepted <- struct{}{}
		<-g.passes
	}
	return conn, err
}

func (g gate) Close() error {
	defer close(g.closed)
	return g.Listener.Close()
}

// gated is a server that answers everything, and its gate.
func gated(t *testing.T) (*httpserver.Server, *gate) {
	t.Helper()
	return gatedBy(t, &gate{asked: make(chan struct{}, 100), closed: make(chan struct{})})
}

func gatedBy(t *testing.T, g *gate) (*httpserver.Server, *gate) {
	t.Helper()
	server, err := httpserver.Listen(t.Context(), httpserver.Options{Log: slog.New(slog.DiscardHandler), Public: httpserver.Port{
		Flag: "--listen", Address: "127.0.0.1:0", Handler: status(http.StatusNoContent),
		Wrap: func(l net.Listener) net.Listener { g.Listener = l; return *g },
	}})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return server, g
}

// Somebody is accepted, and the server is told to stop before the request comes. It is answered all the same. The control shuts the server
// down without waiting for it: net/http reads the request and drops it.
func TestAcceptedRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]bool{"as it is": true, "shut down at once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, g := gated(t)
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL(), "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			<-g.asked
			<-g.asked // so the first is accepted and noted
			stopped := make(chan error, 1)
			go func() {
				if waits {
					if err := server.StopAccepting(t.Context()); err != nil {
						t.Error(err)
					}
				}
				stopped <- server.Shutdown(t.Context())
			}()
			<-g.closed
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if answered := err == nil && response.StatusCode == http.StatusNoContent; answered != waits {
				t.Errorf("answered: %v, %v", answered, err)
			}
			if err == nil {
				_ = response.Body.Close()
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		})
	}
}

// A connection is accepted, and the server is told to stop before it has noted it. Its request is answered.
func TestConnectionAcceptedDuringStop(t *testing.T) {
	t.Parallel()
	server, g := gatedBy(t, &gate{
		asked: make(chan struct{}, 100), closed: make(chan struct{}), accepted: make(chan struct{}), passes: make(chan struct{}),
	})
	pass := sync.OnceFunc(func() { close(g.passes) })
	defer pass()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	<-g.accepted
	accepting := make(chan error, 1)
	go func() { accepting <- server.StopAccepting(t.Context()) }()
	<-g.closed
	select {
	case err := <-accepting:
		t.Fatalf("the server does not wait for a connection that it has accepted: %v", err)
	case <-time.After(100 * time.Millisecond): // longer than it takes to look once whether a request is expected
	}
	pass()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Errorf("the answer is %d", response.StatusCode)
	}
	if err := <-accepting; err != nil {
		t.Error(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// A connection on which nothing comes, such as browsers open in advance, keeps nobody from stopping.
func TestSilentConnectionIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server, g := gated(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	<-g.asked
	<-g.asked
	began := time.Now()
	if err := server.StopAccepting(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < 500*time.Millisecond || took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %s to shut down", took)
	}
}
