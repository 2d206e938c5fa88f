package view

import (
	"context"
	"errors"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const (
	// checkEvery is the period of the freshness check.
	checkEvery = time.Second
	// checkTimeout bounds how long a check waits for the store, and then for the venues that it found wanting.
	checkTimeout = 2 * time.Second
	// alignAtOnce is how many venues are brought up to date side by side.
	alignAtOnce = 4
	// forgetEvery is how often the past is dropped from the ledgers.
	forgetEvery = time.Hour
	// jump is how far the store's clock must be from where it was expected for anybody to hear of it.
	jump = 100 * time.Millisecond
)

// Sync asks the store for the time once: before it, the view goes by the node's own clock. Call it before anything is read.
func (v *View) Sync(ctx context.Context) error {
	current, err := v.ask(ctx, nil)
	if err == nil {
		v.asOf.Store(current.Now.UnixNano())
	}
	return err
}

// Run checks the view's freshness on a short period until ctx ends: it compares what is in memory with the store, catches
// up where they differ, and tells the listener when the store cannot be read. It also drops what is long past.
func (v *View) Run(ctx context.Context) {
	defer v.aligning.Wait()
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	forgotten := v.config.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		v.Check(ctx)
		if now := v.config.Now(); now.Sub(forgotten) >= forgetEvery {
			v.forget(v.Now())
			forgotten = now
		}
	}
}

// Check compares the view with the store once. If the store cannot be read, the view is stale. A venue that differs is brought up
// to date; one that cannot be, or not soon, is stale alone.
func (v *View) Check(ctx context.Context) {
	pictures := v.pictures()
	ids := make([]booking.VenueID, 0, len(pictures))
	for id := range pictures {
		ids = append(ids, id)
	}
	current, err := v.ask(ctx, ids)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing of the store
	}
	before := v.asOf.Load()
	if err == nil {
		v.align(ctx, pictures, current, before)
		v.asOf.Store(current.Now.UnixNano())
	}
	if stale := err != nil; v.stale.CompareAndSwap(!stale, stale) {
		v.announce(stale, err)
	}
}

// ask reads the revisions of venues, and with them the store's clock.
func (v *View) ask(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	before := v.config.Now()
	current, err := v.config.Store.Revisions(ctx, ids)
	if err != nil {
		return current, err
	}
	if moved := v.clock.Observe(before, v.config.Now(), current.Now); moved.Abs() > jump {
		v.config.Log.Warn("the store's clock is not where it was expected; following it", "ahead_by", moved)
		v.listener.ClockMoved()
	}
	return current, nil
}

func (v *View) announce(stale bool, err error) {
	if _, asOf := v.Freshness(""); stale {
		v.config.Log.Error("the store cannot be read; availability is served from memory, marked stale", "as_of", asOf, "error", err)
	} else {
		v.config.Log.Info("the store can be read again; availability is fresh")
	}
	v.listener.Fresh("")
}

// difference is what a picture is to the store's venue.
type difference int

const (
	equal difference = iota
	// behind: the changes that follow the picture's revision are missing.
	behind
	// foreign: the picture is of another history, as of a database that was restored or promoted, or lacks what it forgot too early,
	// by a clock that was ahead.
	foreign
)

func compare(p *Picture, id booking.VenueID, current store.Revisions) difference {
	last, ok := current.Of[id]
	switch {
	case !ok || current.Epoch != p.Epoch || last.Revision < p.Revision || !p.Knows(current.Now):
		return foreign
	case last.Revision > p.Revision:
		return behind // or foreign: the changes tell
	case last.Batch != p.Batch:
		return foreign
	}
	return equal
}

// align brings the venues up to date whose pictures differ from what the store has. It does not wait long: those that it leaves
// behind go on by themselves, and are stale since then meanwhile.
func (v *View) align(ctx context.Context, pictures map[booking.VenueID]*Picture, current store.Revisions, since int64) {
	gate := make(chan struct{}, alignAtOnce)
	waiting := make(map[booking.VenueID]*venue)
	var all sync.WaitGroup
	for id, p := range pictures {
		entry := v.entry(id)
		if entry == nil {
			continue
		}
		found := compare(p, id, current)
		if found == equal {
			v.mark(id, entry, 0, nil)
			continue
		}
		waiting[id] = entry
		if !entry.aligning.CompareAndSwap(false, true) {
			continue
		}
		all.Add(1)
		v.aligning.Go(func() {
			defer all.Done()
			defer entry.aligning.Store(false)
			select {
			case gate <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-gate }()
			if ctx.Err() != nil {
				return // both were ready
			}
			v.alignOne(ctx, id, entry, found, current.Of[id].Revision, since)
		})
	}
	if len(waiting) == 0 {
		return
	}
	v.wait(ctx, &all)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing of the venues
	}
	for id, entry := range waiting {
		if entry.aligning.Load() {
			v.mark(id, entry, since, context.DeadlineExceeded)
		}
	}
}

// wait waits for all, but not long.
func (v *View) wait(ctx context.Context, all *sync.WaitGroup) {
	done := make(chan struct{})
	v.aligning.Go(func() {
		all.Wait()
		close(done)
	})
	timer := time.NewTimer(checkTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// alignOne brings a venue up to date that a check found wanting.
func (v *View) alignOne(
	ctx context.Context, id booking.VenueID, entry *venue, found difference, revision booking.Revision, since int64,
) {
	_, err := v.catchUp(ctx, id, revision, found == foreign)
	if ctx.Err() == nil && !errors.Is(err, booking.ErrNotFound) {
		v.mark(id, entry, since, err)
	}
}

// mark notes whether a venue could be brought up to date, and else since when it is not.
func (v *View) mark(id booking.VenueID, entry *venue, since int64, err error) {
	switch lost := entry.lost.Load(); {
	case err == nil && lost != 0:
		entry.lost.Store(0)
		v.config.Log.Info("a venue could be brought up to date again", "venue", id)
	case err != nil && lost == 0:
		entry.lost.Store(since)
		v.config.Log.Error("a venue cannot be brought up to date; it is served from memory, marked stale", "venue", id, "error", err)
	default:
		return
	}
	v.listener.Fresh(id)
}

func (v *View) pictures() map[booking.VenueID]*Picture {
	v.mu.RLock()
	defer v.mu.RUnlock()
	pictures := make(map[booking.VenueID]*Picture, len(v.venues))
	for id, entry := range v.venues {
		if p := entry.picture.Load(); p != nil {
			pictures[id] = p
		}
	}
	return pictures
}

func (v *View) forget(now time.Time) {
	v.mu.RLock()
	entries := make([]*venue, 0, len(v.venues))
	for _, entry := range v.venues {
		entries = append(entries, entry)
	}
	v.mu.RUnlock()
	for _, entry := range entries {
		entry.mu.Lock()
		if p := entry.picture.Load(); p != nil {
			entry.picture.Store(p.forget(now.Add(-keep)))
		}
		entry.mu.Unlock()
	}
}
