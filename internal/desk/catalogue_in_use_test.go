package desk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// studio is a shop with two halls of two places each, and a class in the first of them that is full at ten.
func studio(t *testing.T, writer func(desk.Store) desk.Store) (*shop, *node, []booking.BookingID) {
	t.Helper()
	s := newShop(t)
	n := s.open(t, writer(hiddenDue{s.store}))
	furnishVenues(t, n, 2, []booking.ResourceID{"a", "b"}, "barber")
	class := service("a")
	_, err := n.PutService(t.Context(), staff, class, desk.Condition{})
	must(t, err)
	var made []booking.BookingID
	for range 2 {
		o, err := n.Book(t.Context(), anybody, request(at(10, 0)))
		must(t, err)
		made = append(made, o.Booking.ID)
	}
	return s, n, made
}

// edits are edits of the class, each of one setting, with whether it would sell places again that are booked.
var edits = map[string]struct {
	edit    func(*booking.Service)
	refused bool
}{
	"another resource":    {func(s *booking.Service) { s.Requires[0].AnyOf = []booking.ResourceID{"b"} }, true},
	"a resource more":     {func(s *booking.Service) { s.Requires[0].AnyOf = []booking.ResourceID{"b", "a"} }, false},
	"more units":          {func(s *booking.Service) { s.Requires[0].Units = 2 }, true},
	"units for each":      {func(s *booking.Service) { s.Requires[0].PerPerson = true }, true},
	"a longer duration":   {func(s *booking.Service) { s.Duration = time.Hour }, false},
	"a shorter duration":  {func(s *booking.Service) { s.Duration = 15 * time.Minute }, false},
	"buffers":             {func(s *booking.Service) { s.BufferBefore, s.BufferAfter = 10*time.Minute, 20*time.Minute }, false},
	"another step":        {func(s *booking.Service) { s.Step = 45 * time.Minute }, false},
	"notice":              {func(s *booking.Service) { s.MinNotice = 24 * time.Hour }, false},
	"a nearer horizon":    {func(s *booking.Service) { s.HorizonDays = 1 }, false},
	"larger parties":      {func(s *booking.Service) { s.PartySize.Max = 2 }, false},
	"longer holds":        {func(s *booking.Service) { s.HoldFor = time.Hour }, false},
	"limits":              {func(s *booking.Service) { s.Limits.HoldsPerClient = 1 }, false},
	"the name":            {func(s *booking.Service) { s.Name = "Other" }, false},
	"the price and order": {func(s *booking.Service) { s.Price, s.Order = &booking.Price{Amount: "1", Currency: "EUR"}, 3 }, false},
}

// Whichever setting of a service is edited under its bookings, their places are not sold again: it is refused with the bookings, or no more
// can be booked at their time afterwards than before. When they are over, everything is allowed.
func TestServiceEditsSellNoPlaceAgain(t *testing.T) {
	t.Parallel()
	for name, c := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, n, made := studio(t, undecorated)
			edited := service("a")
			c.edit(&edited)
			_, err := n.PutService(t.Context(), staff, edited, desk.Condition{})
			inUse, refused := errors.AsType[*booking.InUse](err)
			switch {
			case refused != c.refused || !refused && err != nil:
				t.Fatalf("it was answered with %v", err)
			case refused && !slices.Equal(slices.Sorted(slices.Values(inUse.Bookings)), slices.Sorted(slices.Values(made))):
				t.Errorf("in the way are %v; want %v", inUse.Bookings, made)
			}
			if places := bookable(t, n, at(10, 0)); !slices.Contains(edited.Requires[0].AnyOf, "b") && places != 0 {
				t.Errorf("%d places were sold again", places)
			}
			s.clock.Advance(at(17, 0).Sub(monday))
			_, err = n.PutService(t.Context(), staff, edited, desk.Condition{})
			must(t, err)
		})
	}
}

// bookable is how many can still be booked at a start, with an override of the rules of time.
func bookable(t *testing.T, n *node, start time.Time) (places int) {
	t.Helper()
	for {
		r := request(start)
		r.Override = true
		if _, err := n.Book(t.Context(), staff, r); err != nil {
			if !errors.Is(err, booking.ErrSlotUnavailable) {
				t.Fatal(err)
			}
			return places
		}
		places++
	}
}

