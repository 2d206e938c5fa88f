package view

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// What is read of a venue from the store, downwards: refresh decides between the changes that are missing (applyMissing) and the whole
// venue (replace, read). The entry's lock is held in all of them.

// refresh brings an entry's picture to what the store has. If it is doubted that the picture is of the store's history, the store is
// asked for its epoch, revision and time first.
func (v *View) refresh(ctx context.Context, e *entry, doubted bool) (*Picture, error) {
	p := e.picture.Load()
	if p == nil {
		return v.fill(ctx, e)
	}
	found, epoch := behind, p.Epoch
	if doubted {
		current, err := v.readRevisions(ctx, []booking.VenueID{e.id})
		if err != nil {
			return nil, err
		}
		found, epoch = compare(p, e.id, current), current.Epoch
	}
	switch found {
	case equal:
		return p, nil
	case behind:
		next, applied, err := v.applyMissing(ctx, e, p)
		if applied || err != nil && !errors.Is(err, store.ErrDamaged) { // the venue can be read where one of its changes cannot
			return next, err
		}
	case otherHistory:
	}
	return v.replace(ctx, e, epoch)
}

// replace reads a venue anew that has a picture. If the store, which is of the given epoch, does not have it any more, it is dropped.
func (v *View) replace(ctx context.Context, e *entry, epoch booking.Epoch) (*Picture, error) {
	p, err := v.read(ctx, e)
	if errors.Is(err, booking.ErrNotFound) {
		removed := e.picture.Load().removed(epoch)
		v.drop(e)
		e.picture.Store(nil)
		v.listener.Reloaded(removed)
	}
	return p, err
}

// read reads a venue from the store. It finds out whether what it read came of the picture that it replaces, so that whoever has seen
// that one can go on.
func (v *View) read(ctx context.Context, e *entry) (_ *Picture, err error) {
	defer func() {
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			err = fmt.Errorf("load venue %s: %w", e.id, err)
		}
	}()
	since := v.Now().Add(-claimRetention).UTC().Truncate(24 * time.Hour) // ledgers forget whole days
	loaded, err := v.config.Store.Load(ctx, e.id, since)
	if err != nil {
		return nil, err
	}
	p, err := pictureOf(loaded, since)
	if err != nil {
		return nil, err
	}
	if old := e.picture.Load(); old != nil {
		same, err := v.sameHistory(ctx, old, p)
		if err != nil {
			return nil, err
		}
		if same {
			p.lineage = old.lineage
		}
	}
	e.picture.Store(p)
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
	if errors.Is(err, store.ErrDamaged) {
		return false, nil // nobody can tell
	}
	if err != nil {
		return false, err
	}
	_, same := following(old, changes)
	return same, nil
}
