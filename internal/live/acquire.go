package live

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

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
		w.venue.queue.offer(p)
		w.venue.initFreshness()
	}
	p, err := w.venue.latestPicture(ctx, atLeast)
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
	case errors.Is(err, booking.ErrUnavailable):
		return nil, err
	case errors.Is(err, view.ErrLaterTerm):
		h.config.Metrics.LaterTerm()
		return nil, fmt.Errorf("%w: %w", ErrLaterTerm,
			booking.NewInvalid("at_least", "is of a later term of the database than this server knows"))
	case errors.Is(err, view.ErrAhead):
		return nil, booking.NewInvalid("at_least", "is ahead of everything that was stored")
	case errors.Is(err, view.ErrEpoch):
		return nil, booking.NewInvalid("at_least", "is of another history of the database")
	}
	return p, err
}

// latestPicture is the newest picture of a venue that the hub knows. It is there also if the view has dropped it meanwhile, to make room
// for others, and the store cannot be read: the view gets back what the hub has.
func (v *venue) latestPicture(ctx context.Context, atLeast booking.Position) (*view.Picture, error) {
	h := v.hub
	if stale, _ := h.config.View.Freshness(""); stale {
		if known := v.known(atLeast); known != nil { // nobody waits for a store that is known not to answer
			return h.config.View.Reinsert(known), nil
		}
	}
	p, err := h.picture(ctx, v.id, atLeast)
	if errors.Is(err, booking.ErrUnavailable) {
		if known := v.known(atLeast); known != nil {
			return h.config.View.Reinsert(known), nil
		}
	}
	return p, err
}

// known is the last picture that the hub has heard of, if it is not before the given position; else nil.
func (v *venue) known(atLeast booking.Position) *view.Picture {
	p := v.queue.last()
	if p == nil || atLeast != (booking.Position{}) && (p.Epoch != atLeast.Epoch || p.Revision < atLeast.Revision) {
		return nil
	}
	return p
}
