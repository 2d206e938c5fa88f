package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live/wire"
)

func TestAvailability(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const days = venues + "/services/cut/availability?from=2026-11-22&to=2026-11-25"
	a := decode[wire.Availability](t, s.do(t, "GET", days, "").want(t, 200, ""))
	if a.Venue != "barber" || a.Service != "cut" || a.TimeZone != "Europe/Berlin" || a.Stale || len(a.Days) != 4 {
		t.Fatalf("got %+v", a)
	}
	for i, want := range []struct {
		status booking.SlotStatus
		slots  int
	}{{booking.Closed, 0}, {booking.Available, 6 + 8}, {booking.Available, 16}, {booking.Closed, 0}} {
		if d := a.Days[i]; d.Status != want.status || len(d.Slots) != want.slots {
			t.Errorf("%s is %s with %d slots; want %s with %d", d.Date, d.Status, len(d.Slots), want.status, want.slots)
		}
	}
	first := wire.Slot{
		Start: "2026-11-23T09:00:00+01:00", End: "2026-11-23T09:30:00+01:00", Remaining: 2, Capacity: 2, Status: booking.Available,
	}
	if a.Days[1].Slots[0] != first {
		t.Errorf("the first slot is %+v; want %+v", a.Days[1].Slots[0], first)
	}
}

// Whoever has booked sees it at once, here and through at_least, and what the tag stood for is over.
func TestOwnWritesAreReadBack(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	tag := s.do(t, "GET", free, "").header.Get("ETag")
	b := s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	a := s.do(t, "GET", free+"&resource=mia&at_least="+b.Position, "", header("If-None-Match", tag)).want(t, 200, "")
	if slot := decode[wire.Availability](t, a).Days[0].Slots[0]; slot.Status != booking.Full || slot.Remaining != 0 {
		t.Errorf("the slot is %+v", slot)
	}
	s.do(t, "GET", free, "", header("If-None-Match", tag)).want(t, 200, "")
	position, err := booking.ParsePosition(b.Position)
	must(t, err)
	position.Revision += 1000
	s.do(t, "GET", free+"&at_least="+position.String(), "").want(t, 422, "invalid", "at_least")
}

func TestPartySizeDecidesWhatIsFull(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.book(t, `{"service":"yoga","start":"2026-11-23T09:00:00+01:00","party_size":2,`+ada+`}`)
	for party, want := range map[string]booking.SlotStatus{
		"": booking.Available, "&party_size=2": booking.Available, "&party_size=3": booking.Full,
	} {
		a := s.do(t, "GET", venues+"/services/yoga/availability?from=2026-11-23&to=2026-11-23"+party, "").want(t, 200, "")
		if slot := decode[wire.Availability](t, a).Days[0].Slots[0]; slot.Status != want || slot.Remaining != 2 {
			t.Errorf("with %q the slot is %+v; want %s", party, slot, want)
		}
	}
}

func TestDaysWithoutSlots(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const year = venues + "/services/cut/availability?detail=days&from=2026-11-20&to=2027-12-24"
	first := s.do(t, "GET", year, "").want(t, 200, "")
	a := decode[wire.Availability](t, first)
	if len(a.Days) != 400 || a.Venue != "barber" || a.Position == "" {
		t.Fatalf("got %d days: %.300s", len(a.Days), first.body)
	}
	date := booking.Date{Year: 2026, Month: time.November, Day: 20}
	open := 0
	for i, d := range a.Days {
		if d.Date != date.AddDays(i) || d.Slots != nil {
			t.Fatalf("day %d is %+v", i, d)
		}
		if d.Status == booking.Available {
			open++
		}
	}
	// The horizon of thirty days ends on December 23: five Mondays, and five Tuesdays.
	if open != 10 {
		t.Errorf("%d days are open; want 10", open)
	}
	s.book(t, bookingAt("09:00", `,`+ada))
	s.do(t, "GET", year, "", header("If-None-Match", first.header.Get("ETag"))).want(t, 200, "")
}

func TestHead(t *testing.T) {
	t.Parallel()
	srv := serve(t, newServer(t))
	for _, path := range []string{free, venues, "/healthz", "/barber"} {
		res, err := srv.Client().Head(srv.URL + path)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode != http.StatusOK || res.ContentLength == 0 {
			t.Errorf("HEAD %s answers %d with length %d", path, res.StatusCode, res.ContentLength)
		}
	}
}
