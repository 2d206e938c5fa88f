package storetest

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var countChecks = []check{
	{"counts/live bookings of a client", countClient},
	{"counts/live bookings of a contact", countContact},
	{"counts/holds of a service in a range", countHolds},
	{"counts/client tags are erased after their time", countErased},
	{"counts/tags of ended bookings are erased", countEndedErased},
	{"counts/one secret for all", countSecret},
}

// tagged is a booking that is counted for a client and a contact.
func tagged(b booking.Booking, client, contact string) booking.Booking {
	b.ClientTag, b.ContactTag = client, contact
	return b
}

func madeAt(b booking.Booking, at time.Time) booking.Booking {
	b.CreatedAt = at
	return b
}

func countClient(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	old := Morning.Add(-booking.ClientTagTTL)
	f.Change("salon", func(d *Draft) {
		d.Book(tagged(SampleBooking("salon", 1, Slot, Chair1), "ada", ""))
		d.Book(tagged(SampleHold("salon", 2, Slot, Slot, Chair1), "ada", ""))
		d.Book(tagged(SampleHold("salon", 3, Slot, Morning, Chair1), "ada", "")) // due, and not expired yet
		d.Book(tagged(SampleBooking("salon", 4, Slot, Chair1), "bob", ""))
		d.Book(tagged(madeAt(SampleBooking("salon", 5, Slot, Chair1), old), "ada", "")) // too long ago
		d.Book(tagged(madeAt(SampleBooking("salon", 6, Slot, Chair1), old.Add(time.Microsecond)), "ada", ""))
		d.Book(SampleBooking("salon", 7, Slot, Chair1)) // counted for nobody
		for n, status := range []booking.Status{booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled} {
			b := tagged(SampleBooking("salon", 10+n, Slot, Chair1), "ada", "")
			b.Status = status
			d.Book(b)
		}
	})
	f.Change("barber", func(d *Draft) { d.Book(tagged(SampleBooking("barber", 1, Slot, Chair1), "ada", "")) })
	need := store.Need{Venue: "salon", Clients: []string{"ada", "bob", "nobody"}}
	found := f.Find(need).Clients
	f.same("bookings of ada", found["ada"], store.Live{Held: 2, All: 4})
	f.same("bookings of bob", found["bob"], store.Live{All: 1})
	f.same("bookings of nobody", found["nobody"], store.Live{})
	f.same("bookings of ada at the barber", f.Find(store.Need{Venue: "barber", Clients: need.Clients}).Clients["ada"], store.Live{All: 1})

	f.Change("salon", func(d *Draft) {
		d.Move(tagged(SampleHold("salon", 2, Slot, Slot, Chair1), "ada", ""), booking.Confirmed)
		d.Move(tagged(SampleHold("salon", 3, Slot, Morning, Chair1), "ada", ""), booking.Expired)
		d.Move(tagged(SampleBooking("salon", 4, Slot, Chair1), "", ""), booking.Confirmed) // its tag is erased
	})
	found = f.Find(need).Clients
	f.same("bookings of ada, after more", found["ada"], store.Live{All: 3})
	f.same("bookings of bob, after his tag was erased", found["bob"], store.Live{})
	if b := f.Booking("salon", BookingID(2)); b.ClientTag != "ada" {
		f.Errorf("a tag came back as %q", b.ClientTag)
	}
}

func countContact(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		over := SampleBooking("salon", 4, Morning.Add(-time.Hour), Chair1)
		over.End = Morning
		d.Book(tagged(SampleBooking("salon", 1, Slot, Chair1), "x", "ada"))
		d.Book(tagged(SampleHold("salon", 2, Slot, Slot, Chair1), "y", "ada"))
		d.Book(tagged(SampleBooking("salon", 3, Slot, Chair1), "ada", "bob"))
		d.Book(tagged(over, "x", "ada"))
		d.Book(tagged(madeAt(SampleBooking("salon", 5, Slot, Chair1), Morning.AddDate(-1, 0, 0)), "", "ada")) // as good as any
		gone := tagged(SampleBooking("salon", 6, Slot, Chair1), "x", "ada")
		gone.Status = booking.Cancelled
		d.Book(gone)
	})
	found := f.Find(store.Need{Venue: "salon", Contacts: []string{"ada", "bob", "nobody"}}).Contacts
	f.same("bookings of the contacts", [3]int{found["ada"], found["bob"], found["nobody"]}, [3]int{3, 1, 0})
	if b := f.Booking("salon", BookingID(1)); b.ContactTag != "ada" {
		f.Errorf("a tag came back as %q", b.ContactTag)
	}
}

