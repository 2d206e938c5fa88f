package view

import (
	"context"
	"errors"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Sync asks the store for the time once: before it, the view goes by the node's own clock. Call it before anything is read.
func (v *View) Sync(ctx context.Context) error {
	current, err := v.readRevisions(ctx, nil)
	if err == nil {
		v.asOf.Store(current.Now.UnixNano())
	}
	return err
}

// StartStale is instead of Sync where the store can be read and not asked for what is new: all is stale until a check says otherwise, and
// was known to be all there is at asOf.
func (v *View) StartStale(asOf time.Time, err error) {
	v.asOf.Store(asOf.UnixNano())
	v.stale.Store(true)
	v.logStale(true, err)
}

// Run checks the view's freshness on a short period until ctx ends: it compares what is in memory with the store, catches
// up where they differ, and tells the listener when the store cannot be read. It also drops what is long past.
func (v *View) Run(ctx context.Context) {
	defer v.end()
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	forgotten := v.config.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		v.Check(ctx)
		if now := v.config.Now(); now.Sub(forgotten) >= pruneInterval {
			v.pruneClaims(v.Now())
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
	current, err := v.readRevisions(ctx, ids)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing of the store
	}
	before := v.asOf.Load()
	if err == nil {
		v.catchUpLagging(ctx, pictures, current, before)
		v.asOf.Store(current.Now.UnixNano())
	}
	if stale := err != nil; v.stale.CompareAndSwap(!stale, stale) {
		v.logStale(stale, err)
	}
}

// readRevisions reads the revisions of venues, and with them the store's clock.
func (v *View) readRevisions(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	before := v.config.Now()
	current, err := v.config.Store.Revisions(ctx, ids)
	if err != nil {
		return current, err
	}
	if moved := v.clock.Observe(before, v.config.Now(), current.Now); moved.Abs() > clockJump {
		v.config.Log.Warn("the store's clock is not where it was expected; following it", "ahead_by", moved)
		v.listener.ClockMoved()
	}
	return current, nil
}

func (v *View) logStale(stale bool, err error) {
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
	// otherHistory: the picture is of another history, as of a database that was restored or promoted, or lacks what it forgot too early,
	// by a clock that was ahead.
	otherHistory
)

func compare(p *Picture, id booking.VenueID, current store.Revisions) difference {
	last, ok := current.Of[id]
	switch {
	case !ok || current.Epoch != p.Epoch || last.Revision < p.Revision || !p.Knows(current.Now):
		return otherHistory
	case last.Revision > p.Revision:
		return behind // or foreign: the changes tell
	case last.Batch != p.Batch:
		return otherHistory
	}
	return equal
}

// catchUpLagging brings the venues up to date whose pictures differ from what the store has. It does not wait long: those that it leaves
// behind go on by themselves, and are stale since then meanwhile.
func (v *View) catchUpLagging(ctx context.Context, pictures map[booking.VenueID]*Picture, current store.Revisions, since int64) {
	gate := make(chan struct{}, maxConcurrentCatchUps)
	waiting := make(map[booking.VenueID]*entry)
	var all sync.WaitGroup
	for id, p := range pictures {
		e := v.entry(id)
		if e == nil {
			continue
		}
		found := compare(p, id, current)
		if found == equal {
			v.setLagging(id, e, 0, nil)
			continue
		}
		waiting[id] = e
		if !e.catchingUp.CompareAndSwap(false, true) {
			continue
		}
		all.Add(1)
		v.catchingUp.Go(func() {
			defer all.Done()
			defer e.catchingUp.Store(false)
			select {
			case gate <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-gate }()
			if ctx.Err() != nil {
				return // both were ready
			}
			v.catchUpOne(ctx, id, e, found, current.Of[id].Revision, since)
		})
	}
	if len(waiting) == 0 {
		return
	}
	v.waitForCatchUps(ctx, &all)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing of the venues
	}
	for id, e := range waiting {
		if e.catchingUp.Load() {
			v.setLagging(id, e, since, context.DeadlineExceeded)
		}
	}
}

// waitForCatchUps waits for all, but not long.
func (v *View) waitForCatchUps(ctx context.Context, all *sync.WaitGroup) {
	done := make(chan struct{})
	v.catchingUp.Go(func() {
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

// catchUpOne brings a venue up to date that a check found wanting.
func (v *View) catchUpOne(
	ctx context.Context, id booking.VenueID, e *entry, found difference, revision booking.Revision, since int64,
) {
	_, err := v.catchUp(ctx, id, revision, found == otherHistory)
	if ctx.Err() == nil && !errors.Is(err, booking.ErrNotFound) {
		v.setLagging(id, e, since, err)
	}
}

// setLagging notes whether a venue could be brought up to date, and else since when it is not.
func (v *View) setLagging(id booking.VenueID, e *entry, since int64, err error) {
	switch lost := e.laggingSince.Load(); {
	case err == nil && lost != 0:
		e.laggingSince.Store(0)
		v.config.Log.Info("a venue could be brought up to date again", "venue", id)
	case err != nil && lost == 0:
		e.laggingSince.Store(since)
		v.config.Log.Error("a venue cannot be brought up to date; it is served from memory, marked stale", "venue", id, "error", err)
	default:
		return
	}
	v.listener.Fresh(id)
}
