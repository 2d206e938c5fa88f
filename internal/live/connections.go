package live

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Connection is a reader's connection, as its transport keeps it in a [Connections].
type Connection interface {
	// Shutdown has the reader told goodbye, with the time after which to come back, and then its connection closed. Only the first call
	// counts. It must not block.
	Shutdown(reconnectAfter time.Duration)
	// Abort closes the connection now. It may be called more than once.
	Abort()
}

// Connections is the connections of a transport, so that it can end them. The zero value is empty.
type Connections struct {
	mu          sync.Mutex
	closed      bool
	connections map[Connection]struct{}
	empty       chan struct{} // closed when the last one exits; made by a Close that waits for that
}

// Add adds a connection. One that comes after Close has to leave at once.
func (r *Connections) Add(c Connection) {
	r.mu.Lock()
	if r.connections == nil {
		r.connections = make(map[Connection]struct{})
	}
	r.connections[c] = struct{}{}
	closed := r.closed
	r.mu.Unlock()
	if closed {
		c.Shutdown(reconnectAtRandom())
	}
}

// Remove removes a connection that is closed, and has nothing running any more.
func (r *Connections) Remove(c Connection) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.connections, c)
	if len(r.connections) == 0 && r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
}

// Close has all connections leave, and waits until they have. When ctx ends, they are cut; it waits for that too, and returns the
// context's error. It may be called more than once.
func (r *Connections) Close(ctx context.Context) error {
	present, empty := r.snapshot()
	for _, c := range present {
		c.Shutdown(reconnectAtRandom())
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
	}
	present, _ = r.snapshot()
	for _, c := range present {
		c.Abort()
	}
	<-empty
	return ctx.Err()
}

func (r *Connections) snapshot() (present []Connection, empty <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.empty == nil {
		r.empty = make(chan struct{})
	}
	empty = r.empty
	if len(r.connections) == 0 {
		close(r.empty)
		r.empty = nil
	}
	return slices.Collect(maps.Keys(r.connections)), empty
}
