package view

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock is a store's clock as a node knows it: set by what the store says, and run on in between by the node's own clock. If that
// is [time.Now], its monotonic part counts alone: what the node believes the time to be does not matter, nor does it if that is
// changed. Its methods may be called from any goroutine.
type Clock struct {
	local func() time.Time

	mu      sync.Mutex // of Observe
	reading atomic.Pointer[clockReading]
}

// clockReading is what the store's clock showed when the node's showed local.
type clockReading struct {
	local, store time.Time
}

// NewClock makes a clock that goes by the node's own until it is told better.
func NewClock(local func() time.Time) *Clock {
	c := &Clock{local: local}
	now := local()
	c.reading.Store(&clockReading{local: now, store: now.Round(0)})
	return c
}

// Now is the store's clock.
func (c *Clock) Now() time.Time { return c.at(c.local()) }

// at is the store's clock when the node's shows, or showed, the given time.
func (c *Clock) at(local time.Time) time.Time {
	s := c.reading.Load()
	return s.store.Add(local.Sub(s.local))
}

// Observe takes in that the store's clock showed a time somewhere between two readings of the node's own, and returns how far the
// clock had to be moved for that. It is moved as little as will do, so that answers which take now longer and now shorter do not
// add jitter: nodes that ask one store agree to within the time that an answer takes, and mostly much better.
func (c *Clock) Observe(before, after, store time.Time) (moved time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if latest := c.at(after); store.After(latest) {
		moved = store.Sub(latest)
	} else if most, earliest := store.Add(storeClockGranularity), c.at(before); most.Before(earliest) {
		moved = most.Sub(earliest)
	}
	if moved != 0 {
		c.reading.Store(&clockReading{local: after, store: c.at(after).Add(moved)})
	}
	return moved
}
