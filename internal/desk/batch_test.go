package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// waiting starts n bookings while the gate holds the first transaction, and returns once all of them wait.
func waiting(t *testing.T, n *node, count int, ask func(i int) desk.BookRequest) (wait func() []error) {
	t.Helper()
	errs := make([]error, count)
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() { _, errs[i] = n.Book(t.Context(), anybody, ask(i)) })
	}
	return func() []error { all.Wait(); return errs }
}

// busyShop is a furnished shop whose node is in the middle of a transaction: that of a booking at nine, which ends once the gate is told to
// proceed. What comes meanwhile waits.
func busyShop(t *testing.T, chairs ...booking.ResourceID) (s *shop, n *node, gate *gated, first func() []error) {
	t.Helper()
	s = newShop(t)
	furnish(t, s.open(t, s.store), chairs...)
	gate = newGated(s.store)
	n = s.open(t, gate)
	first = waiting(t, n, 1, func(int) desk.BookRequest { return request(at(9, 0)) })
	<-gate.entered
	return s, n, gate, first
}

func TestHundredAtOnceOnFourPlaces(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a", "b", "c", "d")
	errs := waiting(t, n, 100, func(int) desk.BookRequest { return request(at(10, 0)) })()
	booked := 0
	for _, err := range errs {
		var refused *booking.Refused
		switch {
		case err == nil:
			booked++
		case !errors.As(err, &refused) || !errors.Is(err, booking.ErrSlotUnavailable):
			t.Errorf("a booking failed for another reason: %v", err)
		case len(refused.Alternatives) != 5 || refused.Contact.Email == "":
			t.Errorf("a refusal leads nowhere: %+v", refused)
		}
	}
	if booked != 4 {
		t.Errorf("%d of 100 were booked on 4 places", booked)
	}
}

func TestWhatWaitedIsOneTransaction(t *testing.T) {
	t.Parallel()
	_, n, gate, first := busyShop(t, "a")
	rest := waiting(t, n, 15, func(i int) desk.BookRequest { return request(at(9, 30).Add(timeStep(i))) })
	n.AwaitWaiting(15)
	close(gate.proceed)
	for _, err := range append(first(), rest()...) {
		must(t, err)
	}
	if commits := gate.commits.Load(); commits != 2 {
		t.Errorf("16 bookings, of which 15 waited for the first, took %d commits, not 2", commits)
	}
}

func TestRejectedCommandFailsNoOther(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	gate := newGated(rejecting{s.store, "poison"})
	n := s.open(t, gate)
	first := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(9, 0)) })
	<-gate.entered
	rest := waiting(t, n, 8, func(i int) desk.BookRequest {
		r := request(at(9, 30).Add(timeStep(i)))
		if i == 3 {
			r.Customer.Name = "poison"
		}
		return r
	})
	n.AwaitWaiting(8)
	close(gate.proceed)
	first()
	for i, err := range rest() {
		if (err != nil) != (i == 3) {
			t.Errorf("booking %d: %v", i, err)
		}
	}
}

func TestCallerWhoLeftIsNotBooked(t *testing.T) {
	t.Parallel()
	s, n, gate, first := busyShop(t, "a")
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := n.Book(ctx, anybody, request(at(10, 0)))
		left <- err
	}()
	n.AwaitWaiting(1)
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who left got %v", err)
	}
	close(gate.proceed)
	first()
	_, err := n.Book(t.Context(), anybody, request(at(11, 0))) // a transaction after the one in question
	must(t, err)
	if taken := s.taken(t, "a", at(10, 0)); taken != 0 {
		t.Error("a booking was made for a caller who had left before its batch began")
	}
}

// One venue, held up, takes half of the room, so that there is some for the others; and all of them no more than there is.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnishVenues(t, s.open(t, s.store), 1, []booking.ResourceID{"a"}, "barber", "east", "north")
	gate := newGated(hiddenDue{s.store})
	n := s.open(t, gate, func(c *desk.Config) { c.MaxWaiting = 4 })
	first := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(9, 0)) })
	<-gate.entered
	var all []func() []error
	for i, venue := range []booking.VenueID{"barber", "east"} {
		all = append(all, waiting(t, n, 2, func(i int) desk.BookRequest { return in(venue, request(at(10, 0).Add(timeStep(i)))) }))
		n.AwaitWaiting(2 * (i + 1))
		if _, err := n.Book(t.Context(), anybody, in(venue, request(at(12, 0)))); !errors.Is(err, booking.ErrBusy) {
			t.Errorf("when the share of %s was full it got %v", venue, err)
		}
	}
	if _, err := n.Book(t.Context(), anybody, in("north", request(at(12, 0)))); !errors.Is(err, booking.ErrBusy) {
		t.Errorf("a full queue answered %v", err)
	}
	close(gate.proceed)
	for _, wait := range append(all, first) {
		for _, err := range wait() {
			must(t, err)
		}
	}
}

func TestCloseFinishesWhatWasAccepted(t *testing.T) {
	t.Parallel()
	_, n, gate, first := busyShop(t, "a")
	rest := waiting(t, n, 5, func(i int) desk.BookRequest { return request(at(10, 0).Add(timeStep(i))) })
	n.AwaitWaiting(5)
	closed := make(chan struct{})
	go func() { n.Close(); close(closed) }()
	n.AwaitRefusing()
	if _, err := n.Book(t.Context(), anybody, request(at(13, 0))); !errors.Is(err, booking.ErrUnavailable) {
		t.Errorf("a closing desk answered %v", err)
	}
	close(gate.proceed)
	<-closed
	for _, err := range append(first(), rest()...) {
		must(t, err)
	}
}

func TestStoreThatCannotWrite(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	_, err := s.open(t, unavailableStore{s.store}).Book(t.Context(), anybody, request(at(9, 0)))
	if !errors.Is(err, booking.ErrUnavailable) {
		t.Errorf("a store that cannot write made the desk answer %v", err)
	}
}

// Venues that wait at the same time are decided in one transaction, each with its own revisions.
func TestVenuesShareATransaction(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, s.store)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			v := booking.Venue{ID: booking.VenueID(fmt.Sprintf("v%02d", i)), Name: "V", TimeZone: "Europe/Berlin"}
			for range 2 { // the second changes nothing
				saved, err := n.PutVenue(t.Context(), staff, v, desk.Condition{})
				if err != nil || saved.Position.Revision != 1 {
					t.Errorf("%s: revision %d, error %v", v.ID, saved.Position.Revision, err)
				}
			}
		})
	}
	all.Wait()
}
