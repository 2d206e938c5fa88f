package ws

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"vacancy/internal/live"
)

const (
	// pingEvery is the period of the pings, and silence how long a client may be silent, pongs included.
	pingEvery = 15 * time.Second
	silence   = 45 * time.Second
	// fetchTimeout bounds what a subscription may take to be opened, and a booking to be read.
	fetchTimeout = 5 * time.Second
	// readBuffer is the size of a connection's buffer for reading. Most messages fit.
	readBuffer = 512
	// maxFeeds is how many subscriptions a connection may have.
	maxFeeds = 32
	// maxReplies is how many answers may wait for a client that asks and does not read.
	maxReplies = 64
	// policyViolation is the code of a close frame to a client that misbehaves.
	policyViolation = 1008
	// firstName is the id of the subscription that the address of the upgrade asks for.
	firstName = "0"
)

// client is one connection: the [live.Waker] of its subscriptions, and a [live.Connection].
type client struct {
	handler *Handler
	socket  *gws.Conn
	leave   func()
	errand  live.Errand // deliver
	pinger  *time.Timer
	limit   limit // of the goroutine that reads

	pinging atomic.Bool
	leaving atomic.Bool

	mu      sync.Mutex
	feeds   []*feed
	turn    int // of the feed that is asked next
	dropped []*feed
	replies [][]byte
}

func newClient(h *Handler, leave func()) *client {
	c := &client{handler: h, leave: leave, limit: newLimit(time.Now())}
	c.errand.Do = c.deliver
	return c
}

// Wake implements [live.Waker].
func (c *client) Wake() { c.errand.Ask() }

// run serves the connection until the reader has gone.
func (c *client) run() {
	c.socket.Session().Store("", c)
	c.hear()
	c.pinger = time.AfterFunc(time.Hour, c.ping) // which uses the timer, so it must not fire before there is one
	c.pinger.Reset(pingEvery)
	c.socket.ReadLoop()
	c.pinger.Stop()
	c.Cut()
	c.errand.Stop()
	for _, f := range slices.Concat(c.feeds, c.dropped) {
		f.close()
	}
	c.leave()
}

// Leave implements [live.Connection].
func (c *client) Leave() {
	c.leaving.Store(true)
	c.Wake()
}

// Cut implements [live.Connection].
func (c *client) Cut() { _ = c.socket.NetConn().Close() }

// hear notes that the client is alive.
func (c *client) hear() {
	// If the connection is closed, reading ends by itself.
	_ = c.socket.NetConn().SetReadDeadline(time.Now().Add(silence))
}

func (c *client) ping() {
	c.pinging.Store(true)
	c.Wake()
	c.pinger.Reset(pingEvery)
}

// receive does what a message asks for.
func (c *client) receive(data []byte) {
	m, err := parse(data)
	if err != nil {
		c.mistake()
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
	default:
		c.add(m.ID, func(ctx context.Context) (*feed, error) { return c.open(ctx, m) })
	}
}

// add opens a feed, unless there is one of that name.
func (c *client) add(name string, open func(context.Context) (*feed, error)) {
	if err := c.room(name); err != nil {
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

// room tells whether one more feed may be opened. Only the goroutine that reads opens any.
func (c *client) room(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.feeds, func(f *feed) bool { return f.name == name }) {
		return live.Malformed("id", "is that of another subscription of this connection")
	}
	if len(c.feeds) == maxFeeds {
		return live.Malformed("id", "must be one of at most %d subscriptions of a connection", maxFeeds)
	}
	return nil
}

// remove ends a feed, and says so once its last frame is written.
func (c *client) remove(name string) {
	if !c.drop(name) {
		c.refuse(name, live.Malformed("id", "is not that of a subscription of this connection"))
		return
	}
	c.answer(reply("unsubscribed", quote(name), ""))
}

// drop has a feed closed by the errand, which may be reading it. False if there is none of that name.
func (c *client) drop(name string) bool {
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
func (c *client) refuse(name string, err error) {
	c.mistake()
	c.answer(c.refusal(name, err))
}

func (c *client) refusal(name string, err error) []byte {
	code, detail := c.handler.options.Explain(err)
	var id []byte
	if name != "" && len(name) <= maxID {
		id = quote(name)
	}
	return refusal(id, code, detail)
}

// mistake counts an error of the client. Too many end the connection.
func (c *client) mistake() {
	if !c.limit.mistake() {
		c.end("too many errors")
	}
}

// end ends the connection of a client that misbehaves.
func (c *client) end(why string) {
	_ = c.socket.WriteClose(policyViolation, []byte(why)) // it cuts the connection
}

// answer has a reply written. A client that lets too many wait is cut.
func (c *client) answer(b []byte) {
	c.mu.Lock()
	full := len(c.replies) == maxReplies
	if !full {
		c.replies = append(c.replies, b)
	}
	c.mu.Unlock()
	if full {
		c.Cut()
		return
	}
	c.Wake()
}
