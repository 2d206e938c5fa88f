package postgres

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// verdict is what becomes of a message between a store and its server.
type verdict int

const (
	pass verdict = iota
	drop
	cut // the connection, and forget the rule
)

// Kinds of messages, by their first byte.
const (
	sync1         = 'S' // of the store: carry out what was sent, which ends a pipeline
	execute1      = 'E' // of the store: a statement of the pipeline
	readyForQuery = 'Z' // of the server: all was carried out
)

// rule judges each message. It is called for one message at a time.
type rule func(kind byte, ofServer bool) verdict

// proxy passes on what a store and its server say to each other, message by message, until it is told to do otherwise.
type proxy struct {
	listener net.Listener
	wait     sync.WaitGroup

	mu      sync.Mutex
	server  string // where new connections lead to
	rule    rule
	rewrite func(message []byte)
	closed  bool
	conns   map[net.Conn]bool
}

// newProxy stands before the server of a URL until the test ends, and returns the URL that leads through it.
func newProxy(t *testing.T, address string) (p *proxy, through string) {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p = &proxy{listener: listener, server: u.Host, conns: make(map[net.Conn]bool)}
	p.wait.Go(p.accept)
	t.Cleanup(p.close)
	u.Host = listener.Addr().String()
	return p, u.String()
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cutAll()
	p.wait.Wait()
}

// obey has messages judged from now on.
func (p *proxy) obey(r rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = r
}

// leadTo has new connections lead to another server.
func (p *proxy) leadTo(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = server
}

// unlock makes every statement that locks rows one that does not, from now on.
func (p *proxy) unlock() {
	locks := []byte("FOR UPDATE")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rewrite = func(message []byte) {
		if at := bytes.Index(message, locks); at >= 0 {
			copy(message[at:], bytes.Repeat([]byte(" "), len(locks)))
		}
	}
}

// cutAll cuts all connections.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) judge(kind byte, ofServer bool, message []byte) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rewrite != nil && !ofServer {
		p.rewrite(message)
	}
	if p.rule == nil {
		return pass
	}
	v := p.rule(kind, ofServer)
	if v == cut {
		p.rule = nil
	}
	return v
}

func (p *proxy) accept() {
	for {
		store, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		to := p.server
		p.mu.Unlock()
		server, err := net.Dial("tcp", to)
		if err != nil {
			_ = store.Close()
			continue
		}
		p.mu.Lock()
		p.conns[store], p.conns[server] = true, true
		if p.closed {
			_ = store.Close()
		}
		p.mu.Unlock()
		end := sync.OnceFunc(func() {
			_, _ = store.Close(), server.Close()
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.conns, store)
			delete(p.conns, server)
		})
		p.wait.Go(func() { defer end(); p.pass(store, server, false) })
		p.wait.Go(func() { defer end(); p.pass(server, store, true) })
	}
}

// pass passes on messages: a byte that tells the kind, four of the length, counting themselves, and the rest. The first of a
// store has no kind.
func (p *proxy) pass(from, to net.Conn, ofServer bool) {
	first := !ofServer
	for {
		header := make([]byte, 5)
		if first {
			header = header[1:]
		}
		if _, err := io.ReadFull(from, header); err != nil {
			return
		}
		rest := make([]byte, binary.BigEndian.Uint32(header[len(header)-4:])-4)
		if _, err := io.ReadFull(from, rest); err != nil {
			return
		}
		v := pass
		if !first {
			v = p.judge(header[0], ofServer, rest)
		}
		first = false
		if v == cut {
			return
		}
		if v == drop {
			continue
		}
		if _, err := to.Write(slices.Concat(header, rest)); err != nil {
			return
		}
	}
}
