package view

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

// Reload reads a venue from the store, whatever its picture is: for a picture that does not fit the store's history.
func (v *View) Reload(ctx context.Context, id booking.VenueID) (*Picture, error) {
	// What is long past is not loaded, so the time must be known.
	if _, err := v.readRevisions(ctx, nil); err != nil {
		return nil, err
	}
	entry, err := v.enter(ctx, id)
	if err != nil {
		return nil, err
	}
	defer entry.mu.Unlock()
	return v.fillLocked(ctx, id, entry)
}

// load reads a venue that is not in memory. Whoever else asks meanwhile waits for the same read.
func (v *View) load(ctx context.Context, id booking.VenueID) (*Picture, error) {
	entry, err := v.enter(ctx, id)
	if err != nil {
		return nil, err
	}
	defer entry.mu.Unlock()
	if p := entry.picture.Load(); p != nil {
		return p, nil
	}
	return v.fillLocked(ctx, id, entry)
}

// fillLocked reads a venue into an entry that may be new.
func (v *View) fillLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	isNew := entry.picture.Load() == nil
	p, err := v.readLocked(ctx, id, entry)
	switch {
	case !isNew:
	case err != nil:
		v.drop(id) // names that do not exist must not fill the memory
	default:
		entry.used.Store(v.config.Now().UnixNano())
		v.makeRoom(id)
	}
	return p, err
}

// enter takes the lock of the venue's entry, which it makes if there is none. An entry that was given up while we waited for its
// lock is no longer the venue's: a picture in it would hear of no change.
func (v *View) enter(ctx context.Context, id booking.VenueID) (*venue, error) {
	for {
		v.mu.Lock()
		entry, ok := v.venues[id]
		if !ok {
			entry = &venue{mu: make(lock, 1)}
			v.venues[id] = entry
		}
		v.mu.Unlock()
		if err := entry.mu.LockUntil(ctx); err != nil {
			return nil, err
		}
		if v.entry(id) == entry {
			return entry, nil
		}
		entry.mu.Unlock()
	}
}

func (v *View) drop(id booking.VenueID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.venues, id)
}

func (v *View) read(ctx context.Context, id booking.VenueID) (_ *Picture, err error) {
	defer func() {
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			err = fmt.Errorf("load venue %s: %w", id, err)
		}
	}()
	since := v.Now().Add(-claimRetention).UTC().Truncate(24 * time.Hour) // ledgers forget whole days
	loaded, err := v.config.Store.Load(ctx, id, since)
	if err != nil {
		return nil, err
	}
	return pictureOf(loaded, since)
}

// readLocked replaces the picture by what the store has. It finds out whether that came of the old one, so that whoever has seen the
// old one can go on.
func (v *View) readLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	p, err := v.read(ctx, id)
	if err != nil {
		return nil, err
	}
	if old := entry.picture.Load(); old != nil {
		same, err := v.sameHistory(ctx, old, p)
		if err != nil {
			return nil, err
		}
		if same {
			p.lineage = old.lineage
		}
	}
	entry.picture.Store(p)
	v.listener.Reloaded(p)
	return p, nil
}

// sameHistory tells whether a picture that was read came of an old one by changes.
func (v *View) sameHistory(ctx context.Context, old, p *Picture) (bool, error) {
	switch {
	case p.Epoch != old.Epoch, p.Revision < old.Revision:
		return false, nil
	case p.Revision == old.Revision:
		return p.Batch == old.Batch, nil
	}
	changes, err := v.config.Store.Changes(ctx, p.Venue.ID, old.Revision-1, 1)
	if err != nil {
		return false, fmt.Errorf("load venue %s: %w", p.Venue.ID, err)
	}
	_, follow := following(old, changes)
	return follow, nil
}

// makeRoom drops the venue that was read longest ago when there are too many, but not the one that was just loaded, nor one
// that is watched: its readers would never hear of a change again.
func (v *View) makeRoom(just booking.VenueID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.venues) <= v.config.MaxVenues {
		return
	}
	var oldest booking.VenueID
	var at int64
	for id, entry := range v.venues {
		used := entry.used.Load()
		if id != just && (oldest == "" || used < at) && !v.listener.Watches(id) {
			oldest, at = id, used
		}
	}
	delete(v.venues, oldest)
}
