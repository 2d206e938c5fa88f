package limit

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// ErrNodeFull: the node has as many connections as it may.
var ErrNodeFull = errors.New("the server has as many connections as it can")

// ListenerConfig is what a [Listener] needs.
type ListenerConfig struct {
	// MaxConnections bounds the connections of the node, those of all listeners together, also if the limiter is off.
	MaxConnections int
	// Refuse writes to a connection why it will be closed: an [*Exceeded] or [ErrNodeFull]. It must not close it.
	Refuse func(conn net.Conn, why error)
}

// Listener counts the connections that it accepts, of the node and of each client that connects directly. What is too much is told so,
// and closed. Proxies and private addresses have no limit of their own.
type Listener struct {
	net.Listener
	limiter *Limiter
	config  ListenerConfig

	refusals sync.WaitGroup
	slots    chan struct{} // of those that are being told
}

// Listen counts the connections of a listener.
func (l *Limiter) Listen(inner net.Listener, c ListenerConfig) *Listener {
	return &Listener{Listener: inner, limiter: l, config: c, slots: make(chan struct{}, refusedConnections)}
}

// Connections is how many connections all listeners have.
func (l *Limiter) Connections() int { return int(l.connections.Load()) }

// Accept waits for a connection that is within the limits. When there are no descriptors left it returns the error: an HTTP server
// then waits, longer each time, before it tries again.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
				l.limiter.notices.refused("descriptors", Client{})
			}
			return nil, err
		}
		release, err := l.admit(accepted)
		if err == nil {
			return &connection{Conn: accepted, release: sync.OnceFunc(release)}, nil
		}
		l.refuse(accepted, err)
	}
}

// admit counts a connection, until release is called.
func (l *Listener) admit(conn net.Conn) (release func(), err error) {
	if l.limiter.connections.Add(1) > int64(l.config.MaxConnections) {
		l.limiter.connections.Add(-1)
		l.limiter.notices.refused("node_connections", Client{})
		return nil, ErrNodeFull
	}
	closed, err := l.limiter.Acquire(l.limiter.directPeer(conn.RemoteAddr().String()), Connections, 1)
	if err != nil {
		l.limiter.connections.Add(-1)
		return nil, err
	}
	return func() {
		closed()
		l.limiter.connections.Add(-1)
	}, nil
}

// directPeer is the client at the other end of a connection; nobody in particular if that is a proxy or may be one.
func (l *Limiter) directPeer(peer string) Client {
	if addr := parsePeer(peer); !l.off && !internal(addr) && !l.trusts(addr) {
		return Address(addr)
	}
	return Client{}
}

// refuse tells a connection why it is closed, if not too many others are being told, and closes it. Accept does not wait for that.
func (l *Listener) refuse(conn net.Conn, why error) {
	select {
	case l.slots <- struct{}{}:
	default:
		_ = conn.Close()
		return
	}
	l.refusals.Go(func() {
		defer func() { <-l.slots }()
		defer conn.Close()
		if conn.SetDeadline(time.Now().Add(refusalTime)) != nil {
			return
		}
		l.config.Refuse(conn, why)
		// Closing a connection that was sent something destroys what it has not read yet, so that is read first.
		if half, ok := conn.(closeWriter); ok && half.CloseWrite() == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxDrained))
		}
	})
}

// Close closes the listener, and waits for those that are being told why they are refused.
func (l *Listener) Close() error {
	err := l.Listener.Close()
	l.refusals.Wait()
	return err
}

// closeWriter is a connection that can say that nothing more will come.
type closeWriter interface{ CloseWrite() error }

// connection is one that is counted until it is closed.
type connection struct {
	net.Conn
	release func()
}

// Close closes the connection, and counts it no longer.
func (c *connection) Close() error {
	defer c.release()
	return c.Conn.Close()
}

// CloseWrite is how an HTTP server ends an answer to a request that it did not read to the end.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(closeWriter); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
