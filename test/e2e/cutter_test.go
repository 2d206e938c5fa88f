package e2e

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// cutter passes connections on to a server, and cuts them all when it is told to.
type cutter struct {
	listener net.Listener
	target   string
	wrap     func(net.Conn) net.Conn

	mu    sync.Mutex
	conns map[net.Conn]bool
	copy  sync.WaitGroup
}

func newCutter(t *testing.T, url string) *cutter {
	t.Helper()
	return newCutterTo(t, strings.TrimPrefix(url, "http://"), func(c net.Conn) net.Conn { return c })
}

// newCutterTo passes connections on to an address. Both ends of each are wrapped.
func newCutterTo(t *testing.T, target string, wrap func(net.Conn) net.Conn) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cutter{listener: listener, target: target, wrap: wrap, conns: make(map[net.Conn]bool)}
	c.copy.Go(c.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		c.Cut()
		c.copy.Wait()
	})
	return c
}

// URL is the address to connect to instead of the server's.
func (c *cutter) URL() string { return "http://" + c.listener.Addr().String() }

// Cut ends every connection at once, without a word.
func (c *cutter) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.conns {
		_ = conn.Close()
	}
	clear(c.conns)
}

func (c *cutter) accept() {
	for {
		in, err := c.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", c.target)
		if err != nil {
			_ = in.Close()
			continue
		}
		c.mu.Lock()
		c.conns[in], c.conns[out] = true, true
		c.mu.Unlock()
		c.copy.Go(func() { c.pass(c.wrap(in), out) })
		c.copy.Go(func() { c.pass(c.wrap(out), in) })
	}
}

// pass copies until either side ends, and then ends both.
func (c *cutter) pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}
