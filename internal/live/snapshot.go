package live

import (
	"context"
	"errors"
	"time"
	"weak"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Snapshot is the answer to a query at one position.
type Snapshot struct {
	Position booking.Position
	// Body is the JSON of the answer. It is shared: do not change it.
	Body []byte
	// Stale says that the store cannot be read, and that the body may lag behind it; AsOf is the last moment it was known not to.
	Stale bool
	AsOf  time.Time

	body *encodedSnapshot // keeps it in memory for others, as long as this one is in use
}

// encodedSnapshot is an encoded snapshot. Whoever has its frame keeps it in memory.
type encodedSnapshot struct {
	Frame
	stale bool
	asOf  time.Time
}

// Snapshot answers a query from memory, not before the given position if that is not zero: a node that is behind catches up first.
//
// The errors are [booking.ErrNotFound]; [booking.Invalid], which names at_least if the position is of another epoch or ahead of the
// store; [ErrFull]; or what kept the venue from being read.
func (h *Hub) Snapshot(ctx context.Context, q Query, atLeast booking.Position) (Snapshot, error) {
	w, seen, err := h.acquireWindow(ctx, q, atLeast)
	if err != nil {
		return Snapshot{}, err
	}
	defer h.releaseWindow(w)
	st := w.stateFor(seen)
	if at := versionOf(atLeast); at.newerThan(st.version) {
		st = w.venue.stateAtLeast(w, seen, atLeast.Epoch, at)
	}
	b := st.snapshot(h.config.View.Freshness(q.Venue))
	return Snapshot{Position: st.version.position(st.epoch), Body: b.json, Stale: b.stale, AsOf: b.asOf, body: b}, nil
}

// acquireWindow finds the window of a query, with a picture for which it can be asked. The caller must release the window.
func (h *Hub) acquireWindow(ctx context.Context, q Query, atLeast booking.Position) (*window, *view.Picture, error) {
	w := h.findWindow(q)
	if w == nil {
		// The query is checked before anything is kept for it, on what the caller has seen already at least; and the picture is
		// read again once changes are noted for it.
		p, err := h.picture(ctx, q.Venue, atLeast)
		if err == nil {
			err = q.check(p)
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
		err = q.check(p)
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

// snapshot is everything that the state lists, encoded.
func (st *state) snapshot(stale bool, asOf time.Time) *encodedSnapshot {
	st.encoded.mu.Lock()
	defer st.encoded.mu.Unlock()
	if b := st.encoded.body.Value(); b != nil && b.stale == stale && asOf.Sub(b.asOf) < snapshotTTL && !asOf.Before(b.asOf) {
		return b
	}
	size := 200
	for _, d := range st.days {
		size += daySize + slotSize*len(d.starts)
	}
	position := st.version.position(st.epoch).String()
	b := &encodedSnapshot{stale: stale, asOf: asOf, Frame: *newFrame(EventSnapshot, position, size, func(b []byte) []byte {
		return st.appendSnapshot(b, position, stale, asOf)
	})}
	st.encoded.body = weak.Make(b)
	return b
}

// delta is what a reader at the version lacks; nil if nothing. The version must be one that needs no reset.
func (st *state) delta(from version) *Frame {
	st.encoded.mu.Lock()
	defer st.encoded.mu.Unlock()
	if f, ok := st.encoded.deltas[from]; ok {
		return f
	}
	var f *Frame
	if places := st.slotsSince(from); len(places) > 0 {
		position := st.version.position(st.epoch).String()
		f = newFrame(EventDelta, position, 120+(slotSize+daySize)*len(places), func(b []byte) []byte {
			return st.appendDelta(b, position, st.committedSince(from), places)
		})
	}
	if len(st.encoded.deltas) < maxDeltas {
		if st.encoded.deltas == nil {
			st.encoded.deltas = make(map[version]*Frame, 1)
		}
		st.encoded.deltas[from] = f
	}
	return f
}
