package view

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

// AtLeast is like Picture, but not before the given position, whoever gave it. A node that is behind, in revision or in epoch,
// catches up with the store once, and one whose clock is a little behind waits for it: so a reader who moves from node to node
// does not go back in time. [ErrAhead] if the store is not that far either, [ErrEpoch] if it has another history, and [ErrLaterTerm],
// after the node has looked for another database, if it has found none that the position can be of.
func (v *View) AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*Picture, error) {
	known, err := v.Picture(ctx, id)
	if err != nil {
		return nil, err
	}
	p, err := v.catchUpTo(ctx, known, at)
	mayBeFound := v.config.FindDatabase != nil && at.Epoch.LaterThan(known.Epoch)
	if mayBeFound && (err != nil || at.Epoch.LaterThan(p.Epoch)) && !errors.Is(err, booking.ErrNotFound) {
		p, err = v.findTerm(ctx, id, at, known.Epoch)
	}
	switch {
	case err != nil:
		return nil, err
	case p.Epoch != at.Epoch:
		return nil, ErrEpoch
	case p.Revision < at.Revision:
		return nil, ErrAhead
	}
	return p, v.waitForClock(ctx, at.Boundary)
}

// catchUpTo asks the store once, if a picture is behind a position or of another epoch.
func (v *View) catchUpTo(ctx context.Context, p *Picture, at booking.Position) (*Picture, error) {
	switch {
	case p.Epoch != at.Epoch, at.Boundary.Sub(v.Now()) > clockTolerance:
		return v.readerCatchUp(ctx, p.Venue.ID, at.Revision, true)
	case p.Revision < at.Revision:
		return v.readerCatchUp(ctx, p.Venue.ID, at.Revision, false)
	}
	return p, nil
}

// findTerm is for a reader who has seen another database in charge than this node knows, or says so: the node looks for it, and catches up
// with what it finds.
func (v *View) findTerm(ctx context.Context, id booking.VenueID, at booking.Position, known booking.Epoch) (*Picture, error) {
	v.logLaterTerm(at.Epoch, known)
	looking, cancel := context.WithTimeout(ctx, readerTimeout)
	defer cancel()
	if err := v.config.FindDatabase(looking); err != nil {
		if looking.Err() != nil && ctx.Err() == nil {
			err = errSlowStore
		}
		return nil, fmt.Errorf("%w: %w", ErrLaterTerm, err)
	}
	p, err := v.readerCatchUp(ctx, id, at.Revision, true)
	switch {
	case errors.Is(err, booking.ErrNotFound):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrLaterTerm, err)
	case at.Epoch.LaterThan(p.Epoch):
		return nil, ErrLaterTerm
	}
	return p, nil
}

// logLaterTerm says that a reader knows of a later term, at most once in a while: anybody can make one up.
func (v *View) logLaterTerm(epoch, known booking.Epoch) {
	now, last := v.config.Now(), v.laterTermLogged.Load()
	if last != 0 && now.Sub(time.Unix(0, last)) < laterTermLogInterval || !v.laterTermLogged.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	v.config.Log.Warn("a reader has a position of a later term of the database than this node knows; its hosts are asked",
		"term", epoch.Term(), "known", known.Term())
}
