package ws

import (
	"errors"
	"time"

	"github.com/lxzan/gws"

	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// writePending writes what there is to write. A connection that does not take it is cut, which ends reading.
func (c *connection) writePending() {
	for c.reconnectAfter.Load() == 0 {
		more, err := c.writeNext()
		if errors.Is(err, gws.ErrConnClosed) {
			return // whoever closes it may still be writing the last word
		}
		if err != nil {
			c.Abort()
			return
		}
		if !more {
			return
		}
	}
	f := live.Goodbye(time.Duration(c.reconnectAfter.Load()))
	if c.write(f, nil) == nil {
		_ = c.socket.WriteClose(goingAway, nil) // it cuts the connection
	}
	c.Abort()
}

// writeNext writes one message. False if there was none.
func (c *connection) writeNext() (more bool, err error) {
	if b := c.reply(); b != nil {
		return true, c.socket.WriteMessage(gws.OpcodeText, b)
	}
	if c.pingDue.Swap(false) {
		return true, c.socket.WritePing(nil)
	}
	f, id := c.frame()
	if f == nil {
		return false, nil
	}
	return true, c.write(f, id)
}

// write writes a frame: what is the connection's own, and then what all share.
func (c *connection) write(f *live.Frame, id []byte) error {
	return c.socket.Writev(gws.OpcodeText, beginMessage(string(f.Event), id), wire.JSON(f)[1:])
}

// reply closes the feeds that were dropped, and takes the first reply that waits.
func (c *connection) reply() []byte {
	c.mu.Lock()
	dropped := c.dropped
	c.dropped = nil
	var first []byte
	if len(c.replies) > 0 {
		first, c.replies = c.replies[0], c.replies[1:]
	}
	c.mu.Unlock()
	for _, f := range dropped {
		f.close()
	}
	return first
}

// frame asks the feeds in turn, until one has a frame.
func (c *connection) frame() (f *live.Frame, id []byte) {
	for range maxSubscriptions {
		feed := c.nextFeed()
		if feed == nil {
			break
		}
		f, err := feed.next()
		if err != nil && c.drop(feed.name) {
			c.answer(c.refusal(feed.name, c.countFailedAuthentication(err)))
		}
		if f != nil {
			return f, feed.id
		}
	}
	return nil, nil
}

// nextFeed is the feed whose turn it is; nil if there is none.
func (c *connection) nextFeed() *feed {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.feeds) == 0 {
		return nil
	}
	c.lastFeed = (c.lastFeed + 1) % len(c.feeds)
	return c.feeds[c.lastFeed]
}
