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
	// permits are the client's, of which the subscription has acquired so many days.
	permits DayPermits
	days    int

	// resetOwed is a reset that the reader must hear of, "" for none. needsSnapshot: after that, it gets a snapshot.
	resetOwed     Reason
	needsSnapshot bool
	// awaitedTerm is set while the reader has a position of a later term of the database than the node knows.
	awaitedTerm *awaitedTerm
	// resumeDelta is the delta that brings a reader who came back to the state it begins with; nil if it lacked nothing.
	resumeDelta *Frame

	// The reader has the state of this history and sequence, up to the version, and was told that it is stale or not.
	epoch    booking.Epoch
	history  int
	sequence uint64
	version  version
	stale    bool
}

// Subscribe opens a live query. The position is the reader's last one, as it got it from any node; "" if it has none. Wake is called
// when Next may have something, but not for what it has at the beginning. The days that the query watches are acquired of the client's
// permits until the subscription is closed, which it must be.
//
// The errors are those of [Hub.Snapshot], and those of the permits.
func (h *Hub) Subscribe(ctx context.Context, q Query, position string, permits DayPermits, waker Waker) (*Subscription, error) {
	s := &Subscription{waker: waker, permits: permits, needsSnapshot: position == ""}
	var from booking.Position
	var found resumption
	if position != "" { // before the query is checked: it may be about what this node has not heard of yet
		var err error
		if from, found, err = h.resume(ctx, q.Venue, position); err != nil {
			return nil, err
		}
		s.resetOwed = found.reset
	}
	w, _, err := h.acquireWindow(ctx, q, booking.Position{})
	if err != nil {
		return nil, err
	}
	s.window = w
	s.days = max(h.watchedDays(w), 1)
	if err := permits.Acquire(s.days); err != nil {
		h.releaseWindow(w)
		return nil, err
	}
	w.venue.watchers.Add(1)
	// From here on every change has the venue's worker run. What came before is in this picture.
	seen, err := w.venue.latestPicture(ctx, booking.Position{})
	if err != nil {
		w.venue.watchers.Add(-1)
		h.releaseWindow(w)
		permits.Release(s.days)
		return nil, err
	}
	if found.laterTerm {
		s.awaitTerm(from)
	}
	w.venue.addSubscription(s, seen, from)
	return s, nil
}

// resumption is what is known of a reader's position before its query is looked at.
type resumption struct {
	// reset is why nothing can follow it, "" if something may.
	reset Reason
	// laterTerm: it is of a later term of the database than the node knows.
	laterTerm bool
}

// resume reads the position that a reader comes back with, and has a node that is behind it catch up.
func (h *Hub) resume(ctx context.Context, venue booking.VenueID, position string) (booking.Position, resumption, error) {
	from, err := booking.ParsePosition(position)
	if err != nil {
		return from, resumption{reset: PositionUnknown}, nil // the reader is told so
	}
	ctx, cancel := context.WithTimeout(ctx, resumeTimeout)
	defer cancel()
	_, err = h.config.View.AtLeast(ctx, venue, from)
	switch {
	case errors.Is(err, view.ErrLaterTerm):
		h.config.Metrics.LaterTerm()
		return from, resumption{laterTerm: true}, nil
	case errors.Is(err, view.ErrEpoch):
		return from, resumption{reset: EpochChanged}, nil
	case errors.Is(err, booking.ErrNotFound):
		return from, resumption{}, err
	case err != nil:
		// Ahead of the store, or the store cannot be asked, or takes too long. The reader goes back to what this node has, and is told so.
		return from, resumption{reset: PositionUnknown}, nil
	}
	return from, resumption{}, nil
}

// addSubscription adds a subscription to its window, and settles what its reader gets first.
func (v *venue) addSubscription(s *Subscription, seen *view.Picture, from booking.Position) {
	v.mu.Lock()
	done := false
	defer v.unlock(&done)
	w := s.window
	st := v.readWindow(w, seen)
	if !s.needsSnapshot && s.resetOwed == "" && s.awaitedTerm == nil {
		st = v.resume(s, st, from)
	}
	if len(w.subs) == 0 {
		w.published.Store(st)
		v.watched[w] = struct{}{}
		v.boundary = earlier(v.boundary, st.nextBoundary)
	}
	s.index = len(w.subs)
	w.subs = append(w.subs, s)
	s.setSeen(st)
	v.worker.Trigger() // to set the timer
	done = true
}

