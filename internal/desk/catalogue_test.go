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

func resource(id booking.ResourceID, capacity int) booking.Resource {
	r := booking.Resource{Venue: "barber", ID: id, Name: "Class", Capacity: capacity}
	for day := range r.Schedule.Weekly {
		r.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	return r
}

func TestEditThatWouldOversellIsRefused(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	_, err := n.PutResource(t.Context(), staff, resource("a", 3), desk.Condition{})
	must(t, err)
	var inTheWay []booking.BookingID
	for range 3 {
		made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
		must(t, err)
		inTheWay = append(inTheWay, made.Booking.ID)
	}
	_, err = n.Book(t.Context(), anybody, request(at(12, 0)))
	must(t, err)
	_, err = n.PutResource(t.Context(), staff, resource("a", 2), desk.Condition{})
	var inUse *booking.InUse
	if !errors.As(err, &inUse) || len(inUse.Bookings) != len(inTheWay) {
		t.Fatalf("shrinking below what is taken gave %v", err)
	}
	s.clock.Advance(at(17, 0).Sub(monday))
	_, err = n.PutResource(t.Context(), staff, resource("a", 1), desk.Condition{})
	must(t, err)
}

func TestArchiveWaitsForFutureBookings(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a", "b")
	made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	taken := made.Booking.Claims[0].Resource
	free := booking.ResourceID("a")
	if taken == free {
		free = "b"
	}
	ctx, none := t.Context(), desk.Condition{}
	var inUse *booking.InUse
	if _, err := n.ArchiveResource(ctx, staff, "barber", taken, none); !errors.As(err, &inUse) {
		t.Errorf("archiving a claimed resource gave %v", err)
	}
	if _, err := n.ArchiveService(ctx, staff, "barber", "cut", none); !errors.As(err, &inUse) {
		t.Errorf("archiving a booked service gave %v", err)
	}
	if _, err := n.ArchiveVenue(ctx, staff, "barber", none); !errors.As(err, &inUse) {
		t.Errorf("archiving a booked venue gave %v", err)
	}
	for _, c := range []desk.Condition{{DryRun: true}, none} {
		_, err := n.ArchiveResource(ctx, staff, "barber", free, c)
		if !errors.As(err, &inUse) || !slices.Equal(inUse.Services, []booking.ServiceID{"cut"}) {
			t.Errorf("archiving a resource that a service requires gave %v", err)
		}
	}
	_, err = n.PutService(ctx, staff, service(taken), none)
	must(t, err)
	_, err = n.ArchiveResource(ctx, staff, "barber", free, none)
	must(t, err)
	if _, err := n.Book(ctx, anybody, request(at(10, 0))); !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Errorf("an archived resource was booked: %v", err)
	}
	renamed := booking.Venue{ID: "barber", Name: "Barber", TimeZone: "Europe/Vienna"} // its clocks are Berlin's
	if saved, err := n.PutVenue(ctx, staff, renamed, none); err != nil || saved.Value.TimeZone != renamed.TimeZone {
		t.Errorf("a booked venue's zone was not renamed: %v", err)
	}
	moved := booking.Venue{ID: "barber", Name: "Barber", TimeZone: "America/New_York"}
	if _, err := n.PutVenue(ctx, staff, moved, none); !errors.As(err, &inUse) {
		t.Errorf("a booked venue's zone was changed: %v", err)
	}
	_, err = n.Cancel(ctx, staff, transition(made.Booking))
	must(t, err)
	_, err = n.ArchiveVenue(ctx, staff, "barber", none)
	must(t, err)
	if _, err := n.Book(ctx, anybody, request(at(11, 0))); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("an archived venue was booked: %v", err)
	}
}

func TestPutIsIdempotentAndConditional(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a")
	ctx := t.Context()
	first, err := n.PutResource(ctx, staff, resource("class", 12), desk.Condition{Absent: true})
	must(t, err)
	if !first.Created || !first.Changed {
		t.Errorf("creating gave %+v", first)
	}
	same, err := n.PutResource(ctx, staff, resource("class", 12), desk.Condition{})
	must(t, err)
	if same.Created || same.Changed || same.Value.Revision != first.Value.Revision {
		t.Errorf("putting the same again gave %+v", same)
	}
	if _, err := n.PutResource(ctx, staff, resource("class", 13), desk.Condition{Absent: true}); !errors.Is(err, booking.ErrPrecondition) {
		t.Errorf("creating what exists gave %v", err)
	}
	stale := desk.Condition{Match: []booking.Revision{first.Value.Revision - 1}}
	if _, err := n.PutResource(ctx, staff, resource("class", 13), stale); !errors.Is(err, booking.ErrPrecondition) {
		t.Errorf("editing an old revision gave %v", err)
	}
	_, err = n.PutResource(ctx, staff, resource("class", 13), desk.Condition{Match: []booking.Revision{first.Value.Revision}})
	must(t, err)
	bad := service("nobody")
	var invalid *booking.Invalid
	if _, err := n.PutService(ctx, staff, bad, desk.Condition{}); !errors.As(err, &invalid) ||
		invalid.Fields[0].Field != "requires[0].any_of[0]" {
		t.Errorf("requiring what does not exist gave %v", err)
	}
}

