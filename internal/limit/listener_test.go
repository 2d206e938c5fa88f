package limit

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// peerConn is a connection that seems to come from somewhere else.
type peerConn struct {
	*net.TCPConn
	peer string
}

func (c peerConn) RemoteAddr() net.Addr { return peerAddr(c.peer) }

type peerAddr string

func (a peerAddr) Network() string { return "tcp" }
func (a peerAddr) String() string  { return string(a) }

// peerListener accepts real connections, which come from the peers that are next in line.
type peerListener struct {
	net.Listener
	peers chan string
}

func (l peerListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return peerConn{conn.(*net.TCPConn), <-l.peers}, nil //nolint:errcheck,forcetypeassert // it is one
}

// lab is a listener, and what it accepted.
type lab struct {
	*Listener
	peers    chan string
	accepted chan net.Conn
}

func newLab(t *testing.T, f *fixture, most int) *lab {
	t.Helper()
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{peers: make(chan string, 1), accepted: make(chan net.Conn, 1000)}
	l.Listener = f.Listen(peerListener{inner, l.peers}, ListenerConfig{MaxConnections: most, Refuse: func(conn net.Conn, why error) {
		_, _ = io.WriteString(conn, "no: "+why.Error())
	}})
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			l.accepted <- conn
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		accepting.Wait()
		for len(l.accepted) > 0 {
			_ = (<-l.accepted).Close()
		}
	})
	return l
}

// connect connects from a peer. It returns what the server sent before it closed the connection, or the connection that it accepted.
func (l *lab) connect(t *testing.T, peer string) (net.Conn, string) {
	t.Helper()
	l.peers <- peer
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
			text = []byte(err.Error())
		}
		told <- string(text)
	}()
	select {
	case accepted := <-l.accepted:
		t.Cleanup(func() { _ = accepted.Close() })
		return accepted, ""
	case text := <-told:
		return nil, text
	}
}

// One client has so many connections and no more; others, proxies and private networks are not concerned. What is closed is free again.
func TestConnectionsOfAClient(t *testing.T) {
	t.Parallel()
	f := newFixture("198.51.100.0/24")
	l := newLab(t, f, 10_000)
	const peer = "203.0.113.7:5120"
	most := maxConcurrent[Connections]
	var last net.Conn
	for i := range most {
		conn, told := l.connect(t, peer)
		if told != "" {
			t.Fatalf("the %dth connection is refused: %s", i+1, told)
		}
		last = conn
	}
	if _, told := l.connect(t, peer); !strings.Contains(told, "no: too many connections: one client may have 256") {
		t.Fatalf("one too many is told %q", told)
	}
	for _, other := range []string{"203.0.113.8:1", "198.51.100.4:1", "127.0.0.1:1", "10.0.0.9:1"} {
		if _, told := l.connect(t, other); told != "" {
			t.Errorf("%s is refused: %s", other, told)
		}
	}
	equal(t, "connections", f.Connections(), most+4)
	_ = last.Close()
	_ = last.Close()
	if _, told := l.connect(t, peer); told != "" {
		t.Errorf("a connection was closed, and another is refused: %s", told)
	}
	if _, told := l.connect(t, peer); told == "" {
		t.Error("a connection that is closed twice makes room for two")
	}
	equal(t, "refusals", f.tally.of("refused connections"), 2)
}

func TestConnectionsOfANode(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.off = true // the bound of a node is no limit by client
	l := newLab(t, f, 3)
	var last net.Conn
	for range 3 {
		conn, told := l.connect(t, "127.0.0.1:1")
		if told != "" {
			t.Fatal(told)
		}
		last = conn
	}
	if _, told := l.connect(t, "127.0.0.1:1"); told != "no: "+ErrNodeFull.Error() {
		t.Errorf("one too many is told %q", told)
	}
	if !strings.Contains(f.log.String(), "level=WARN") || f.tally.of("refused node_connections") != 1 {
		t.Errorf("the operator is told %s", f.log)
	}
	_ = last.Close()
	if _, told := l.connect(t, "127.0.0.1:1"); told != "" {
		t.Errorf("a connection was closed, and another is refused: %s", told)
	}
}

// noDescriptors is a listener of a process that has none left.
type noDescriptors struct{ net.Listener }

func (noDescriptors) Accept() (net.Conn, error) {
	return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
}

// Without descriptors Accept returns at once with an error that is temporary to an HTTP server, which then waits; and the operator is
// told.
func TestNoDescriptorsLeft(t *testing.T) {
	t.Parallel()
	f := newFixture()
	l := f.Listen(noDescriptors{}, ListenerConfig{MaxConnections: 3})
	for range 3 {
		_, err := l.Accept()
		temporary, ok := errors.AsType[interface {
			error
			Temporary() bool
		}](err)
		if !ok || !temporary.Temporary() {
			t.Fatalf("an HTTP server would end: %v", err)
		}
	}
	equal(t, "warnings", strings.Count(f.log.String(), "level=WARN"), 1)
}

func TestNodeConnections(t *testing.T) {
	t.Parallel()
	for descriptors, want := range map[uint64]int{
		0: 1_000_000, 1 << 63: 1_000_000, 20_000: 18_000, 1024: 922, 640: 576, 256: 192, 200: 136, 128: 64, 100: 50,
	} {
		equal(t, "connections", connectionsOf(descriptors), want)
	}
	connections, descriptors := NodeConnections()
	if connections < 1 || descriptors > 0 && uint64(connections) >= descriptors {
		t.Errorf("%d connections of %d descriptors", connections, descriptors)
	}
}
