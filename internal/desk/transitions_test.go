package desk_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

func timeStep(i int) time.Duration { return time.Duration(i) * 30 * time.Minute }

func TestHoldThenConfirm(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	if held.Booking.Status != booking.Held || !held.Booking.ExpiresAt.Equal(monday.Add(10*time.Minute)) {
		t.Fatalf("the hold is %+v", held.Booking)
	}
	if held.Booking.WallStart != "2026-11-23T10:00:00" {
		t.Errorf("the wall time is %s", held.Booking.WallStart)
	}
	p, err := n.view.Picture(t.Context(), "barber")
	must(t, err)
	if p.Revision < held.Position.Revision {
		t.Error("the hold was answered before it was applied to the view")
	}
	_, err = n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), booking.Customer{})
	if _, ok := errors.AsType[*booking.Invalid](err); !ok {
		t.Errorf("confirming for nobody gave %v", err)
	}
	confirmed, err := n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada)
	must(t, err)
	if b := confirmed.Booking; b.Status != booking.Confirmed || !b.ExpiresAt.IsZero() || b.Customer != ada {
		t.Errorf("the confirmed booking is %+v", b)
	}
	again, err := n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada)
	must(t, err)
	if again.Booking.Revision != confirmed.Booking.Revision {
		t.Error("confirming twice changed something")
	}
	stored, err := n.Booking(t.Context(), holder(held.Token), "barber", held.Booking.ID)
	must(t, err)
	if stored.Booking.Status != booking.Confirmed || stored.Booking.Customer != ada {
		t.Errorf("the store has %+v", stored.Booking)
	}
}

func TestHoldExpiresAtItsInstant(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	s.clock.Advance(10*time.Minute - time.Microsecond)
	if _, err := n.Book(t.Context(), anybody, request(at(10, 0))); !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Errorf("a live hold yielded: %v", err)
	}
	s.clock.Advance(time.Microsecond)
	if _, err := n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada); !errors.Is(err, booking.ErrHoldExpired) {
		t.Errorf("a hold that ran out was confirmed: %v", err)
	}
	_, err = n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
}

func TestExtendHasAnEnd(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	for range booking.MaxExtensions {
		s.clock.Advance(5 * time.Minute)
		longer, err := n.Extend(t.Context(), holder(held.Token), transition(held.Booking))
		must(t, err)
		if !longer.Booking.ExpiresAt.Equal(s.clock.Now().Add(10 * time.Minute)) {
			t.Errorf("extended to %s", longer.Booking.ExpiresAt)
		}
	}
	if _, err := n.Extend(t.Context(), holder(held.Token), transition(held.Booking)); !errors.Is(err, booking.ErrWrongStatus) {
		t.Errorf("a hold was extended once too often: %v", err)
	}
}

func TestHoldDoesNotOutliveItsStart(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	s.clock.Advance(at(10, 0).Add(-3 * time.Minute).Sub(monday))
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	if !held.Booking.ExpiresAt.Equal(at(10, 0)) {
		t.Errorf("the hold lives until %s", held.Booking.ExpiresAt)
	}
}

func TestCancelGivesThePlaceBack(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	_, err = n.Cancel(t.Context(), holder(made.Token), transition(made.Booking))
	must(t, err)
	if taken := s.taken(t, "a", at(10, 0)); taken != 0 {
		t.Errorf("%d units are still claimed", taken)
	}
	again, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	_, err = n.Confirm(t.Context(), holder(made.Token), transition(made.Booking), ada)
	if !errors.Is(err, booking.ErrWrongStatus) {
		t.Errorf("a cancelled booking was confirmed: %v", err)
	}
	s.clock.Advance(at(10, 0).Sub(monday))
	if _, err := n.Cancel(t.Context(), holder(again.Token), transition(again.Booking)); !errors.Is(err, booking.ErrWrongStatus) {
		t.Errorf("a customer cancelled what had begun: %v", err)
	}
	_, err = n.Cancel(t.Context(), staff, transition(again.Booking))
	must(t, err)
}