// A refused request is not a slot, too soon, or beyond the horizon: each says so, and in that order.
func TestRefusals(t *testing.T) {
	t.Parallel()
	_, n := furnishedShop(t, "a")
	for _, c := range []struct {
		name string
		r    desk.BookRequest
		want error
	}{
		{"between slots", request(at(10, 7)), booking.ErrNotASlot},
		{"past", request(at(10, 0).AddDate(0, 0, -7)), booking.ErrTooSoon},
		{"beyond the horizon", request(at(10, 0).AddDate(0, 0, 31)), booking.ErrBeyondHorizon},
		{"no such service", desk.BookRequest{Venue: "barber", Service: "x", Start: at(10, 0), PartySize: 1, Customer: ada}, booking.ErrNotFound},
		{"no such venue", desk.BookRequest{Venue: "x", Service: "x", Start: at(10, 0), PartySize: 1, Customer: ada}, booking.ErrNotFound},
	} {
		if _, err := n.Book(t.Context(), anybody, c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, r := range []desk.BookRequest{request(at(10, 7)), hold(at(10, 7))} {
		_, err := n.Book(t.Context(), anybody, r)
		if why, ok := errors.AsType[*booking.NotASlot](err); !ok || why.Reason != booking.ReasonOffGrid || len(why.Nearest) != 2 {
			t.Errorf("between slots: %v", err)
		}
	}
}

// A booking and the archiving of its service wait together. Whichever is decided first, the other is refused.
func TestArchiveSeesItsOwnBatch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	gate := newGated(s.store)
	n := s.open(t, gate)
	first := waiting(t, n, 1, func(int) desk.BookRequest { return hold(at(9, 0)) })
	<-gate.entered
	booked := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(10, 0)) })
	n.AwaitWaiting(1)
	archived := make(chan error)
	go func() {
		_, err := n.ArchiveService(t.Context(), staff, "barber", "cut", desk.Condition{})
		archived <- err
	}()
	n.AwaitWaiting(2)
	close(gate.proceed)
	first()
	must(t, booked()[0])
	if _, ok := errors.AsType[*booking.InUse](<-archived); !ok {
		t.Error("a service was archived under a booking of the same batch")
	}
}

// Two edits of a venue that did not exist wait together: the second finds what the first made.
func TestPutSeesItsOwnBatch(t *testing.T) {
	t.Parallel()
	_, n, gate, first := busyShop(t, "a")
	put := func(zone string) chan error {
		answered := make(chan error, 1)
		go func() {
			_, err := n.PutVenue(t.Context(), staff, booking.Venue{ID: "newcomer", Name: "New", TimeZone: zone}, desk.Condition{})
			answered <- err
		}()
		return answered
	}
	berlin := put("Europe/Berlin")
	n.AwaitWaiting(1)
	tokyo := put("Asia/Tokyo")
	n.AwaitWaiting(2)
	close(gate.proceed)
	first()
	must(t, <-berlin)
	must(t, <-tokyo)
	p, err := n.view.Picture(t.Context(), "newcomer")
	must(t, err)
	if p.Revision != 1 || p.Venue.TimeZone != "Asia/Tokyo" {
		t.Errorf("the venue is at revision %d in %s", p.Revision, p.Venue.TimeZone)
	}
}

// Two bookings of one start and, between them, an edit that brings the notice beyond it wait together. The second is judged by the edit.
func TestBookingSeesTheEditsOfItsOwnBatch(t *testing.T) {
	t.Parallel()
	_, n, gate, first := busyShop(t, "a")
	before := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(12, 0)) })
	n.AwaitWaiting(1)
	edited := make(chan error, 1)
	go func() {
		cut := service("a")
		cut.MinNotice = 24 * time.Hour
		_, err := n.PutService(t.Context(), staff, cut, desk.Condition{})
		edited <- err
	}()
	n.AwaitWaiting(2)
	after := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(12, 0)) })
	n.AwaitWaiting(3)
	close(gate.proceed)
	must(t, first()[0])
	must(t, before()[0])
	must(t, <-edited)
	if err := after()[0]; !errors.Is(err, booking.ErrTooSoon) {
		t.Errorf("the booking after the edit: %v", err)
	}
}

// A new venue takes no address that the server may need. One that has it goes on.
func TestReservedIDs(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, s.store)
	for _, id := range []booking.VenueID{"admin", "login", "waitlist", "v1"} {
		_, err := n.PutVenue(t.Context(), staff, booking.Venue{ID: id, Name: "New", TimeZone: "Europe/Berlin"}, desk.Condition{})
		if invalid, ok := errors.AsType[*booking.Invalid](err); !ok || invalid.Fields[0].Field != "id" {
			t.Errorf("a new venue %s: %v", id, err)
		}
	}

	// A venue that had its id before it was reserved, as if an earlier version had made it.
	old := booking.Venue{ID: "admin", Name: "Old", TimeZone: "Europe/Berlin", Revision: 1}
	need := []store.Need{{Venue: old.ID}}
	must(t, s.store.Update(t.Context(), need, func([]store.Found) ([]store.Write, error) {
		return []store.Write{{Change: booking.Change{
			Venue: old.ID, Revision: 1, Batch: "b", CommittedAt: at(6, 0),
			Entries: []booking.Entry{{Kind: booking.VenuePut, Actor: "staff:old", Venue: &old}},
		}}}, nil
	}))
	old.Name = "Renamed"
	if saved, err := n.PutVenue(t.Context(), staff, old, desk.Condition{}); err != nil || saved.Value.Name != "Renamed" {
		t.Errorf("an old venue with a reserved id: %v, %v", saved, err)
	}
}
