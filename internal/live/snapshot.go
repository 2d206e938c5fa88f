package live

import (
	"context"
	"errors"
	"time"
	"weak"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Snapshot answers a query from memory, not before the given position if that is not zero: a node that is behind catches up first.
//
// The errors are [booking.ErrNotFound]; [booking.Invalid], which names at_least if the position is of another epoch or ahead of the
// store; [ErrFull]; or what kept the venue from being read.
func (h *Hub) Snapshot(ctx context.Context, q Query, atLeast booking.Position) (*Frame, error) {
	w, seen, err := h.acquireWindow(ctx, q, atLeast)
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

// acquireWindow finds the window of a query, with a picture for which it can be asked. The caller must release the window.
func (h *Hub) acquireWindow(ctx context.Context, q Query, atLeast booking.Position) (*window, *view.Picture, error) {
	w := h.findWindow(q)
	if w == nil {
		// The query is checked before anything is kept for it, on what the caller has seen already at least; and the picture is
		// read again once changes are noted for it.
		p, err := h.picture(ctx, q.Venue, atLeast)
		if err == nil {
			err = q.check(p, MaxDays)
		}
		if err != nil {
			return nil, nil, err
		}
		if w, err = h.openWindow(q, weightOf(p.Services[q.Service])); err != nil {
			return nil, nil, err
		}
		w.venue.initFreshness()
	}
	p, err := h.picture(ctx, q.Venue, atLeast)
	if err == nil {
		err = q.check(p, MaxDays)
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

// stateFor is the window's state for a picture that was just seen, or a newer one.
func (w *window) stateFor(seen *view.Picture) *state {
	// In this order: refresh stores the state first. The other way, a state older than the picture could be taken for checked.
	checked := w.checkedAgainst.Load()
	st := w.current.Load()
	if st != nil && checked == seen && (st.nextBoundary.IsZero() || w.venue.hub.config.View.Now().Before(st.nextBoundary)) {
		return st
	}
	w.venue.mu.Lock()
	defer w.venue.mu.Unlock()
	return w.venue.readWindow(w, seen)
}

// stateAtLeast is the window's state, for a picture that was just seen or a newer one, with a position that is not before
// the given version.
func (v *venue) stateAtLeast(w *window, seen *view.Picture, epoch booking.Epoch, at version) *state {
	v.mu.Lock()
	defer v.mu.Unlock()
	st := v.readWindow(w, seen)
	if st.epoch != epoch || !v.hasReached(at) { // the history has changed just now
		return st
	}
	return v.advanceVersion(w, st, at)
}

// snapshot is the frame with everything that the state lists.
func (st *state) snapshot(stale bool, asOf time.Time) *Frame {
	st.frames.mu.Lock()
	defer st.frames.mu.Unlock()
	if f := st.frames.snapshot.Value(); f != nil && f.Snapshot.Stale == stale {
		if age := asOf.Sub(f.Snapshot.AsOf); age >= 0 && age < snapshotTTL {
			return f
		}
	}
	f := &Frame{
		Event: EventSnapshot, Position: st.version.position(st.epoch),
		Snapshot: &Snapshot{Query: st.query, Zone: st.zone, Stale: stale, AsOf: asOf, state: st},
	}
	st.frames.snapshot = weak.Make(f)
	return f
}

// delta is the frame with what a reader at the version lacks; nil if nothing. The version must be one that needs no reset.
func (st *state) delta(from version) *Frame {
	st.frames.mu.Lock()
	defer st.frames.mu.Unlock()
	if f, ok := st.frames.deltas[from]; ok {
		return f
	}
	var f *Frame
	if starts := st.slotsSince(from); len(starts) > 0 {
		f = &Frame{
			Event: EventDelta, Position: st.version.position(st.epoch),
			Delta: &Delta{CommittedAt: st.committedSince(from), state: st, starts: starts},
		}
	}
	if len(st.frames.deltas) < maxDeltas {
		if st.frames.deltas == nil {
			st.frames.deltas = make(map[version]*Frame, 1)
		}
		st.frames.deltas[from] = f
	}
	return f
}
