package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"vacancy/internal/store"
)

// cursors writes the cursors of all venues together, at most once in an interval. What is not written is sent again after a crash.
type cursors struct {
	store       store.Relay
	bus, holder string
	interval    time.Duration
	log         *slog.Logger
	meter       Meter
	// lost is told of shards of which the store says that another relay has them.
	lost func(shardSet)

	// moved tells run that something has moved.
	moved chan struct{}

	mu sync.Mutex
	// unwritten are the newest cursors that the store does not have.
	unwritten map[*venue]moved
}

// moved is a cursor, and the tenure in which it was moved.
type moved struct {
	cursor store.Cursor
	tenure *tenure
}

func newCursors(c *Config, lost func(shardSet)) *cursors {
	return &cursors{
		store: c.Store, bus: c.Name, holder: c.Holder, interval: c.CursorInterval, log: c.Log, meter: c.Meter, lost: lost,
		moved: make(chan struct{}, 1), unwritten: make(map[*venue]moved),
	}
}

// move has the cursor of a venue written, soon. The caller has the venue.
func (c *cursors) move(v *venue) {
	c.mu.Lock()
	v.unwritten.Store(true)
	c.unwritten[v] = moved{cursor: v.cursor, tenure: v.tenure}
	c.mu.Unlock()
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

// forget drops the cursors of shards that were lost.
func (c *cursors) forget(shards shardSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for v := range c.unwritten {
		if shards.has(v.shard) {
			delete(c.unwritten, v)
		}
	}
}

// run writes cursors until ctx ends.
func (c *cursors) run(ctx context.Context) {
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.moved:
		}
		delay := c.interval
		if failures > 0 {
			delay = storeDelays.after(failures)
		}
		if !wait(ctx, delay) {
			return
		}
		switch err := c.write(ctx); {
		case err == nil && failures > 0:
			failures = 0
			c.log.Info("the cursors of the relay are written again", "bus", c.bus)
		case err != nil && ctx.Err() == nil:
			if failures++; failures == 1 {
				c.log.Warn("the cursors of the relay cannot be written; what is sent meanwhile would be sent again after a crash",
					"bus", c.bus, "error", err)
			}
			c.meter.Failed(FailedCursors)
			select {
			case c.moved <- struct{}{}:
			default:
			}
		}
	}
}

// write writes all cursors that have moved.
func (c *cursors) write(ctx context.Context) error {
	c.mu.Lock()
	writing := c.unwritten
	c.unwritten = make(map[*venue]moved)
	c.mu.Unlock()
	page := make([]store.Cursor, 0, min(len(writing), cursorPage))
	venues := make([]*venue, 0, cap(page))
	var err error
	flush := func() {
		if len(page) > 0 && err == nil {
			err = c.writePage(ctx, page, venues, writing)
		}
		page, venues = page[:0], venues[:0]
	}
	for v, m := range writing {
		if m.tenure.ctx.Err() != nil {
			delete(writing, v)
			continue
		}
		page, venues = append(page, m.cursor), append(venues, v)
		if len(page) == cursorPage {
			flush()
		}
	}
	flush()
	c.putBack(writing)
	return err
}

// writePage writes some of the cursors in one statement, and takes them out of those that are to be written.
func (c *cursors) writePage(ctx context.Context, page []store.Cursor, venues []*venue, writing map[*venue]moved) error {
	ctx, cancel := context.WithTimeout(ctx, cursorTimeout)
	defer cancel()
	lost, err := c.store.MoveCursors(ctx, c.bus, c.holder, page)
	if err != nil {
		return err
	}
	c.mu.Lock()
	for _, v := range venues {
		delete(writing, v)
		if _, newer := c.unwritten[v]; !newer {
			v.unwritten.Store(false)
		}
	}
	c.mu.Unlock()
	var shards shardSet
	for _, id := range lost {
		shards = shards.with(store.ShardOf(id))
	}
	if shards != 0 {
		c.log.Warn("another relay has shards that this one took for its own; their venues are dropped", "bus", c.bus, "shards", shards.size())
		c.lost(shards)
	}
	return nil
}

// putBack keeps for the next writing what was not written, unless there is a newer one.
func (c *cursors) putBack(writing map[*venue]moved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for v, m := range writing {
		if _, newer := c.unwritten[v]; !newer && m.tenure.ctx.Err() == nil {
			c.unwritten[v] = m
		}
	}
}

// wait waits; false if ctx ended before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
