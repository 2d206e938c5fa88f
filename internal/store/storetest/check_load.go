package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var loadChecks = []Check{
	{"load/claims that end after", loadSince},
	{"load/one state while others write", loadConsistent},
}

func loadSince(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	b := SampleBooking("salon", 1, Slot, Chair1)
	long := SampleBooking("salon", 2, Slot.Add(-time.Hour), Chair2)
	long.Claims[0].End = Slot.Add(48 * time.Hour)
	f.Change("salon", func(d *Draft) { d.Book(b); d.Book(long) })
	end := b.Claims[0].End
	for _, c := range []struct {
		since time.Time
		want  []booking.Claim
	}{
		{time.Time{}, []booking.Claim{b.Claims[0], long.Claims[0]}},
		{end.Add(-time.Microsecond), []booking.Claim{b.Claims[0], long.Claims[0]}},
		{end, long.Claims},
		{Slot.Add(48 * time.Hour), nil},
	} {
		loaded, err := f.Store.Load(t.Context(), "salon", c.since)
		must(t, "load", err)
		same(t, "claims since "+c.since.String(), sorted(loaded.Claims), sorted(c.want))
	}
}

// loadConsistent has a writer whose every change adds one claim on the basin, or edits the venue's name to the revision.
func loadConsistent(t testing.TB, h Harness) {
	const changes = 60
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	var done atomic.Bool
	err := together(4, func(i int) error {
		if i == 0 {
			defer done.Store(true)
			return addClaims(t, f, changes)
		}
		for last := false; !last; {
			last = done.Load()
			if err := checkLoaded(t, f.Store); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, "load while another writes", err)
	same(t, "number of claims at the end", len(f.Load("salon").Claims), changes)
}

func addClaims(t testing.TB, f *Fixture, n int) error {
	for i := range n {
		err := TryChange(t.Context(), f.Store, store.Need{Venue: "salon", Known: knowsAll}, func(d *Draft) error {
			venue := SampleVenue("salon")
			venue.Name = fmt.Sprint(d.Change.Revision)
			d.PutVenue(venue)
			d.Book(SampleBooking("salon", i, Slot, Basin))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func checkLoaded(t testing.TB, s store.Store) error {
	loaded, err := s.Load(t.Context(), "salon", Morning)
	if err != nil {
		return err
	}
	r := loaded.Revision
	if claims := len(loaded.Claims); claims != int(r)-1 {
		return fmt.Errorf("revision %d has %d claims", r, claims)
	}
	for _, touched := range []booking.Revision{loaded.Resources[0].Touched, loaded.Services[2].Touched, loaded.Venue.Revision} {
		if touched != r {
			return fmt.Errorf("revision %d has something last touched at %d", r, touched)
		}
	}
	return nil
}
