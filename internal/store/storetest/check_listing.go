package storetest

import (
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var listingChecks = []Check{
	{"listing/by start, then id", listingOrder},
	{"listing/page by page", listingPages},
	{"listing/within bounds", listingBounds},
	{"listing/of statuses", listingStatuses},
	{"listing/a limit is needed", listingLimit},
}

// ties are the slots of the listings' bookings: several start together.
var ties = []int{3, 1, 1, 2, 1, 3, 0, 2}

// byStart are the samples' numbers in the order of a listing.
var byStart = []int{6, 1, 2, 4, 3, 7, 0, 5}

func listingFixture(t testing.TB, h Harness) *Fixture {
	t.Helper()
	f := NewFixture(t, h)
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
	return f
}

func (f *Fixture) list(filter store.Filter) []booking.BookingID {
	f.Helper()
	page, err := f.Store.Bookings(f.Context(), "salon", filter)
	must(f, "list bookings", err)
	for _, b := range page {
		if b.Venue != "salon" || len(b.Claims) != 2 {
			f.Errorf("listed a booking of venue %s with %d claims", b.Venue, len(b.Claims))
		}
	}
	return idsOf(page)
}

func listingOrder(t testing.TB, h Harness) {
	f := listingFixture(t, h)
	same(t, "listing", f.list(store.Filter{Limit: 100}), sampleIDs(byStart...))
	same(t, "the first three", f.list(store.Filter{Limit: 3}), sampleIDs(byStart[:3]...))
	nowhere, err := f.Store.Bookings(t.Context(), "nowhere", store.Filter{Limit: 100})
	must(t, "list bookings of no venue", err)
	same(t, "listing of no venue", idsOf(nowhere), nil)
}

func listingPages(t testing.TB, h Harness) {
	f := listingFixture(t, h)
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
		same(t, "all pages", all, sampleIDs(byStart...))
	}
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 99, Slot, Chair1, Chair2)) })
	after := store.Filter{Limit: 100, AfterStart: Slot, AfterID: BookingID(6)}
	same(t, "after one, with a later arrival", f.list(after), sampleIDs(append([]int{99}, byStart[1:]...)...))
	after.AfterID = BookingID(98)
	same(t, "after one that does not exist", f.list(after), sampleIDs(append([]int{99}, byStart[1:]...)...))
}

func listingBounds(t testing.TB, h Harness) {
	f := listingFixture(t, h)
	at := func(hours int) time.Time { return Slot.Add(time.Duration(hours) * time.Hour) }
	for _, c := range []struct {
		what   string
		filter store.Filter
		want   []int
	}{
		{"from a start", store.Filter{From: at(1)}, byStart[1:]},
		{"from just behind a start", store.Filter{From: at(1).Add(time.Microsecond)}, byStart[4:]},
		{"to a start", store.Filter{To: at(1)}, byStart[:1]},
		{"to just behind a start", store.Filter{To: at(1).Add(time.Microsecond)}, byStart[:4]},
		{"between", store.Filter{From: at(1), To: at(3)}, byStart[1:6]},
		{"between nothing", store.Filter{From: at(3), To: at(3)}, nil},
		{"between, continued", store.Filter{From: at(1), To: at(3), AfterStart: at(1), AfterID: BookingID(2)}, byStart[3:6]},
		{"continued from before the bounds", store.Filter{From: at(2), AfterStart: at(1), AfterID: BookingID(2)}, byStart[4:]},
	} {
		c.filter.Limit = 100
		same(t, "listing "+c.what, f.list(c.filter), sampleIDs(c.want...))
	}
}

func listingStatuses(t testing.TB, h Harness) {
	f := listingFixture(t, h)
	odd := slices.DeleteFunc(slices.Clone(byStart), func(n int) bool { return n%2 == 0 })
	cancelled := []booking.Status{booking.Cancelled}
	same(t, "cancelled", f.list(store.Filter{Statuses: cancelled, Limit: 100}), sampleIDs(odd...))
	same(t, "two of the cancelled", f.list(store.Filter{Statuses: cancelled, Limit: 2}), sampleIDs(odd[:2]...))
	both := []booking.Status{booking.Confirmed, booking.Cancelled}
	same(t, "confirmed and cancelled", f.list(store.Filter{Statuses: both, Limit: 100}), sampleIDs(byStart...))
	same(t, "held", f.list(store.Filter{Statuses: []booking.Status{booking.Held}, Limit: 100}), nil)
	same(t, "cancelled, continued", f.list(store.Filter{
		Statuses: cancelled, AfterStart: Slot.Add(time.Hour), AfterID: BookingID(1), Limit: 100,
	}), sampleIDs(odd[1:]...))
}

func listingLimit(t testing.TB, h Harness) {
	f := listingFixture(t, h)
	for _, limit := range []int{0, -1} {
		if page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{Limit: limit}); err == nil {
			t.Errorf("a listing of %d gave %d bookings and no error", limit, len(page))
		}
	}
}