// resume settles what a reader gets that comes back with a position: a delta, nothing, or a reset.
func (v *venue) resume(s *Subscription, st *state, from booking.Position) *state {
	at := versionOf(from)
	switch {
	case from.Epoch != st.epoch:
		s.resetOwed = EpochChanged
	case !v.hasReached(at):
		s.resetOwed = PositionUnknown
	default:
		st = v.advanceVersion(s.window, st, at)
		if s.resetOwed, _ = st.resetReason(at); s.resetOwed == "" {
			s.resumeDelta = st.delta(at)
		}
	}
	return st
}

// hasReached tells whether the venue is as far as somebody who has seen the version, in revision and in time.
func (v *venue) hasReached(at version) bool {
	return at.revision <= v.picture.Revision && at.boundary <= v.clock.Unix()
}

// advanceVersion lets a window's position begin at a version that a reader has seen elsewhere and that the venue has reached,
// so that no reader's position ever falls. The state is right for it: its picture and its time are not
// older, and nothing in the window was touched between.
func (v *venue) advanceVersion(w *window, st *state, at version) *state {
	if !at.newerThan(st.version) {
		return st
	}
	raised := *st
	raised.version = st.version.merge(at)
	raised.frames = new(frames)
	w.current.Store(&raised)
	return &raised
}

// setSeen notes that the reader has a state.
func (s *Subscription) setSeen(st *state) {
	s.epoch, s.history, s.sequence, s.version = st.epoch, st.history, st.sequence, st.version
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
	if s.awaitedTerm != nil {
		if f, waits := s.nextWhileAwaiting(); waits {
			return f
		}
	}
	if f := s.resumeDelta; f != nil {
		s.resumeDelta = nil
		return f
	}
	if !s.needsSnapshot && s.resetOwed == "" {
		if f := s.nextDelta(); f != nil {
			return f
		}
	}
	if reason := s.resetOwed; reason != "" {
		s.resetOwed, s.needsSnapshot = "", true
		h.config.Metrics.Reset(reason)
		return h.resets[reason]
	}
	if s.needsSnapshot {
		st := s.window.current.Load()
		f := st.snapshot(h.config.View.Freshness(s.window.venue.id))
		s.needsSnapshot, s.stale = false, f.Snapshot.Stale
		s.setSeen(st)
		return f
	}
	if f := s.window.venue.freshness(); f.stale != s.stale {
		s.stale = f.stale
		return f.frame
	}
	return nil
}

// nextDelta brings the reader to what is published: by the delta that it returns, or by owing a reset.
func (s *Subscription) nextDelta() *Frame {
	st := s.window.published.Load()
	if st.sequence <= s.sequence {
		return nil
	}
	from := st.versionAt(s.sequence, s.version)
	switch reason, must := st.resetReason(from); {
	case st.epoch != s.epoch:
		s.resetOwed = EpochChanged
	case st.history != s.history:
		s.resetOwed = PositionUnknown
	case must:
		s.resetOwed = reason
	default:
		s.setSeen(st)
		f := st.delta(from)
		if f != nil {
			h := s.window.venue.hub
			h.config.Metrics.Update(h.config.View.Now().Sub(f.Delta.CommittedAt))
		}
		return f
	}
	return nil
}

// Close ends the subscription; closing it again does nothing. Wake may be called once more.
func (s *Subscription) Close() {
	v := s.window.venue
	if v.removeSubscription(s) {
		s.endAwaiting()
		v.watchers.Add(-1)
		v.hub.releaseWindow(s.window)
		s.permits.Release(s.days)
	}
}

// removeSubscription takes a subscription out of its window. False if it is not there any more.
func (v *venue) removeSubscription(s *Subscription) bool {
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
