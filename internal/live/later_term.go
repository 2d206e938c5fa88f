package live

import (
	"time"

	"vacancy/internal/booking"
)

// A reader comes from another node, with a position of a later term of the database than this node knows: there was a failover, and this
// node has not noticed yet. What the node has is of the history that was left, and would take the reader back in time. So the reader keeps
// what it has, and is told that it is stale, until the node has found the term; then it goes on as if it had come just then. If that takes
// longer than laterTermTimeout, the node is cut off from the database in charge, or somebody has made the term up, and the reader begins
// anew with what there is. The node has looked for the term before: see [view.View.AtLeast].

// awaitedTerm is what is known of a reader that waits so. It belongs to the goroutine that calls the subscription's methods.
type awaitedTerm struct {
	from booking.Position
	// until is when it ends at the latest; timer wakes the reader then.
	until time.Time
	timer *time.Timer
	// asOf is the last moment at which the node knew to be up to date, when the reader came.
	asOf time.Time
	told bool
}

// awaitTerm has the reader wait for the term of its position. The subscription is not added to its window yet.
func (s *Subscription) awaitTerm(from booking.Position) {
	v := s.window.venue
	_, asOf := v.hub.config.View.Freshness(v.id)
	s.awaitedTerm = &awaitedTerm{
		from: from, until: time.Now().Add(laterTermTimeout), timer: time.AfterFunc(laterTermTimeout, s.waker.Wake), asOf: asOf,
	}
	v.awaiting.Add(1)
}

// endAwaiting ends the wait, if there is one.
func (s *Subscription) endAwaiting() {
	if a := s.awaitedTerm; a != nil {
		a.timer.Stop()
		s.awaitedTerm = nil
		s.window.venue.awaiting.Add(-1)
	}
}

// nextWhileAwaiting is the next frame of a reader that waits for a term. If it waits no longer, it is settled what it gets.
func (s *Subscription) nextWhileAwaiting() (f *Frame, waits bool) {
	a := s.awaitedTerm
	if a.from.Epoch.LaterThan(s.window.published.Load().epoch) && time.Now().Before(a.until) {
		if a.told {
			return nil, true
		}
		a.told, s.stale = true, true
		return &Frame{Event: EventStale, AsOf: a.asOf}, true
	}
	s.endAwaiting()
	s.window.venue.resumeAwaiting(s, a.from)
	return nil, false
}

// resumeAwaiting settles what a reader gets next that has waited for a term.
func (v *venue) resumeAwaiting(s *Subscription, from booking.Position) {
	v.mu.Lock()
	done := false
	defer v.unlock(&done)
	st := v.resume(s, v.readWindow(s.window, nil), from)
	s.setSeen(st)
	done = true
}
