package storetest

import (
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var dueChecks = []Check{
	{"due/at the instant of expiry", dueInstant},
	{"due/only holds", dueOnlyHolds},
	{"due/in order", dueOrder},
	{"due/venues", dueVenues},
}

func dueInstant(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	expires := Morning.Add(10 * time.Minute)
	f.Change("salon", func(d *Draft) { d.Book(SampleHold("salon", 1, Slot, expires, Chair1, Chair2)) })
	hold := f.Booking("salon", BookingID(1))
	for _, c := range []struct {
		at   time.Time
		want []booking.Booking
	}{
		{expires.Add(-time.Microsecond), nil},
		{expires, []booking.Booking{hold}},
		{expires.Add(time.Microsecond), []booking.Booking{hold}},
		{expires.Add(24 * time.Hour), []booking.Booking{hold}},
	} {
		f.Clock.Set(c.at)
		same(t, "due "+c.at.Sub(expires).String()+" from expiry", f.Find(store.Need{Venue: "salon"}).Due, c.want)
		venues, next, err := f.Store.Due(t.Context(), 10)
		must(t, "due venues", err)
		same(t, "number of due venues", len(venues), len(c.want))
		if due := len(c.want) > 0; due != next.IsZero() {
			t.Errorf("%v from expiry: the next to expire does so at %v", c.at.Sub(expires), next)
		}
	}
}

func dueOnlyHolds(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("barber", func(d *Draft) { d.Book(SampleHold("barber", 9, Slot, Morning, Chair1)) })
	f.Change("salon", func(d *Draft) {
		for n := range 4 {
			d.Book(SampleHold("salon", n, Slot, Morning, Chair1))
		}
		d.Book(SampleBooking("salon", 4, Slot, Chair1))
	})
	f.Change("salon", func(d *Draft) {
		for n, to := range []booking.Status{booking.Confirmed, booking.Cancelled, booking.Expired} {
			d.Move(d.Found.Due[n], to)
		}
	})
	same(t, "due of the salon", idsOf(f.Find(store.Need{Venue: "salon"}).Due), sampleIDs(3))
	f.Change("salon", func(d *Draft) { // extend
		b := d.Found.Due[0]
		b.ExpiresAt = Morning.Add(time.Minute)
		d.Changed = append(d.Changed, b)
		d.step(booking.BookingExtended, b, nil, nil)
	})
	same(t, "due after it was extended", f.Find(store.Need{Venue: "salon"}).Due, nil)
	same(t, "due of the barber", idsOf(f.Find(store.Need{Venue: "barber"}).Due), sampleIDs(9))
}

func dueOrder(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n, minutes := range []time.Duration{3, 1, 2, 1} {
			d.Book(SampleHold("salon", n, Slot, Morning.Add(minutes*time.Minute), Chair2, Chair1))
		}
	})
	f.Clock.Advance(time.Hour)
	due := f.Find(store.Need{Venue: "salon"}).Due
	same(t, "due by expiry, then id", idsOf(due), sampleIDs(1, 3, 2, 0))
	for _, b := range due {
		same(t, "claims of a due hold", b.Claims, SampleBooking("salon", 1, Slot, Chair2, Chair1).Claims)
	}
}

func dueVenues(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	venues, next, err := f.Store.Due(t.Context(), 10)
	must(t, "due of nothing", err)
	same(t, "due venues of nothing", venues, nil)
	if !next.IsZero() {
		t.Errorf("nothing expires at %v", next)
	}
	for venue, minutes := range map[booking.VenueID][]time.Duration{"a": {5, 6}, "b": {1, 9}, "c": {3}, "d": {8}} {
		f.PutCatalogue(venue)
		f.Change(venue, func(d *Draft) {
			for n, m := range minutes {
				d.Book(SampleHold(venue, n, Slot, Morning.Add(m*time.Minute), Chair1))
			}
		})
	}
	f.Clock.Set(Morning.Add(6 * time.Minute))
	for limit, want := range [][]booking.VenueID{nil, {"b"}, {"b", "c"}, {"b", "c", "a"}, {"b", "c", "a"}} {
		venues, next, err := f.Store.Due(t.Context(), limit)
		must(t, "due", err)
		same(t, "due venues, the longest overdue first", venues, want)
		same(t, "next", next, Morning.Add(8*time.Minute))
	}
}
