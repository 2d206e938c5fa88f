package storetest

import (
	"crypto/sha256"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var bookingChecks = []check{
	{"bookings/every field comes back", bookingFields},
	{"bookings/every status", bookingStatuses},
	{"bookings/replaced", bookingReplaced},
	{"bookings/several claims", bookingSeveralClaims},
	{"bookings/a cancelled booking frees its claims", bookingCancelled},
	{"bookings/found by id", bookingFound},
	{"bookings/many in one change", bookingMany},
}

func bookingFields(f *Fixture) {
	f.PutCatalogue("salon")
	confirmed := SampleBooking("salon", 1, Slot, Chair1)
	hold := SampleHold("salon", 2, Slot, Morning.Add(10*time.Minute), Chair2)
	f.Change("salon", func(d *Draft) { d.Book(confirmed); d.Book(hold) })
	confirmed.Revision, hold.Revision = 2, 2
	f.same("confirmed booking", f.Booking("salon", confirmed.ID), confirmed)
	f.same("hold", f.Booking("salon", hold.ID), hold)
	if b := f.Booking("salon", confirmed.ID); !b.ExpiresAt.IsZero() {
		f.Errorf("a confirmed booking expires at %v", b.ExpiresAt)
	}
	_, err := f.Store.Booking(f.Context(), "salon", "bk_none")
	f.fails("a booking that does not exist", err, booking.ErrNotFound)
	_, err = f.Store.Booking(f.Context(), "nowhere", confirmed.ID)
	f.fails("a booking of no venue", err, booking.ErrNotFound)
}

func bookingStatuses(f *Fixture) {
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
		f.same("status", f.Booking("salon", BookingID(n)).Status, status)
	}
	f.same("number of those that claim", len(f.Load("salon").Claims), 4)
}

func bookingReplaced(f *Fixture) {
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
		d.transition(booking.BookingConfirmed, later, 2, later.Claims, SampleBooking("salon", 1, Slot, Chair1, Basin).Claims)
	})
	f.same("replaced booking", f.Booking("salon", later.ID), later)
	f.same("claims", f.Load("salon").Claims, later.Claims)
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{From: later.Start, Limit: 10})
	f.must("list", err)
	f.same("listed where it is now", page, []booking.Booking{later})
	page, err = f.Store.Bookings(f.Context(), "salon", store.Filter{To: later.Start, Limit: 10})
	f.must("list", err)
	f.same("listed where it was", page, nil)
}

func bookingSeveralClaims(f *Fixture) {
	f.PutCatalogue("salon")
	b := SampleBooking("salon", 1, Slot, Chair2, Basin, Chair1) // not in the order of ids
	b.Claims[1].End = b.Claims[1].End.Add(time.Hour)
	b.Claims[1].Units = 7
	bare := SampleBooking("salon", 2, Slot)
	f.Change("salon", func(d *Draft) { d.Book(b); d.Book(bare) })
	f.same("claims of the booking", f.Booking("salon", b.ID).Claims, b.Claims)
	f.same("claims of a booking without any", f.Booking("salon", bare.ID).Claims, nil)
	f.same("claims loaded", sorted(f.Load("salon").Claims), sorted(b.Claims))
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{Limit: 2})
	f.must("list", err)
	f.same("claims of listed bookings", [][]booking.Claim{page[0].Claims, page[1].Claims}, [][]booking.Claim{b.Claims, nil})
}

func bookingCancelled(f *Fixture) {
	f.PutCatalogue("salon")
	for n, to := range []booking.Status{booking.Cancelled, booking.Expired} {
		b := SampleHold("salon", n, Slot, Morning, Chair1, Chair2)
		f.Change("salon", func(d *Draft) { d.Book(b) })
		f.same("number of claims of a hold", len(f.Load("salon").Claims), 2)
		f.Change("salon", func(d *Draft) { d.Move(b, to) })
		f.same("claims after it is "+string(to), f.Load("salon").Claims, nil)
		got := f.Booking("salon", b.ID)
		f.same("what it had claimed", got.Claims, b.Claims)
		f.same("status", got.Status, to)
	}
}

func bookingFound(f *Fixture) {
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
	f.same("bookings found", found.Bookings, want)
}

// bookingMany writes more than fits in any one statement, with answers.
func bookingMany(f *Fixture) {
	const many = 201
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n := range many {
			d.Book(SampleHold("salon", n, Slot, Morning, Chair1, Chair2))
			d.Answers = append(d.Answers, SampleAnswer(n, Morning))
		}
	})
	f.Change("salon", func(d *Draft) {
		f.same("number of due holds", len(d.Found.Due), many)
		for _, b := range d.Found.Due {
			d.Move(b, booking.Confirmed)
		}
	})
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{Limit: many + 1})
	f.must("list", err)
	f.same("ids", idsOf(page), sampleIDs(slices.Collect(upTo(many))...))
	for _, b := range page {
		f.same("status", b.Status, booking.Confirmed)
		f.same("number of claims", len(b.Claims), 2)
	}
	f.same("number of claims loaded", len(f.Load("salon").Claims), 2*many)
	f.same("number of entries", len(f.Find(store.Need{Venue: "salon", Known: 1}).Changes[0].Entries), many)
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
