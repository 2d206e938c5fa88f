package live

import (
	"context"
	"errors"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Snapshot answers a query from memory, not before the given position if that is not zero: a node that is behind catches up first. If
// the hub has no room for the days of the query, the answer is computed and not kept.
//
// The errors are [booking.ErrNotFound]; [booking.Invalid], which names at_least if the position is of another epoch or ahead of the
// store, and is [ErrRangeTooLong] too if the query asks for too much; [ErrFull]; or what kept the venue from being read.
func (h *Hub) Snapshot(ctx context.Context, q Query, atLeast booking.Position) (*Frame, error) {
	w, seen, err := h.acquireWindow(ctx, q, atLeast)
	if errors.Is(err, ErrFull) {
		return h.computeSnapshot(ctx, q, seen, atLeast)
	}
	if err != nil {
		return nil, err
	}
	defer h.releaseWindow(w)
	st := w.stateFor(seen)
	if at := versionOf(atLeast); at.newerThan(st.version) {
		st = w.venue.stateAtLeast(w, seen, atLeast.Epoch, at)
	}
	return st.snapshot(h.config.View.Freshness(q.Venue)), nil
}

// acquireWindow finds or opens the window of a query, with a picture of which it can be asked. The caller must release the window. If
// the error is [ErrFull], there is a picture all the same.
func (h *Hub) acquireWindow(ctx context.Context, q Query, atLeast booking.Position) (*window, *view.Picture, error) {
	w := h.findWindow(q)
	if w == nil {
		// The query is checked before anything is kept for it, on what the caller has seen already at least; and the picture is
		// read again once changes are noted for it.
		p, err := h.picture(ctx, q.Venue, atLeast)
		if err != nil {
			return nil, nil, err
		}
		o, err := q.check(p, h.config.View.Now(), slotBounds)
		if err != nil {
			return nil, nil, err
		}
		if w, err = h.openWindow(o); err != nil {
			return nil, p, err
		}
		w.venue.initFreshness()
	}
	p, err := h.picture(ctx, q.Venue, atLeast)
	if err == nil && w.askable.Load() != p {
		if _, err = q.check(p, h.config.View.Now(), slotBounds); err == nil {
			w.askable.Store(p)
		}
	}
	if err != nil {
		h.releaseWindow(w)
		return nil, nil, err
	}
	return w, p, nil
}

// picture is the newest picture of a venue, not before a position.
func (h *Hub) picture(ctx context.Context, id booking.VenueID, atLeast booking.Position) (*view.Picture, error) {
	if atLeast == (booking.Position{}) {
		return h.config.View.Picture(ctx, id)
	}
	p, err := h.config.View.AtLeast(ctx, id, atLeast)
	switch {
	case errors.Is(err, view.ErrAhead):
		return nil, booking.NewInvalid("at_least", "is ahead of everything that was stored")
	case errors.Is(err, view.ErrEpoch):
		return nil, booking.NewInvalid("at_least", "is of another history of the database")
	}
	return p, err
}

// computeSnapshot answers a query, which must have been checked, from a picture alone. A few such answers are computed at a time; who
// waits too long for a turn is refused with [ErrFull].
func (h *Hub) computeSnapshot(ctx context.Context, q Query, p *view.Picture, atLeast booking.Position) (*Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, computeTimeout)
	defer cancel()
	select {
	case h.computing <- struct{}{}:
	case <-ctx.Done():
		return nil, ErrFull
	}
	defer func() { <-h.computing }()
	v := h.newVenue(q.Venue) // of which nobody else knows
	v.picture = p
	w := v.detachedWindow(q)
	st := v.refresh(w, v.now())
	if at := versionOf(atLeast); at.newerThan(st.version) && st.epoch == atLeast.Epoch && v.hasReached(at) {
		st = v.advanceVersion(w, st, at)
	}
	return st.snapshot(h.config.View.Freshness(q.Venue)), nil
}

// detachedWindow is a window that is not in the index, on a calendar of its own.
func (v *venue) detachedWindow(q Query) *window {
	c := newCalendar(calendarKey{service: q.Service, resource: q.Resource}, 1)
	c.setCatalogue(v.picture)
	w := &window{query: q, venue: v, calendar: c, cells: make([]*cell, q.days())}
	w.cover(bookableDates(v.picture.Zone, c.service.HorizonDays, v.now()))
	return w
}

// stateFor is the window's state for a picture that was just seen, or a newer one.
func (w *window) stateFor(seen *view.Picture) *state {
	// In this order: refresh stores the state first. The other way, a state older than the picture could be taken for checked.
	checked := w.checkedAgainst.Load()
	st := w.current.Load()
	if st != nil && checked == seen && (st.nextBoundary.IsZero() || w.venue.hub.config.View.Now().Before(st.nextBoundary)) {
		return st
	}
	w.venue.mu.Lock()
	done := false
	defer w.venue.unlock(&done)
	st = w.venue.readWindow(w, seen)
	done = true
	return st
}

// stateAtLeast is the window's state, for a picture that was just seen or a newer one, with a position that is not before the given
// version.
func (v *venue) stateAtLeast(w *window, seen *view.Picture, epoch booking.Epoch, at version) *state {
	v.mu.Lock()
	done := false
	defer v.unlock(&done)
	st := v.readWindow(w, seen)
	done = true
	if st.epoch != epoch || !v.hasReached(at) { // the history has changed just now
		return st
	}
	return v.advanceVersion(w, st, at)
}
