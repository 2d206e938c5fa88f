package storetest

import (
	"errors"
	"fmt"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var concurrencyChecks = []check{
	{"concurrency/no update is lost", concurrentCounter},
	{"concurrency/never more than capacity", concurrentCapacity},
	{"concurrency/venues side by side", concurrentVenues},
	{"concurrency/several venues each", concurrentSeveral},
	{"concurrency/one creates a venue", concurrentCreation},
}

// together runs f in n goroutines that begin at once, and returns when all have ended, with their errors.
func together(n int, f func(i int) error) error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-begin
			errs[i] = f(i)
		})
	}
	close(begin)
	wait.Wait()
	return errors.Join(errs...)
}

// concurrentCounter counts in a booking's party size: each transaction writes one more than it was told.
func concurrentCounter(f *Fixture) {
	const clients, times = 8, 10
	f.PutCatalogue("salon")
	counter := SampleBooking("salon", 1, Slot, Chair1)
	counter.PartySize = 1
	f.Change("salon", func(d *Draft) { d.Book(counter) })
	err := together(clients, func(int) error {
		for range times {
			if err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon", Known: knowsAll, Bookings: sampleIDs(1)}, count); err != nil {
				return err
			}
		}
		return nil
	})
	f.must("count together", err)
	f.same("count", f.Booking("salon", BookingID(1)).PartySize, 1+clients*times)
	f.same("revision", f.Revision("salon"), booking.Revision(2+clients*times))
}

func count(d *Draft) error {
	b, ok := d.Found.Bookings[BookingID(1)]
	if !ok {
		return errors.New("the counter was not found")
	}
	b.PartySize++
	d.Move(b, booking.Confirmed)
	return nil
}

// concurrentCapacity has clients that know the venue by its changes only, and book while there is room.
func concurrentCapacity(f *Fixture) {
	const clients, capacity = 12, 5
	f.PutCatalogue("salon")
	full := errors.New("full")
	err := together(clients, func(i int) error {
		known, taken := booking.Revision(1), 0
		for n := range 3 {
			revision, claims := known, taken
			err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon", Known: known}, func(d *Draft) error {
				revision, claims = d.Change.Revision, taken
				for _, c := range d.Found.Changes {
					claims += len(c.Entries[0].Booking.Claimed)
				}
				if int(d.Found.Revision) != 1+claims {
					return fmt.Errorf("told of %d claims at revision %d", claims, d.Found.Revision)
				}
				if claims == capacity {
					return full
				}
				claims++
				d.Book(SampleBooking("salon", 100*i+n, Slot, Chair1))
				return nil
			})
			if errors.Is(err, full) {
				return nil
			}
			if err != nil {
				return err
			}
			known, taken = revision, claims
		}
		return nil
	})
	f.must("book together", err)
	f.same("number of claims", len(f.Load("salon").Claims), capacity)
}

func concurrentVenues(f *Fixture) {
	const venues, times = 6, 10
	err := together(venues, func(i int) error {
		venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
		for n := range times {
			err := TryChange(f.Context(), f.Store, store.Need{Venue: venue}, func(d *Draft) error {
				if d.Found.Exists != (n > 0) || int(d.Found.Revision) != n {
					return fmt.Errorf("%s is at %d, want %d", venue, d.Found.Revision, n)
				}
				if n == 0 {
					d.PutCatalogue()
				} else {
					d.Book(SampleBooking(venue, n, Slot, Chair1))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	f.must("work in venues side by side", err)
	for i := range venues {
		venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
		f.same("revision of "+string(venue), f.Revision(venue), booking.Revision(times))
	}
}

// concurrentSeveral has transactions that hold pairs of the same three venues.
func concurrentSeveral(f *Fixture) {
	const clients, times = 6, 10
	pairs := [][]booking.VenueID{{"a", "b"}, {"b", "c"}, {"a", "c"}}
	for _, venue := range []booking.VenueID{"a", "b", "c"} {
		f.PutCatalogue(venue)
	}
	err := together(clients, func(i int) error {
		for n := range times {
			if err := bookInAll(f.Context(), f.Store, pairs[i%len(pairs)], 100*i+n); err != nil {
				return err
			}
		}
		return nil
	})
	f.must("book in pairs of venues", err)
	for _, venue := range []booking.VenueID{"a", "b", "c"} {
		f.same("revision of "+string(venue), f.Revision(venue), booking.Revision(1+clients*times*2/3))
		f.same("number of claims of "+string(venue), len(f.Load(venue).Claims), clients*times*2/3)
	}
}

func concurrentCreation(f *Fixture) {
	const clients = 8
	for _, venue := range []booking.VenueID{"a", "b", "c", "d", "e"} {
		var creators [clients]bool
		err := together(clients, func(i int) error {
			return TryChange(f.Context(), f.Store, store.Need{Venue: venue}, func(d *Draft) error {
				creators[i] = !d.Found.Exists
				if d.Found.Exists {
					d.Book(SampleBooking(venue, i, Slot, Chair1))
				} else {
					d.PutCatalogue()
				}
				return nil
			})
		})
		f.must("create together", err)
		f.same("number of creators", len(only(creators[:], func(creator bool) bool { return creator })), 1)
		f.same("revision", f.Revision(venue), booking.Revision(clients))
		f.same("number of claims", len(f.Load(venue).Claims), clients-1)
	}
}
