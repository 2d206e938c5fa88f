package outbox

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Pictures are the relay's own, so that it evicts none of those that customers read. A [view.View] is one.
type Pictures interface {
	Picture(ctx context.Context, venue booking.VenueID) (*view.Picture, error)
	Apply(ctx context.Context, c booking.Change)
	AtLeast(ctx context.Context, venue booking.VenueID, at booking.Position) (*view.Picture, error)
	Reload(ctx context.Context, venue booking.VenueID) (*view.Picture, error)
}

var _ Pictures = (*view.View)(nil)

// errUnproven: a picture was ahead of what is proven durable, each time that it was looked at.
var errUnproven = errors.New("the picture is ahead of what is known to be durable")

// picture is one of a venue at a revision or beyond it, that has nothing in it which is not proven to be durable.
func (r *Relay) picture(ctx context.Context, id booking.VenueID, found *behind, revision booking.Revision) (*view.Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	r.applyChanges(ctx, id, found, revision)
	p, err := r.pictureAt(ctx, id, found, revision)
	if err != nil {
		return nil, err
	}
	proven := found.Revision
	for range maxProofs {
		if p.Revision <= proven {
			return p, nil
		}
		proof, err := r.config.Store.DurableChanges(ctx, id, p.Revision, 1)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return nil, fmt.Errorf("prove that revision %d is durable: %w", p.Revision, err)
		}
		if proof.Epoch != found.Epoch {
			return nil, fmt.Errorf("%w: the epoch is another by now", store.ErrUnavailable)
		}
		proven = proof.Revision
	}
	return nil, errUnproven
}

// applyChanges puts the changes that were read on the picture in memory, so that they are not read again, if it is of their history.
func (r *Relay) applyChanges(ctx context.Context, id booking.VenueID, found *behind, to booking.Revision) {
	p, err := r.config.Pictures.Picture(ctx, id)
	if err != nil || p.Epoch != found.Epoch {
		return
	}
	if at := found.change(p.Revision); at == nil || at.Batch != p.Batch {
		return
	}
	for next := p.Revision + 1; next <= to; next++ {
		if c := found.change(next); c != nil {
			r.config.Pictures.Apply(ctx, *c)
		}
	}
}

// pictureAt is a picture that has a revision of the history that was read. One that does not fit is loaded anew.
func (r *Relay) pictureAt(ctx context.Context, id booking.VenueID, found *behind, revision booking.Revision) (*view.Picture, error) {
	p, err := r.config.Pictures.AtLeast(ctx, id, booking.Position{Epoch: found.Epoch, Revision: revision})
	fits := func() bool {
		c := found.change(p.Revision)
		return c == nil || c.Batch == p.Batch
	}
	if err != nil && !errors.Is(err, store.ErrDamaged) || err == nil && fits() {
		return p, err
	}
	switch p, err = r.config.Pictures.Reload(ctx, id); {
	case err != nil:
		return nil, err
	case p.Epoch != found.Epoch || p.Revision < revision || !fits():
		return nil, fmt.Errorf("%w: the venue has another history by now", store.ErrUnavailable)
	}
	return p, nil
}
