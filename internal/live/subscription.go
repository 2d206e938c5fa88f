package live

import (
	"context"
	"errors"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Waker is told that there may be something to pull.
type Waker interface {
	// Wake must be quick and must not block. It may be called from any goroutine, more often than needed, and once more after Close.
	Wake()
}

// Subscription is a live query of one reader. It has no queue: it knows how far its reader has seen the window. Its methods are for
// one goroutine at a time.
type Subscription struct {
	window *window
	waker  Waker
	index  int // in window.subs, guarded by venue.mu

	// owes is a reset that the reader must hear of, "" for none; lacks: then it lacks the snapshot.
	owes  Reason
	lacks bool
	// first is the delta that brings a reader who came back to the state it begins with; nil if it lacked nothing.
	first *Frame

	// The reader has seen this version of this history, up to the mark, and was told that it is stale or not.
	epoch   booking.Epoch
	history int
	version uint64
	at      mark
	stale   bool
}

// Subscribe opens a live query. The position is the reader's last one, as it got it from any node; "" if it has none. Wake is called
// when Next may have something, but not for what it has at the beginning. The subscription must be closed.
//
// The errors are those of [Hub.Snapshot].
func (h *Hub) Subscribe(ctx context.Context, q Query, position string, waker Waker) (*Subscription, error) {
	s := &Subscription{waker: waker, lacks: position == ""}
	var from booking.Position
	if position != "" { // before the query is checked: it may be about what this node has not heard of yet
		var err error
		if from, s.owes, err = h.resume(ctx, q.Venue, position); err != nil {
			return nil, err
		}
	}
	w, _, err := h.look(ctx, q, booking.Position{})
	if err != nil {
		return nil, err
	}
	s.window = w
	w.venue.watchers.Add(1)
	// From here on every change has the venue's errand run. What came before is in this picture.
	seen, err := h.config.View.Picture(ctx, q.Venue)
	if err != nil {
		w.venue.watchers.Add(-1)
		h.release(w)
		return nil, err
	}
	w.venue.join(s, seen, from)
	return s, nil
}

// resume reads the position that a reader comes back with, and has a node that is behind it catch up. The reason is why nothing can
// follow it, if that is known already.
func (h *Hub) resume(ctx context.Context, venue booking.VenueID, position string) (booking.Position, Reason, error) {
	from, err := booking.ParsePosition(position)
	if err != nil {
		return from, PositionUnknown, nil //nolint:nilerr // the reader is told so
	}
	_, err = h.config.View.AtLeast(ctx, venue, from)
	switch {
	case errors.Is(err, view.ErrEpoch):
		return from, EpochChanged, nil
	case errors.Is(err, booking.ErrNotFound):
		return from, "", err
	case err != nil:
		// Ahead of the store, or the store cannot be asked. The reader goes back to what this node has, and is told so.
		return from, PositionUnknown, nil //nolint:nilerr // the reader is told so
	}
	return from, "", nil
}

// join adds a subscription to its window, and settles what its reader gets first.
func (v *venue) join(s *Subscription, seen *view.Picture, from booking.Position) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := s.window
	st := v.read(w, seen)
	if !s.lacks && s.owes == "" {
		st = v.welcome(s, st, from)
	}
	if len(w.subs) == 0 {
		w.published.Store(st)
		v.watched[w] = struct{}{}
		v.boundary = earlier(v.boundary, st.next)
	}
	s.index = len(w.subs)
	w.subs = append(w.subs, s)
	s.reach(st)
	v.errand.Ask() // to set the timer
}

// welcome settles what a reader gets that comes back with a position: a delta, nothing, or a reset.
func (v *venue) welcome(s *Subscription, st *state, from booking.Position) *state {
	at := markOf(from)
	switch {
	case from.Epoch != st.epoch:
		s.owes = EpochChanged
	case !v.reached(at):
		s.owes = PositionUnknown
	default:
		st = v.raise(s.window, st, at)
		if s.owes, _ = st.reset(at); s.owes == "" {
			s.first = st.delta(at)
		}
	}
	return st
}

// reached tells whether the venue is as far as somebody who has seen the mark, in revision and in time.
func (v *venue) reached(at mark) bool {
	return at.revision <= v.picture.Revision && at.boundary <= v.clock.Unix()
}

// raise lets a window's position begin at a mark that a reader has seen elsewhere and that the venue has reached, so that no reader's
// position ever falls. The state is right for it: its picture and its time are not older, and nothing in the window was touched
// between.
func (v *venue) raise(w *window, st *state, at mark) *state {
	if !at.after(st.at) {
		return st
	}
	raised := *st
	raised.at = st.at.with(at)
	raised.encoded = new(encoded)
	w.current.Store(&raised)
	return &raised
}

// reach notes that the reader has a state.
func (s *Subscription) reach(st *state) {
	s.epoch, s.history, s.version, s.at = st.epoch, st.history, st.version, st.at
}

// Next is the next frame for the reader; nil if it has everything. A reader that was slow gets one frame with the latest values.
func (s *Subscription) Next() *Frame {
	f := s.next()
	if f != nil {
		s.window.venue.hub.config.Metrics.Delivered(f.Event)
	}
	return f
}

func (s *Subscription) next() *Frame {
	h := s.window.venue.hub
	if f := s.first; f != nil {
		s.first = nil
		return f
	}
	if !s.lacks && s.owes == "" {
		if f := s.advance(); f != nil {
			return f
		}
	}
	if reason := s.owes; reason != "" {
		s.owes, s.lacks = "", true
		h.config.Metrics.Reset(reason)
		return h.resets[reason]
	}
	if s.lacks {
		st := s.window.current.Load()
		b := st.snapshot(h.config.View.Freshness(s.window.venue.id))
		s.lacks, s.stale = false, b.stale
		s.reach(st)
		return &b.Frame
	}
	if f := s.window.venue.freshness(); f.stale != s.stale {
		s.stale = f.stale
		return f.frame
	}
	return nil
}

// advance brings the reader to what is published: by the delta that it returns, or by owing a reset.
func (s *Subscription) advance() *Frame {
	st := s.window.published.Load()
	if st.version <= s.version {
		return nil
	}
	from := st.behind(s.version, s.at)
	switch reason, must := st.reset(from); {
	case st.epoch != s.epoch:
		s.owes = EpochChanged
	case st.history != s.history:
		s.owes = PositionUnknown
	case must:
		s.owes = reason
	default:
		s.reach(st)
		return st.delta(from)
	}
	return nil
}

// Close ends the subscription; closing it again does nothing. Wake may be called once more.
func (s *Subscription) Close() {
	v := s.window.venue
	if v.leave(s) {
		v.watchers.Add(-1)
		v.hub.release(s.window)
	}
}

// leave takes a subscription out of its window. False if it is not there any more.
func (v *venue) leave(s *Subscription) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.index < 0 {
		return false
	}
	w := s.window
	last := len(w.subs) - 1
	w.subs[s.index] = w.subs[last]
	w.subs[s.index].index = s.index
	w.subs[last] = nil
	w.subs = w.subs[:last]
	s.index = -1
	if last == 0 {
		w.subs = nil
		delete(v.watched, w)
	}
	if len(v.watched) == 0 {
		v.timer.Stop()
	}
	return true
}
