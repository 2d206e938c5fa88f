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
// store, is [ErrLaterTerm] too if it is of a later term than the node knows, and is [ErrRangeTooLong] too if the query asks for too much;
// [ErrFull]; or what kept the venue from being read.
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
