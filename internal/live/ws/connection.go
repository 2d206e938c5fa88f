package ws

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// connection is one socket: the [live.Waker] of its subscriptions, and a [live.Connection].
type connection struct {
	handler *Handler
	socket  *gws.Conn
	// identity is who is counted, and permits what the connection has of the client's watched days.
	identity limit.Client
	permits  live.DayPermits
	// origin is that of the page which opened the connection. Each subscription is held against it.
	origin  Origin
	release func()
	writer  live.Worker // writePending
	pinger  *time.Timer
	rate    rateLimit // of the goroutine that reads

	pingDue atomic.Bool
	// reconnectAfter is set once the client is to leave: what it is told, in nanoseconds.
	reconnectAfter atomic.Int64

	mu       sync.Mutex
	feeds    []*feed
	lastFeed int // of the feed that is asked next
	dropped  []*feed
	replies  [][]byte
}

func newConnection(h *Handler, identity limit.Client, origin Origin, release func()) *connection {
	c := &connection{
		handler: h, identity: identity, permits: h.options.Limits.Permits(identity, limit.WatchedDays), origin: origin,
		release: release, rate: newRateLimit(time.Now()),
	}
	c.writer.Work = func() {
		if !h.options.Hub.Protect("a socket's writer", c.writePending) {
			c.Abort()
		}
	}
	return c
}

// Wake implements [live.Waker].
func (c *connection) Wake() { c.writer.Trigger() }

// run serves the connection until the reader has gone.
func (c *connection) run() {
	defer c.release()
	c.socket.Session().Store("", c)
	c.extendReadDeadline()
	c.pinger = time.AfterFunc(time.Hour, c.ping) // which uses the timer, so it must not fire before there is one
	c.pinger.Reset(pingInterval)
	c.handler.options.Hub.Protect("a socket", c.socket.ReadLoop)
	c.pinger.Stop()
	c.Abort()
	c.writer.Stop()
	c.handler.options.Hub.Protect("a socket's end", func() {
		for _, f := range slices.Concat(c.feeds, c.dropped) {
			f.close()
		}
	})
}

// Shutdown implements [live.Connection].
func (c *connection) Shutdown(reconnectAfter time.Duration) {
	c.reconnectAfter.CompareAndSwap(0, int64(reconnectAfter))
	c.Wake()
}

// Abort implements [live.Connection].
func (c *connection) Abort() { _ = c.socket.NetConn().Close() }

// extendReadDeadline notes that the client is alive.
func (c *connection) extendReadDeadline() {
	// If the connection is closed, reading ends by itself.
	_ = c.socket.NetConn().SetReadDeadline(time.Now().Add(idleTimeout))
}

func (c *connection) ping() {
	c.pingDue.Store(true)
	c.Wake()
	c.pinger.Reset(pingInterval)
}

// receive does what a message asks for.
func (c *connection) receive(data []byte) {
	m, err := parse(data)
	if err != nil {
		c.countRefusal()
		c.answer(refusal(nil, "malformed", err.Error()))
		return
	}
	if err := m.check(); err != nil {
		c.refuse(m.ID, err)
		return
	}
	switch m.Type {
	case "ping":
		c.answer(reply("pong", nil, ""))
	case "unsubscribe":
		c.remove(m.ID)
	default: // a subscription costs what a GET costs
		if err := c.handler.options.Limits.Allow(c.identity, limit.Requests); err != nil {
			c.refuse(m.ID, err)
			return
		}
		c.add(m.ID, func(ctx context.Context) (*feed, error) { return c.open(ctx, m) })
	}
}

// add opens a feed, unless there is one of that name.
func (c *connection) add(name string, open func(context.Context) (*feed, error)) {
	if err := c.checkNewFeed(name); err != nil {
		c.refuse(name, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.handler.ctx, fetchTimeout)
	defer cancel()
	f, err := open(ctx)
	if err != nil {
		c.refuse(name, err)
		return
	}
	c.mu.Lock()
	c.feeds = append(c.feeds, f)
	c.mu.Unlock()
	c.Wake()
}

// checkNewFeed tells whether one more feed may be opened. Only the goroutine that reads opens any.
func (c *connection) checkNewFeed(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.feeds, func(f *feed) bool { return f.name == name }) {
		return wire.Malformed("id", "is that of another subscription of this connection")
	}
	if len(c.feeds) == maxSubscriptions {
		return wire.Malformed("id", "must be one of at most %d subscriptions of a connection", maxSubscriptions)
	}
	return nil
}

// remove ends a feed, and says so once its last frame is written.
func (c *connection) remove(name string) {
	if !c.drop(name) {
		c.refuse(name, wire.Malformed("id", "is not that of a subscription of this connection"))
		return
	}
	c.answer(reply("unsubscribed", quote(name), ""))
}

// drop has a feed closed by the worker, which may be reading it. False if there is none of that name.
func (c *connection) drop(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.feeds, func(f *feed) bool { return f.name == name })
	if i < 0 {
		return false
	}
	c.dropped = append(c.dropped, c.feeds[i])
	c.feeds = slices.Delete(c.feeds, i, i+1)
	return true
}

// refuse answers a message with an error.
func (c *connection) refuse(name string, err error) {
	c.countRefusal()
	c.answer(c.refusal(name, err))
}

func (c *connection) refusal(name string, err error) []byte {
	code, detail := c.handler.options.Explain(err)
	var id []byte
	if name != "" && len(name) <= maxID {
		id = quote(name)
	}
	return refusal(id, code, detail)
}

// countRefusal counts an error of the client. Too many end the connection.
func (c *connection) countRefusal() {
	if !c.rate.allowRefusal() {
		c.closeAbusive("too many errors")
	}
}

// closeAbusive ends the connection of a client that misbehaves.
func (c *connection) closeAbusive(why string) {
	_ = c.socket.WriteClose(policyViolation, []byte(why)) // it cuts the connection
}

// answer has a reply written. A client that lets too many wait is cut.
func (c *connection) answer(b []byte) {
	c.mu.Lock()
	full := len(c.replies) == maxReplies
	if !full {
		c.replies = append(c.replies, b)
	}
	c.mu.Unlock()
	if full {
		c.Abort()
		return
	}
	c.Wake()
}
