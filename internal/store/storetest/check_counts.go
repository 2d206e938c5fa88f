package storetest

import (
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var countChecks = []check{
	{"counts/live bookings of a client", countClient},
	{"counts/live bookings of clients whose tags begin alike", countNetwork},
	{"counts/live bookings of a contact", countContact},
	{"counts/what holds of a service in a range claim", countHolds},
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
	f.same("bookings of ada", found["ada"], []store.Live{{Service: Cut, Held: 2, All: 4, People: 8}})
	f.same("bookings of bob", found["bob"], []store.Live{{Service: Cut, All: 1, People: 2}})
	f.same("bookings of nobody", found["nobody"], []store.Live{})
	f.same("bookings of ada at the barber", f.Find(store.Need{Venue: "barber", Clients: need.Clients}).Clients["ada"],
		[]store.Live{{Service: Cut, All: 1, People: 2}})

	f.Change("salon", func(d *Draft) {
		d.Move(tagged(SampleHold("salon", 2, Slot, Slot, Chair1), "ada", ""), booking.Confirmed)
		d.Move(tagged(SampleHold("salon", 3, Slot, Morning, Chair1), "ada", ""), booking.Expired)
		d.Move(tagged(SampleBooking("salon", 4, Slot, Chair1), "", ""), booking.Confirmed) // its tag is erased
	})
	found = f.Find(need).Clients
	f.same("bookings of ada, after more", found["ada"], []store.Live{{Service: Cut, All: 3, People: 6}})
	f.same("bookings of bob, after his tag was erased", found["bob"], []store.Live{})
	if b := f.Booking("salon", BookingID(2)); b.ClientTag != "ada" {
		f.Errorf("a tag came back as %q", b.ClientTag)
	}
}

// countNetwork counts by the beginnings of tags, each service by itself. The characters of tags are of all that there may be.
func countNetwork(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("salon", func(d *Draft) {
		for n, tag := range []string{"aZ-_09", "aZ-_zz", "aZ-_", "aZ-", "aZ-a", "AZ-_09", "aZ", "b"} {
			d.Book(tagged(SampleBooking("salon", n, Slot, Chair1), tag, ""))
		}
		colour := tagged(SampleHold("salon", 20, Slot, Slot, Chair2), "aZ-_-", "")
		colour.Service, colour.PartySize = Colour, 7
		d.Book(colour)
	})
	f.Change("barber", func(d *Draft) { d.Book(tagged(SampleBooking("barber", 30, Slot, Chair1), "aZ-_09", "")) })
	found := f.Find(store.Need{Venue: "salon", Clients: []string{"a", "aZ-", "aZ-_", "aZ-_09", "aZ-_0999"}}).Clients
	for tag, cuts := range map[string]int{"a": 6, "aZ-": 5, "aZ-_": 3, "aZ-_09": 1} {
		want := []store.Live{{Service: Cut, All: cuts, People: 2 * cuts}}
		if tag != "aZ-_09" {
			want = append([]store.Live{{Service: Colour, Held: 1, All: 1, People: 7}}, want...)
		}
		got := found[tag]
		slices.SortFunc(got, func(a, b store.Live) int { return strings.Compare(string(a.Service), string(b.Service)) })
		f.same("bookings of "+tag, got, want)
	}
	f.same("bookings of a longer tag", found["aZ-_0999"], []store.Live{})

	// What is enough is counted, and what is less is counted whole.
	found = f.Find(store.Need{Venue: "salon", Clients: []string{"a", "aZ-_09"}, EnoughBookings: 4}).Clients
	counted := 0
	for _, live := range found["a"] {
		counted += live.All
	}
	if counted < 4 || counted > 7 {
		f.Errorf("of 7 bookings 4 are enough: %d were counted", counted)
	}
	f.same("bookings of one, of whom enough would be more", found["aZ-_09"], []store.Live{{Service: Cut, All: 1, People: 2}})
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
	hold := func(n int, start time.Time, resources ...booking.ResourceID) booking.Booking {
		return tagged(SampleHold("salon", n, start, start, resources...), "ada", "")
	}
	later := Slot.Add(time.Hour)
	f.Change("salon", func(d *Draft) {
		d.Book(hold(1, Slot, Chair1))
		alike := hold(2, Slot, Chair1)
		alike.Claims[0].Units = 2
		d.Book(alike)
		d.Book(hold(3, Slot, Chair2))
		d.Book(hold(4, later, Chair1, Basin))
		longer := hold(5, later, Chair1)
		longer.Claims[0].End = later.Add(3 * time.Hour)
		d.Book(longer)
		d.Book(hold(6, Slot.Add(2*time.Hour), Chair1))                           // outside
		d.Book(tagged(SampleHold("salon", 7, Slot, Slot, Chair1), "", "ada"))    // of staff
		d.Book(tagged(SampleBooking("salon", 8, Slot, Chair1), "ada", ""))       // no hold
		d.Book(tagged(SampleHold("salon", 9, Slot, Morning, Chair1), "ada", "")) // due, and not expired yet
		gone := tagged(SampleBooking("salon", 10, Slot, Chair1), "ada", "")
		gone.Status = booking.Expired
		d.Book(gone)
		other := hold(11, Slot, Chair2)
		other.Service = Colour
		d.Book(other)
	})
	f.PutCatalogue("barber")
	f.Change("barber", func(d *Draft) { d.Book(tagged(SampleHold("barber", 20, Slot, Slot, Chair1), "ada", "")) })

	sum := func(units int, resource booking.ResourceID, start, end time.Time) booking.Claim {
		return booking.Claim{Resource: resource, Start: start, End: end, Units: units}
	}
	claim := func(units int, resource booking.ResourceID, start time.Time) booking.Claim {
		return sum(units, resource, start.Add(-5*time.Minute), start.Add(55*time.Minute))
	}
	whole := store.HoldRange{Service: Cut, From: Slot, To: Slot.Add(2 * time.Hour)}
	second := store.HoldRange{Service: Cut, From: Slot.Add(time.Microsecond), To: Slot.Add(time.Hour + time.Microsecond)}
	none := store.HoldRange{Service: Wash, From: Slot, To: Slot.Add(time.Hour)}
	colours := store.HoldRange{Service: Colour, From: Slot, To: Slot.Add(time.Hour)}
	inFirst := []booking.Claim{claim(4, Chair1, Slot), claim(1, Chair2, Slot)}
	inSecond := []booking.Claim{
		claim(1, Basin, later), claim(1, Chair1, later), sum(1, Chair1, later.Add(-5*time.Minute), later.Add(3*time.Hour)),
	}
	needs := []store.Need{
		{Venue: "barber", Holds: []store.HoldRange{whole}},
		{Venue: "salon", Holds: []store.HoldRange{whole, none, second, colours}},
	}
	var found []store.Found
	err := f.Store.Update(f.Context(), needs, func(all []store.Found) ([]store.Write, error) {
		found = all
		return make([]store.Write, len(all)), nil
	})
	f.must("find", err)
	for _, all := range found {
		for i := range all.Holds {
			all.Holds[i] = sorted(all.Holds[i])
		}
	}
	f.same("claims of holds at the barber", found[0].Holds, [][]booking.Claim{{claim(1, Chair1, Slot)}})
	f.same("claims of holds", found[1].Holds, [][]booking.Claim{
		slices.Concat(inFirst, inSecond),
		nil, inSecond,
		{claim(1, Chair2, Slot)},
	})
	f.Change("salon", func(d *Draft) { d.Move(hold(1, Slot, Chair1), booking.Confirmed) })
	first := store.HoldRange{Service: Cut, From: Slot, To: later}
	holds := f.Find(store.Need{Venue: "salon", Holds: []store.HoldRange{first}}).Holds
	holds[0] = sorted(holds[0])
	f.same("claims of holds, after one was confirmed", holds, [][]booking.Claim{{claim(3, Chair1, Slot), claim(1, Chair2, Slot)}})
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
