package view

import (
	"context"

	"vacancy/internal/booking"
)

// Reload reads a venue from the store, whatever its picture is: for a picture that does not fit the store's history.
func (v *View) Reload(ctx context.Context, id booking.VenueID) (*Picture, error) {
	// What is long past is not loaded, so the time must be known.
	if _, err := v.readRevisions(ctx, nil); err != nil {
		return nil, err
	}
	e, err := v.lockEntry(ctx, id)
	if err != nil {
		return nil, err
	}
	defer e.mu.Unlock()
	return v.fill(ctx, e)
}

// fill reads a venue into an entry that may be new. The entry's lock is held.
func (v *View) fill(ctx context.Context, e *entry) (*Picture, error) {
	isNew := e.picture.Load() == nil
	p, err := v.read(ctx, e)
	switch {
	case !isNew:
	case err != nil:
		v.drop(e) // names that do not exist must not fill the memory
	default:
		e.used.Store(v.config.Now().UnixNano())
		v.evict(e)
	}
	return p, err
}
