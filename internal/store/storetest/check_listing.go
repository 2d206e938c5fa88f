package storetest

import (
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var listingChecks = []check{
	{"listing/by start, then id", listingOrder},
	{"listing/page by page", listingPages},
	{"listing/within bounds", listingBounds},
	{"listing/the longest booking", listingLongestBooking},
	{"listing/of statuses", listingStatuses},
	{"listing/a limit is needed", listingLimit},
}

// ties are the slots of the listings' bookings: several start together.
var ties = []int{3, 1, 1, 2, 1, 3, 0, 2}

// byStart are the samples' numbers in the order of a listing.
var byStart = []int{6, 1, 2, 4, 3, 7, 0, 5}

// putListing makes the same bookings in two venues.
func (f *Fixture) putListing() {
	f.Helper()
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	for _, venue := range []booking.VenueID{"salon", "barber"} {
		f.Change(venue, func(d *Draft) {
			for n, slot := range ties {
				b := SampleBooking(venue, n, Slot.Add(time.Duration(slot)*time.Hour), Chair2, Chair1)
				if n%2 == 1 {
					b.Status = booking.Cancelled
				}
				d.Book(b)
			}
		})
	}
}

func (f *Fixture) list(filter store.Filter) []booking.BookingID {
	f.Helper()
	page, err := f.Store.Bookings(f.Context(), "salon", filter)
	f.must("list bookings", err)
	for _, b := range page {
		if b.Venue != "salon" || len(b.Claims) != 2 {
			f.Errorf("listed a booking of venue %s with %d claims", b.Venue, len(b.Claims))
		}
	}
	return idsOf(page)
}

func listingOrder(f *Fixture) {
	f.putListing()
	f.same("listing", f.list(store.Filter{Limit: 100}), sampleIDs(byStart...))
	f.same("the first three", f.list(store.Filter{Limit: 3}), sampleIDs(byStart[:3]...))
	nowhere, err := f.Store.Bookings(f.Context(), "nowhere", store.Filter{Limit: 100})
	f.must("list bookings of no venue", err)
	f.same("listing of no venue", idsOf(nowhere), nil)
}

func listingPages(f *Fixture) {
	f.putListing()
	for size := 1; size <= len(ties)+1; size++ {
		var all []booking.BookingID
		for filter := (store.Filter{Limit: size}); len(all) <= len(ties); {
			page := f.list(filter)
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			last := f.Booking("salon", page[len(page)-1])
			filter.AfterStart, filter.AfterID = last.Start, last.ID
		}
		f.same("all pages", all, sampleIDs(byStart...))
	}
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 99, Slot, Chair1, Chair2)) })
	after := store.Filter{Limit: 100, AfterStart: Slot, AfterID: BookingID(6)}
	f.same("after one, with a later arrival", f.list(after), sampleIDs(append([]int{99}, byStart[1:]...)...))
	after.AfterID = BookingID(98)
	f.same("after one that does not exist", f.list(after), sampleIDs(append([]int{99}, byStart[1:]...)...))
}

func listingBounds(f *Fixture) {
	f.putListing()
	at := func(hours int) time.Time { return Slot.Add(time.Duration(hours) * time.Hour) }
	end := func(hours int) time.Time { return at(hours).Add(45 * time.Minute) }
	for _, c := range []struct {
		what   string
		filter store.Filter
		want   []int
	}{
		{"from a start", store.Filter{From: at(1)}, byStart[1:]},
		{"from within bookings", store.Filter{From: at(1).Add(time.Microsecond)}, byStart[1:]},
		{"from just before an end", store.Filter{From: end(1).Add(-time.Microsecond)}, byStart[1:]},
		{"from an end", store.Filter{From: end(1)}, byStart[4:]},
		{"within bookings", store.Filter{From: at(1).Add(time.Minute), To: at(1).Add(2 * time.Minute)}, byStart[1:4]},
		{"between bookings", store.Filter{From: end(1), To: at(2)}, nil},
		{"to a start", store.Filter{To: at(1)}, byStart[:1]},
		{"to just behind a start", store.Filter{To: at(1).Add(time.Microsecond)}, byStart[:4]},
		{"between", store.Filter{From: at(1), To: at(3)}, byStart[1:6]},
		{"between nothing", store.Filter{From: at(3), To: at(3)}, nil},
		{"between, continued", store.Filter{From: at(1), To: at(3), AfterStart: at(1), AfterID: BookingID(2)}, byStart[3:6]},
		{"continued from before the bounds", store.Filter{From: at(2), AfterStart: at(1), AfterID: BookingID(2)}, byStart[4:]},
	} {
		c.filter.Limit = 100
		f.same("listing "+c.what, f.list(c.filter), sampleIDs(c.want...))
	}
}

func listingStatuses(f *Fixture) {
	f.putListing()
	odd := slices.DeleteFunc(slices.Clone(byStart), func(n int) bool { return n%2 == 0 })
	cancelled := []booking.Status{booking.Cancelled}
	f.same("cancelled", f.list(store.Filter{Statuses: cancelled, Limit: 100}), sampleIDs(odd...))
	f.same("two of the cancelled", f.list(store.Filter{Statuses: cancelled, Limit: 2}), sampleIDs(odd[:2]...))
	both := []booking.Status{booking.Confirmed, booking.Cancelled}
	f.same("confirmed and cancelled", f.list(store.Filter{Statuses: both, Limit: 100}), sampleIDs(byStart...))
	f.same("held", f.list(store.Filter{Statuses: []booking.Status{booking.Held}, Limit: 100}), nil)
	f.same("cancelled, continued", f.list(store.Filter{
		Statuses: cancelled, AfterStart: Slot.Add(time.Hour), AfterID: BookingID(1), Limit: 100,
	}), sampleIDs(odd[1:]...))
}

func listingLimit(f *Fixture) {
	f.putListing()
	for _, limit := range []int{0, -1} {
		if page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{Limit: limit}); err == nil {
			f.Errorf("a listing of %d gave %d bookings and no error", limit, len(page))
		}
	}
}

// listingLongest has the longest booking that there can be, which began long before the period, among short ones.
func listingLongestBooking(f *Fixture) {
	f.putListing()
	f.Change("salon", func(d *Draft) {
		long := SampleBooking("salon", 50, Slot, Chair1, Chair2)
		long.End = long.Start.Add(booking.MaxDuration)
		d.Book(long)
	})
	end := Slot.Add(booking.MaxDuration)
	last := store.Filter{From: end.Add(-time.Microsecond), To: end.Add(time.Hour), Limit: 100}
	f.same("listing the last instant of the longest booking", f.list(last), sampleIDs(50))
	last.From = end
	f.same("listing from its end", f.list(last), nil)
	within := store.Filter{From: Slot.Add(24 * time.Hour), To: Slot.Add(48 * time.Hour), Limit: 1, AfterStart: Slot, AfterID: BookingID(49)}
	f.same("listing a day of it, continued before it", f.list(within), sampleIDs(50))
	within.AfterID = BookingID(50)
	f.same("listing a day of it, continued behind it", f.list(within), nil)
}