// A store that finds no future bookings lets the class move, and its places are sold again.
func TestServiceEditsNeedTheBookings(t *testing.T) {
	t.Parallel()
	_, n, _ := studio(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Uses = make([][]booking.BookingID, len(found.Uses)) }}
	})
	_, err := n.PutService(t.Context(), staff, service("b"), desk.Condition{})
	must(t, err)
	if places := bookable(t, n, at(10, 0)); places != 2 {
		t.Errorf("negative control: %d places were sold again, so the test proves nothing", places)
	}
}

// Another node's edit makes an edit concern other bookings than it asked for: it asks again.
func TestEditAsksAgainWhenTheViewIsBehind(t *testing.T) {
	t.Parallel()
	s, n, _ := studio(t, undecorated)
	other := s.open(t, hiddenDue{s.store})
	_, err := other.PutService(t.Context(), staff, service("a", "b"), desk.Condition{})
	must(t, err)
	for range 2 { // in b, since a is full
		_, err := other.Book(t.Context(), anybody, request(at(10, 0)))
		must(t, err)
	}
	_, err = n.PutService(t.Context(), staff, service("a"), desk.Condition{})
	if inUse, ok := errors.AsType[*booking.InUse](err); !ok || len(inUse.Bookings) != 2 {
		t.Errorf("dropping a hall with two bookings: %v", err)
	}
}

// Closing a date, or cutting hours, names the bookings that lie outside by it, and no others. They keep their places.
func TestCutHoursNameTheBookingsOutside(t *testing.T) {
	t.Parallel()
	s, n, made := studio(t, undecorated)
	sorted := slices.Sorted(slices.Values(made))
	early, err := n.Book(t.Context(), anybody, request(at(9, 0)))
	must(t, err)
	nextWeek, err := n.Book(t.Context(), anybody, request(at(10, 0).AddDate(0, 0, 7)))
	must(t, err)
	hours := func(open int) booking.Resource {
		r := resource("a", 2)
		for day := range r.Schedule.Weekly {
			r.Schedule.Weekly[day] = []booking.Period{{Open: open, Close: 17 * 60}}
		}
		return r
	}
	closed := hours(9 * 60)
	closed.Schedule.Exceptions = []booking.Exception{{Date: booking.DateOf(at(10, 0)), Closed: true}}
	for _, c := range []struct {
		name string
		put  booking.Resource
		dry  bool
		want []booking.BookingID
	}{
		{"a dry run of closing", closed, true, append([]booking.BookingID{early.Booking.ID}, sorted...)},
		{"closing the date", closed, false, append([]booking.BookingID{early.Booking.ID}, sorted...)},
		{"closed already", closed, false, nil},
		{"opening it", hours(9 * 60), false, nil},
		{"half an hour later", hours(9*60 + 30), false, []booking.BookingID{early.Booking.ID}},
		{"from half past ten", hours(10*60 + 30), false, append(slices.Clone(sorted), nextWeek.Booking.ID)},
	} {
		saved, err := n.PutResource(t.Context(), staff, c.put, desk.Condition{DryRun: c.dry})
		must(t, err)
		if !slices.Equal(saved.Outside, c.want) || saved.MoreOutside {
			t.Errorf("%s: outside are %v (more: %v); want %v", c.name, saved.Outside, saved.MoreOutside, c.want)
		}
	}
	if taken := s.taken(t, "a", at(10, 0)); taken != 2 {
		t.Errorf("%d places are taken", taken)
	}
	must(t, func() error { _, err := n.PutResource(t.Context(), staff, hours(9*60), desk.Condition{}); return err }())
	for day := range 12 {
		for range 2 {
			_, err := n.Book(t.Context(), anybody, request(at(9, 0).AddDate(0, 0, 1+day)))
			must(t, err)
		}
	}
	saved, err := n.PutResource(t.Context(), staff, hours(12*60), desk.Condition{})
	must(t, err)
	if len(saved.Outside) != booking.MaxInUse || !saved.MoreOutside {
		t.Errorf("%d are named, more: %v", len(saved.Outside), saved.MoreOutside)
	}
}
