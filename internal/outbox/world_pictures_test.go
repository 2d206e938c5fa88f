package outbox_test

import (
	"context"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Picture and the others are the pictures of the newest revision, durable or not.
func (w *world) Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	if err := w.call(ctx, "Picture", id); err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	if w.venues[id] == nil {
		return nil, booking.ErrNotFound
	}
	return w.venues[id].newest(), nil
}

func (w *world) AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*view.Picture, error) {
	p, err := w.Picture(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case p.Epoch != at.Epoch:
		return nil, view.ErrEpoch
	case p.Revision < at.Revision:
		return nil, view.ErrAhead
	}
	return p, nil
}

func (w *world) Reload(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	return w.Picture(ctx, id)
}

func (w *world) Apply(context.Context, booking.Change) {}