// TestOnlyCancelledHoldsAreMarked: what was confirmed at some time, by whatever program, is never deleted as a hold.
func TestOnlyCancelledHoldsAreMarked(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a")
	for i, c := range []struct {
		make    desk.BookRequest
		confirm bool
		want    bool
	}{
		{hold(at(10, 0)), false, true},
		{hold(at(11, 0)), true, false},
		{request(at(12, 0)), false, false},
	} {
		b, err := n.Book(t.Context(), anybody, c.make)
		must(t, err)
		if b.Booking.CancelledHold {
			t.Errorf("%d: it is marked before it is cancelled: an older program would leave it so", i)
		}
		if c.confirm {
			_, err := n.Confirm(t.Context(), holder(b.Token), transition(b.Booking), ada)
			must(t, err)
		}
		cancelled, err := n.Cancel(t.Context(), holder(b.Token), transition(b.Booking))
		must(t, err)
		if got := cancelled.Booking.CancelledHold; got != c.want {
			t.Errorf("%d: cancelled, it is marked as a hold: %t, want %t", i, got, c.want)
		}
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a")
	made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	missing := desk.TransitionRequest{Venue: "barber", ID: "bk_0"}
	elsewhere := desk.TransitionRequest{Venue: "other", ID: made.Booking.ID}
	for name, c := range map[string]struct {
		actor booking.Actor
		step  desk.TransitionRequest
		want  error
	}{
		"nobody":        {anybody, transition(made.Booking), booking.ErrUnauthenticated},
		"another token": {holder("another"), transition(made.Booking), booking.ErrForbidden},
		"no booking":    {holder(made.Token), missing, booking.ErrNotFound},
		"other venue":   {holder(made.Token), elsewhere, booking.ErrNotFound},
	} {
		if _, err := n.Cancel(t.Context(), c.actor, c.step); !errors.Is(err, c.want) {
			t.Errorf("%s: cancel gave %v", name, err)
		}
		if _, err := n.Booking(t.Context(), c.actor, c.step.Venue, c.step.ID); !errors.Is(err, c.want) {
			t.Errorf("%s: read gave %v", name, err)
		}
	}
	if _, err := n.Bookings(t.Context(), holder(made.Token), "barber", store.Filter{Limit: 10}); !errors.Is(err, booking.ErrForbidden) {
		t.Errorf("a customer listed the bookings: %v", err)
	}
	another := booking.Venue{ID: "x", Name: "X", TimeZone: "UTC"}
	if _, err := n.PutVenue(t.Context(), anybody, another, desk.Condition{}); !errors.Is(err, booking.ErrUnauthenticated) {
		t.Errorf("anybody put a venue: %v", err)
	}
}

func TestRepeatGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a", "b")
	r := request(at(10, 0))
	r.Idempotency = desk.Idempotency{Key: "k", Route: "book", Request: [32]byte{1}}
	first, err := n.Book(t.Context(), anybody, r)
	must(t, err)
	second, err := n.Book(t.Context(), anybody, r)
	must(t, err)
	if second.Token != first.Token || second.Position != first.Position || second.Booking.ID != first.Booking.ID ||
		!second.Booking.Start.Equal(first.Booking.Start) || second.Booking.Customer != first.Booking.Customer {
		t.Errorf("the repeat got\n%+v, not\n%+v", second, first)
	}
	other := r
	other.Idempotency.Request = [32]byte{2}
	if _, err := n.Book(t.Context(), anybody, other); !errors.Is(err, booking.ErrIdempotencyMismatch) {
		t.Errorf("another request under the same key gave %v", err)
	}
	s.clock.Advance(booking.AnswerLifetime + time.Second)
	r.Start = at(10, 0).AddDate(0, 0, 2)
	later, err := n.Book(t.Context(), anybody, r)
	must(t, err)
	if later.Booking.ID == first.Booking.ID {
		t.Error("an answer outlived its lifetime")
	}
}

// A call that found done what it asked for is remembered too: its repeat gets the same answer, also when that was undone since.
func TestRepeatOfWhatChangedNothing(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a", "b")
	for _, alone := range []bool{true, false} {
		made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
		must(t, err)
		again := transition(made.Booking)
		again.Idempotency = desk.Idempotency{Key: "k-" + string(made.Booking.ID), Route: "confirm"}
		var first desk.Outcome
		calls := []func() error{func() (err error) {
			first, err = n.Confirm(t.Context(), staff, again, ada)
			return err
		}}
		if !alone {
			calls = append(calls, func() error { _, err := n.Book(t.Context(), anybody, request(at(12, 0))); return err })
		}
		release := n.hold(t)
		wait := n.line(t, len(calls), func(i int) error { return calls[i]() })
		release()
		for _, err := range wait() {
			must(t, err)
		}
		_, err = n.Cancel(t.Context(), staff, transition(made.Booking))
		must(t, err)
		repeated, err := n.Confirm(t.Context(), staff, again, ada)
		if err != nil || repeated.Booking.Status != booking.Confirmed || repeated.Position != first.Position {
			t.Errorf("alone %t: the repeat got %+v, %v", alone, repeated, err)
		}
	}
}

func TestRepeatsInOneBatchHaveOneEffect(t *testing.T) {
	t.Parallel()
	s, n, gate, first := busyShop(t, "a", "b", "c")
	rest := waiting(t, n, 5, func(int) desk.BookRequest {
		r := request(at(10, 0))
		r.Idempotency = desk.Idempotency{Key: "k", Route: "book"}
		return r
	})
	n.AwaitWaiting(5)
	close(gate.proceed)
	for _, err := range append(first(), rest()...) {
		must(t, err)
	}
	if taken := s.taken(t, "a", at(10, 0)) + s.taken(t, "b", at(10, 0)) + s.taken(t, "c", at(10, 0)); taken != 1 {
		t.Errorf("five calls with one key made %d bookings", taken)
	}
}
