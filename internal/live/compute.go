package live

import (
	"context"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

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
