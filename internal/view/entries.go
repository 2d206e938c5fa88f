package view

import (
	"context"
	"sync"
	"sync/atomic"

	"vacancy/internal/booking"
)

// entry is one venue's place in memory.
type entry struct {
	id booking.VenueID
	// mu serialises loads and changes of this venue. Readers need no lock.
	mu      lock
	picture atomic.Pointer[Picture]
	used    atomic.Int64 // Unix nanoseconds of the last read, by the node's own clock

	// joining guards next, the catch-up that has not begun yet.
	joining sync.Mutex
	next    *catchUp

	// catchingUp: a goroutine of a check brings it up to date. laggingSince is when it was last known to equal the store, in Unix
	// nanoseconds, if it could not be brought up to date since; else 0.
	catchingUp   atomic.Bool
	laggingSince atomic.Int64
}

// lock is a mutex that whoever waits for it may leave: it is held for as long as the store takes.
type lock chan struct{}

func (l lock) Lock() { l <- struct{}{} }

func (l lock) Unlock() { <-l }

// LockUntil takes the lock, unless ctx ends before; then it returns the context's error.
func (l lock) LockUntil(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// entry is the venue's entry, nil if it has none.
func (v *View) entry(id booking.VenueID) *entry {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.venues[id]
}

// findOrAdd is the venue's entry, a new one without a picture if it had none.
func (v *View) findOrAdd(id booking.VenueID) *entry {
	if e := v.entry(id); e != nil {
		return e
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.venues[id]
	if !ok {
		e = &entry{id: id, mu: make(lock, 1)}
		v.venues[id] = e
	}
	return e
}

// lockEntry takes the lock of the venue's entry, which it makes if there is none. An entry that was dropped while we waited for its
// lock is no longer the venue's: a picture in it would hear of no change.
func (v *View) lockEntry(ctx context.Context, id booking.VenueID) (*entry, error) {
	for {
		e := v.findOrAdd(id)
		if err := e.mu.LockUntil(ctx); err != nil {
			return nil, err
		}
		if v.entry(id) == e {
			return e, nil
		}
		e.mu.Unlock()
	}
}

// insert gives a picture an entry, unless its venue has one.
func (v *View) insert(p *Picture) *entry {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.venues[p.Venue.ID]
	if !ok {
		e = &entry{id: p.Venue.ID, mu: make(lock, 1)}
		e.picture.Store(p)
		e.used.Store(v.config.Now().UnixNano())
		v.venues[p.Venue.ID] = e
	}
	return e
}

func (v *View) drop(e *entry) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.venues, e.id)
}

// pictures are all that are in memory.
func (v *View) pictures() map[booking.VenueID]*Picture {
	v.mu.RLock()
	defer v.mu.RUnlock()
	pictures := make(map[booking.VenueID]*Picture, len(v.venues))
	for id, e := range v.venues {
		if p := e.picture.Load(); p != nil {
			pictures[id] = p
		}
	}
	return pictures
}

// Sizes tells how many venues are in memory, and how many of them could not be brought up to date.
func (v *View) Sizes() (venues, lagging int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, e := range v.venues {
		if e.laggingSince.Load() != 0 {
			lagging++
		}
	}
	return len(v.venues), lagging
}
