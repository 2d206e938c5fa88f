package live

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Connection is a reader's connection, as its transport keeps it in a [Roster].
type Connection interface {
	// Leave has the reader told goodbye, and then its connection closed. It must not block.
	Leave()
	// Cut closes the connection now. It may be called more than once.
	Cut()
}

// Roster is the connections of a transport, so that it can end them. The zero value is empty.
type Roster struct {
	mu          sync.Mutex
	closed      bool
	connections map[Connection]struct{}
	empty       chan struct{} // closed when the last one exits; made by a Close that waits for that
}

// Enter adds a connection. One that comes after Close has to leave at once.
func (r *Roster) Enter(c Connection) {
	r.mu.Lock()
	if r.connections == nil {
		r.connections = make(map[Connection]struct{})
	}
	r.connections[c] = struct{}{}
	closed := r.closed
	r.mu.Unlock()
	if closed {
		c.Leave()
	}
}

// Exit removes a connection that is closed, and has nothing running any more.
func (r *Roster) Exit(c Connection) {
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
func (r *Roster) Close(ctx context.Context) error {
	present, empty := r.close()
	for _, c := range present {
		c.Leave()
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
	}
	present, _ = r.close()
	for _, c := range present {
		c.Cut()
	}
	<-empty
	return ctx.Err()
}

func (r *Roster) close() (present []Connection, empty <-chan struct{}) {
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
