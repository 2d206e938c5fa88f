package storetest

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var dueChecks = []check{
	{"due/at the instant of expiry", dueInstant},
	{"due/only holds", dueOnlyHolds},
	{"due/in order", dueOrder},
	{"due/venues", dueVenues},
}

func dueInstant(f *Fixture) {
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
		f.same("due "+c.at.Sub(expires).String()+" from expiry", f.Find(store.Need{Venue: "salon"}).Due, c.want)
		venues, next, err := f.Store.Due(f.Context(), 10)
		f.must("due venues", err)
		f.same("number of due venues", len(venues), len(c.want))
		if due := len(c.want) > 0; due != next.IsZero() {
			f.Errorf("%v from expiry: the next to expire does so at %v", c.at.Sub(expires), next)
		}
	}
}

func dueOnlyHolds(f *Fixture) {
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
	f.same("due of the salon", idsOf(f.Find(store.Need{Venue: "salon"}).Due), sampleIDs(3))
	f.Change("salon", func(d *Draft) { // extend
		b := d.Found.Due[0]
		b.ExpiresAt = Morning.Add(time.Minute)
		d.Changed = append(d.Changed, b)
		d.transition(booking.BookingExtended, b, b.Revision, nil, nil)
	})
	f.same("due after it was extended", f.Find(store.Need{Venue: "salon"}).Due, nil)
	f.same("due of the barber", idsOf(f.Find(store.Need{Venue: "barber"}).Due), sampleIDs(9))
}

func dueOrder(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n, minutes := range []int{3, 1, 2, 1} {
			d.Book(SampleHold("salon", n, Slot, Morning.Add(time.Duration(minutes)*time.Minute), Chair2, Chair1))
		}
	})
	f.Clock.Advance(time.Hour)
	due := f.Find(store.Need{Venue: "salon"}).Due
	f.same("due by expiry, then id", idsOf(due), sampleIDs(1, 3, 2, 0))
	for _, b := range due {
		f.same("claims of a due hold", b.Claims, SampleBooking("salon", 1, Slot, Chair2, Chair1).Claims)
	}
}

func dueVenues(f *Fixture) {
	venues, next, err := f.Store.Due(f.Context(), 10)
	f.must("due of nothing", err)
	f.same("due venues of nothing", venues, nil)
	if !next.IsZero() {
		f.Errorf("nothing expires at %v", next)
	}
	for venue, minutes := range map[booking.VenueID][]int{"a": {5, 6}, "b": {1, 9}, "c": {3}, "d": {8}} {
		f.PutCatalogue(venue)
		f.Change(venue, func(d *Draft) {
			for n, m := range minutes {
				d.Book(SampleHold(venue, n, Slot, Morning.Add(time.Duration(m)*time.Minute), Chair1))
			}
		})
	}
	f.Clock.Set(Morning.Add(6 * time.Minute))
	for limit, want := range [][]booking.VenueID{nil, {"b"}, {"b", "c"}, {"b", "c", "a"}, {"b", "c", "a"}} {
		venues, next, err := f.Store.Due(f.Context(), limit)
		f.must("due", err)
		f.same("due venues, the longest overdue first", venues, want)
		f.same("next", next, Morning.Add(8*time.Minute))
	}
}
