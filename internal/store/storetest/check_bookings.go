package storetest

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var bookingChecks = []Check{
	{"bookings/every field comes back", bookingFields},
	{"bookings/every status", bookingStatuses},
	{"bookings/replaced", bookingReplaced},
	{"bookings/several claims", bookingSeveralClaims},
	{"bookings/a cancelled booking frees its claims", bookingCancelled},
	{"bookings/found by id", bookingFound},
	{"bookings/many in one change", bookingMany},
}

func bookingFields(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	confirmed := SampleBooking("salon", 1, Slot, Chair1)
	hold := SampleHold("salon", 2, Slot, Morning.Add(10*time.Minute), Chair2)
	f.Change("salon", func(d *Draft) { d.Book(confirmed); d.Book(hold) })
	confirmed.Revision, hold.Revision = 2, 2
	same(t, "confirmed booking", f.Booking("salon", confirmed.ID), confirmed)
	same(t, "hold", f.Booking("salon", hold.ID), hold)
	if b := f.Booking("salon", confirmed.ID); !b.ExpiresAt.IsZero() {
		t.Errorf("a confirmed booking expires at %v", b.ExpiresAt)
	}
	_, err := f.Store.Booking(t.Context(), "salon", "bk_none")
	fails(t, "a booking that does not exist", err, booking.ErrNotFound)
	_, err = f.Store.Booking(t.Context(), "nowhere", confirmed.ID)
	fails(t, "a booking of no venue", err, booking.ErrNotFound)
}

func bookingStatuses(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	all := []booking.Status{booking.Held, booking.Confirmed, booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled}
	f.Change("salon", func(d *Draft) {
		for n, status := range all {
			b := SampleBooking("salon", n, Slot, Chair1)
			if b.Status = status; status == booking.Held {
				b.ExpiresAt = Morning
			}
			d.Book(b)
		}
	})
	for n, status := range all {
		same(t, "status", f.Booking("salon", BookingID(n)).Status, status)
	}
	same(t, "number of those that claim", len(f.Load("salon").Claims), 4)
}

func bookingReplaced(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) { d.Book(SampleHold("salon", 1, Slot, Morning.Add(time.Minute), Chair1, Basin)) })
	f.Clock.Advance(time.Minute)
	later := SampleBooking("salon", 1, Slot.Add(25*time.Hour), Chair2)
	later.WallStart, later.PartySize, later.Extensions = "2026-11-25T12:00:00", 4, 3
	later.Customer = booking.Customer{Name: "Grace", Email: "grace@example.com", Phone: "+1 212 555 0100", Note: "New"}
	later.TokenHash, later.UpdatedAt = sha256.Sum256([]byte("new")), f.Clock.Now()
	later.Claims[0].Units = 3
	later.Revision = 3
	f.Change("salon", func(d *Draft) {
		d.Changed = append(d.Changed, later)
		d.step(booking.BookingConfirmed, later, later.Claims, SampleBooking("salon", 1, Slot, Chair1, Basin).Claims)
	})
	same(t, "replaced booking", f.Booking("salon", later.ID), later)
	same(t, "claims", f.Load("salon").Claims, later.Claims)
	page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{From: later.Start, Limit: 10})
	must(t, "list", err)
	same(t, "listed where it is now", page, []booking.Booking{later})
	page, err = f.Store.Bookings(t.Context(), "salon", store.Filter{To: later.Start, Limit: 10})
	must(t, "list", err)
	same(t, "listed where it was", page, nil)
}

func bookingSeveralClaims(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	b := SampleBooking("salon", 1, Slot, Chair2, Basin, Chair1) // not in the order of ids
	b.Claims[1].End = b.Claims[1].End.Add(time.Hour)
	b.Claims[1].Units = 7
	bare := SampleBooking("salon", 2, Slot)
	f.Change("salon", func(d *Draft) { d.Book(b); d.Book(bare) })
	same(t, "claims of the booking", f.Booking("salon", b.ID).Claims, b.Claims)
	same(t, "claims of a booking without any", f.Booking("salon", bare.ID).Claims, nil)
	same(t, "claims loaded", sorted(f.Load("salon").Claims), sorted(b.Claims))
	page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{Limit: 2})
	must(t, "list", err)
	same(t, "claims of listed bookings", [][]booking.Claim{page[0].Claims, page[1].Claims}, [][]booking.Claim{b.Claims, nil})
}

func bookingCancelled(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	for n, to := range []booking.Status{booking.Cancelled, booking.Expired} {
		b := SampleHold("salon", n, Slot, Morning, Chair1, Chair2)
		f.Change("salon", func(d *Draft) { d.Book(b) })
		same(t, "number of claims of a hold", len(f.Load("salon").Claims), 2)
		f.Change("salon", func(d *Draft) { d.Move(b, to) })
		same(t, "claims after it is "+string(to), f.Load("salon").Claims, nil)
		got := f.Booking("salon", b.ID)
		same(t, "what it had claimed", got.Claims, b.Claims)
		same(t, "status", got.Status, to)
	}
}

func bookingFound(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	want := map[booking.BookingID]booking.Booking{}
	f.Change("salon", func(d *Draft) {
		for n := range 5 {
			b := SampleBooking("salon", n, Slot, Chair2, Chair1)
			d.Book(b)
			b.Revision = d.Change.Revision
			if n%2 == 0 {
				want[b.ID] = b
			}
		}
	})
	found := f.Find(store.Need{Venue: "salon", Bookings: append(sampleIDs(4, 9, 0), "nonsense'\"", BookingID(2))})
	same(t, "bookings found", found.Bookings, want)
}

// bookingMany writes more than fits in any one statement, with answers.
func bookingMany(t testing.TB, h Harness) {
	const many = 333
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n := range many {
			d.Book(SampleHold("salon", n, Slot, Morning, Chair1, Chair2))
			d.Answers = append(d.Answers, SampleAnswer(n, Morning))
		}
	})
	f.Change("salon", func(d *Draft) {
		same(t, "number of due holds", len(d.Found.Due), many)
		for _, b := range d.Found.Due {
			d.Move(b, booking.Confirmed)
		}
	})
	page, err := f.Store.Bookings(t.Context(), "salon", store.Filter{Limit: many + 1})
	must(t, "list", err)
	same(t, "ids", idsOf(page), sampleIDs(slices.Collect(upTo(many))...))
	for _, b := range page {
		same(t, "status", b.Status, booking.Confirmed)
		same(t, "number of claims", len(b.Claims), 2)
	}
	same(t, "number of claims loaded", len(f.Load("salon").Claims), 2*many)
	same(t, "number of entries", len(f.Find(store.Need{Venue: "salon", Known: 1}).Changes[0].Entries), many)
}

// upTo yields 0 to n-1.
func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
