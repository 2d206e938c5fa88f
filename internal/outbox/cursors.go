package outbox

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
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
	unwritten map[booking.VenueID]moved
}

// moved is a cursor of a venue, and the tenure in which it was moved. If that has ended it is written all the same, so that who has the
// lease now repeats less: the store decides by the lease, and no cursor goes back.
type moved struct {
	cursor store.Cursor
	venue  *venue
	tenure *tenure
}

func newCursors(c *Config, lost func(shardSet)) *cursors {
	return &cursors{
		store: c.Store, bus: c.Name, holder: c.Holder, interval: c.CursorInterval, log: c.Log, meter: c.Meter, lost: lost,
		moved: make(chan struct{}, 1), unwritten: make(map[booking.VenueID]moved),
	}
}

// move has the cursor of a venue written, soon. The caller has the venue.
func (c *cursors) move(v *venue) {
	c.mu.Lock()
	v.unwritten.Store(true)
	c.unwritten[v.id] = moved{cursor: v.cursor, venue: v, tenure: v.tenure}
	c.mu.Unlock()
	select {
	case c.moved <- struct{}{}:
	default:
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
	c.unwritten = make(map[booking.VenueID]moved)
	c.mu.Unlock()
	all := slices.Collect(maps.Values(writing))
	for page := range slices.Chunk(all, cursorPage) {
		if err := c.writePage(ctx, page); err != nil {
			c.putBack(writing)
			return err
		}
		for _, m := range page {
			delete(writing, m.cursor.Venue)
		}
	}
	return nil
}

// writePage writes some of the cursors in one statement.
func (c *cursors) writePage(ctx context.Context, page []moved) error {
	ctx, cancel := context.WithTimeout(ctx, cursorTimeout)
	defer cancel()
	written := make([]store.Cursor, len(page))
	for i, m := range page {
		written[i] = m.cursor
	}
	lost, err := c.store.MoveCursors(ctx, c.bus, c.holder, written)
	if err != nil {
		return err
	}
	var shards shardSet
	c.mu.Lock()
	for _, m := range page {
		if _, newer := c.unwritten[m.cursor.Venue]; !newer {
			m.venue.unwritten.Store(false)
		}
		if m.tenure.ctx.Err() == nil && slices.Contains(lost, m.cursor.Venue) {
			shards = shards.with(m.venue.shard)
		}
	}
	c.mu.Unlock()
	if shards != 0 {
		c.log.Warn("another relay has shards that this one took for its own; their venues are dropped", "bus", c.bus, "shards", shards.size())
		c.lost(shards)
	}
	return nil
}

// putBack keeps for the next writing what was not written, unless there is a newer one.
func (c *cursors) putBack(writing map[booking.VenueID]moved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, m := range writing {
		if _, newer := c.unwritten[id]; !newer {
			c.unwritten[id] = m
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
