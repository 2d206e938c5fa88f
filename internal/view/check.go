package view

import (
	"context"
	"errors"
	"time"

	"vacancy/internal/booking"
)

// Run checks the view's freshness on a short period until ctx ends: it compares the revisions in memory with the store's, catches
// up where they differ, and tells the listener when the store cannot be read. It also drops what is long past.
func (v *View) Run(ctx context.Context) {
	v.asOf.Store(v.config.Now().UnixNano())
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
			v.forget(now)
			forgotten = now
		}
	}
}

// Check compares the view with the store once.
func (v *View) Check(ctx context.Context) {
	began := v.config.Now()
	bounded, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := v.compare(bounded)
	if ctx.Err() != nil {
		return // we are stopping; that says nothing of the store
	}
	if err == nil {
		v.asOf.Store(began.UnixNano())
	}
	if stale := err != nil; v.stale.CompareAndSwap(!stale, stale) {
		v.announce(stale, err)
	}
}

func (v *View) announce(stale bool, err error) {
	asOf := time.Unix(0, v.asOf.Load()).UTC()
	if stale {
		v.config.Log.Error("the store cannot be read; availability is served from memory, marked stale", "as_of", asOf, "error", err)
	} else {
		v.config.Log.Info("the store can be read again; availability is fresh")
	}
	v.listener.Fresh(stale, asOf)
}

// compare reads the revisions of every venue in memory, and catches up with those that moved.
func (v *View) compare(ctx context.Context) error {
	pictures := v.pictures()
	ids := make([]booking.VenueID, 0, len(pictures))
	for id := range pictures {
		ids = append(ids, id)
	}
	current, err := v.config.Store.Revisions(ctx, ids)
	if err != nil {
		return err
	}
	var failed error
	for id, p := range pictures {
		revision, ok := current.Of[id]
		switch {
		case !ok || current.Epoch != p.Epoch || revision < p.Revision:
			// Another history than the one in memory: a restored or promoted database.
			failed = errors.Join(failed, v.reloadStale(ctx, id, p))
		case revision > p.Revision:
			failed = errors.Join(failed, v.Hint(ctx, id, revision))
		}
	}
	return failed
}

// reloadStale reads a venue anew, unless its picture is no longer the one that was found wanting.
func (v *View) reloadStale(ctx context.Context, id booking.VenueID, found *Picture) error {
	entry := v.entry(id)
	if entry == nil {
		return nil
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.picture.Load() != found {
		return nil
	}
	_, err := v.readLocked(ctx, id, entry)
	if errors.Is(err, booking.ErrNotFound) {
		entry.picture.Store(nil)
		return nil
	}
	return err
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
