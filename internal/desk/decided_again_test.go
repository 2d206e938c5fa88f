package desk_test

import (
	"context"
	"errors"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// rival books the place that is decided on, between what the store reads and what it writes.
func (s *salon) rival(t *testing.T) {
	t.Helper()
	other := s.open(t, hiddenDue{s.store})
	s.doubtful.underway = append(s.doubtful.underway, func(ctx context.Context) error {
		_, err := other.Book(ctx, anybody, request(at(10, 0)))
		if err != nil {
			t.Error(err)
		}
		return err
	})
	s.doubtful.follow(turn{arrive: between})
}

// The store begins anew because another node was quicker. What was decided first is as if it had never been: the caller gets the
// place that was decided on last, or a refusal, and so does a repeat.
func TestOnlyTheLastDecisionCounts(t *testing.T) {
	t.Parallel()
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a", "b")
	s.rival(t)
	made, err := s.Book(t.Context(), anybody, keyed(request(at(10, 0)), "k"))
	must(t, err)
	if got := made.Booking.Claims[0].Resource; got != "b" {
		t.Errorf("the caller was told chair %s; chair a went to somebody else", got)
	}
	stored, err := s.Booking(t.Context(), holder(made.Token), "barber", made.Booking.ID)
	must(t, err)
	if stored.Booking.Revision != made.Position.Revision || stored.Booking.Claims[0].Resource != "b" {
		t.Errorf("stored is %+v", stored.Booking)
	}
	again, err := s.Book(t.Context(), anybody, keyed(request(at(10, 0)), "k"))
	if err != nil || again.Booking.ID != made.Booking.ID || again.Token != made.Token {
		t.Errorf("the repeat got %+v, %v", again, err)
	}
}

func TestTheLastDecisionMayBeARefusal(t *testing.T) {
	t.Parallel()
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a")
	s.rival(t)
	if made, err := s.Book(t.Context(), anybody, request(at(10, 0))); !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Errorf("the caller got %+v, %v", made, err)
	}
}

// again calls decide a second time with the very findings of the first.
type again struct{ desk.Store }

func (s again) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		if _, err := decide(found); err != nil {
			return nil, err
		}
		return decide(found)
	})
}

// What a first decision did to a booking or kept for repeats must not be found by the second.
func TestDecidingLeavesTheFindingsAsTheyWere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, again{s.store})
	furnish(t, n, "a")
	held, err := n.Book(t.Context(), anybody, keyed(hold(at(10, 0)), "k"))
	must(t, err)
	longer, err := n.Extend(t.Context(), holder(held.Token), transition(held.Booking))
	must(t, err)
	if longer.Booking.Extensions != 1 {
		t.Errorf("one extension counts as %d", longer.Booking.Extensions)
	}
	repeated, err := n.Book(t.Context(), anybody, keyed(hold(at(10, 0)), "k"))
	if err != nil || repeated.Booking.ID != held.Booking.ID || repeated.Token != held.Token {
		t.Errorf("the repeat got %+v, %v", repeated, err)
	}
	_, err = n.Cancel(t.Context(), holder(held.Token), transition(held.Booking))
	must(t, err)
	changes, err := s.store.Changes(t.Context(), "barber", longer.Position.Revision, 10)
	if err != nil || len(changes) != 1 || len(changes[0].Entries) != 1 {
		t.Errorf("cancelling once made the changes %+v, %v", changes, err)
	}
}

// A caller leaves when the batch has begun. It is not known to the caller what became of it, and with the key it can be found out.
func TestCallerWhoLeftTooLate(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	gate := newGated(s.store)
	n := s.open(t, gate)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := n.Book(ctx, anybody, keyed(request(at(10, 0)), "k"))
		left <- err
	}()
	<-gate.entered
	leave()
	if err := <-left; !errors.Is(err, booking.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who left too late got %v", err)
	}
	close(gate.proceed)
	made, err := n.Book(t.Context(), anybody, keyed(request(at(10, 0)), "k"))
	must(t, err)
	if taken := s.taken(t, "a", at(10, 0)); taken != 1 || gate.commits.Load() != 1 {
		t.Errorf("%d places are taken, in %d commits", taken, gate.commits.Load())
	}
	if _, err := n.Booking(t.Context(), holder(made.Token), "barber", made.Booking.ID); err != nil {
		t.Errorf("the repeat's answer does not open the booking: %v", err)
	}
}
