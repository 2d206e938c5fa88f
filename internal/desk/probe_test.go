package desk_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// The probe books at its own venue, which is archived for everybody else; another archived venue takes nobody.
func TestProbeBooksAtItsVenue(t *testing.T) {
	t.Parallel()
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a")
	if err := s.PrepareProbe(t.Context()); err != nil {
		t.Fatal(err)
	}
	start := s.view.Now().Add(2 * time.Hour).Truncate(desk.ProbeStep)
	held, err := s.Book(t.Context(), anybody, desk.BookRequest{
		Venue: booking.ProbeVenue, Service: desk.ProbeService, Start: start, PartySize: 1, Hold: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := s.Cancel(t.Context(), holder(held.Token), desk.TransitionRequest{Venue: booking.ProbeVenue, ID: held.Booking.ID})
	if err != nil || ended.Booking.Status != booking.Cancelled {
		t.Errorf("the hold is %q, %v", ended.Booking.Status, err)
	}
	if _, err := s.ArchiveVenue(t.Context(), staff, "barber", desk.Condition{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Book(t.Context(), anybody, request(at(10, 0))); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("an archived venue takes a booking: %v", err)
	}
}