func countHolds(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		hold := func(n int, start time.Time) booking.Booking {
			return tagged(SampleHold("salon", n, start, start, Chair1), "ada", "")
		}
		d.Book(hold(1, Slot))
		many := hold(2, Slot.Add(time.Hour))
		many.PartySize = 4
		d.Book(many)
		d.Book(hold(3, Slot.Add(2*time.Hour)))                                // outside
		d.Book(tagged(SampleHold("salon", 4, Slot, Slot, Chair1), "", "ada")) // of staff
		d.Book(tagged(SampleBooking("salon", 5, Slot, Chair1), "ada", ""))    // no hold
		other := hold(6, Slot)
		other.Service = Colour
		d.Book(other)
	})
	whole := store.HoldRange{Service: Cut, From: Slot, To: Slot.Add(2 * time.Hour)}
	later := store.HoldRange{Service: Cut, From: Slot.Add(time.Microsecond), To: Slot.Add(time.Hour + time.Microsecond)}
	none := store.HoldRange{Service: Wash, From: Slot, To: Slot.Add(time.Hour)}
	f.same("holds", f.Find(store.Need{Venue: "salon", Holds: []store.HoldRange{whole, none, later}}).Holds,
		[]store.Held{{Bookings: 2, People: 6}, {}, {Bookings: 1, People: 4}})
	f.Change("salon", func(d *Draft) {
		d.Move(tagged(SampleHold("salon", 1, Slot, Slot, Chair1), "ada", ""), booking.Confirmed)
	})
	f.same("holds, after one was confirmed", f.Find(store.Need{Venue: "salon", Holds: []store.HoldRange{whole}}).Holds,
		[]store.Held{{Bookings: 1, People: 4}})
}

func countErased(f *Fixture) {
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for n := range 4 {
			d.Book(tagged(madeAt(SampleBooking("salon", n, Slot, Chair1), Morning.Add(time.Duration(n)*time.Minute)), "ada", "ada"))
		}
	})
	revision := f.Revision("salon")
	f.Clock.Set(Morning.Add(booking.ClientTagTTL + 2*time.Minute)) // 0, 1 and 2 are past their time
	for _, want := range []int{2, 1, 0} {
		n, err := f.Store.EraseTags(f.Context(), 2)
		f.must("erase", err)
		f.same("number of tags erased", n, want)
	}
	for n, want := range []string{"", "", "", "ada"} {
		b := f.Booking("salon", BookingID(n))
		f.same("client tag", b.ClientTag, want)
		f.same("contact tag", b.ContactTag, "ada")
	}
	f.same("revision", f.Revision("salon"), revision)
}

// countEndedErased has a program end bookings that does not know the tags, and leaves them.
func countEndedErased(f *Fixture) {
	f.PutCatalogue("salon")
	statuses := []booking.Status{booking.Confirmed, booking.Expired, booking.Cancelled, booking.Completed, booking.NoShow}
	f.Change("salon", func(d *Draft) {
		for i, status := range statuses {
			for n, tags := range [][2]string{{"ada", "ada"}, {"ada", ""}, {"", "ada"}} {
				b := tagged(SampleBooking("salon", 10*i+n, Slot, Chair1), tags[0], tags[1])
				b.Status = status
				d.Book(b)
			}
		}
		d.Book(tagged(SampleHold("salon", 100, Slot, Morning.Add(time.Hour), Chair1), "ada", "ada"))
	})
	revision := f.Revision("salon")
	for _, want := range []int{5, 5, 2, 0} {
		n, err := f.Store.EraseTags(f.Context(), 5)
		f.must("erase", err)
		f.same("number of bookings", n, want)
	}
	for i, status := range statuses {
		for n, tags := range [][2]string{{"ada", "ada"}, {"ada", ""}, {"", "ada"}} {
			if status != booking.Confirmed {
				tags = [2]string{}
			}
			b := f.Booking("salon", BookingID(10*i+n))
			f.same("tags of one that is "+string(status), [2]string{b.ClientTag, b.ContactTag}, tags)
		}
	}
	held := f.Booking("salon", BookingID(100))
	f.same("tags of a hold", [2]string{held.ClientTag, held.ContactTag}, [2]string{"ada", "ada"})
	f.same("revision", f.Revision("salon"), revision)
}

func countSecret(f *Fixture) {
	one, err := f.Store.ClientSecret(f.Context())
	f.must("secret", err)
	if len(one) < 26 { // of 32 letters: 130 bits
		f.Errorf("the secret is %q", one)
	}
	again, err := f.Store.ClientSecret(f.Context())
	f.must("secret", err)
	f.same("secret, once more", again, one)
	f.Store = f.harness.Reopen(f.TB, f.Store, f.Clock.Now, 0)
	again, err = f.Store.ClientSecret(f.Context())
	f.must("secret", err)
	f.same("secret, after a restart", again, one)
}
