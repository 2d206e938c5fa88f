package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var loadChecks = []check{
	{"load/claims that end after", loadSince},
	{"load/one state while others write", loadConsistent},
}

func loadSince(f *Fixture) {
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
		loaded, err := f.Store.Load(f.Context(), "salon", c.since)
		f.must("load", err)
		f.same("claims since "+c.since.String(), sorted(loaded.Claims), sorted(c.want))
	}
}

// loadConsistent has a writer whose every change adds one claim on the basin, or edits the venue's name to the revision.
func loadConsistent(f *Fixture) {
	const changes = 30
	f.PutCatalogue("salon")
	var done atomic.Bool
	err := together(3, func(i int) error {
		if i == 0 {
			defer done.Store(true)
			return f.addClaims(changes)
		}
		for last := false; !last; {
			last = done.Load()
			if err := f.checkLoaded(); err != nil {
				return err
			}
		}
		return nil
	})
	f.must("load while another writes", err)
	f.same("number of claims at the end", len(f.Load("salon").Claims), changes)
}

func (f *Fixture) addClaims(n int) error {
	for i := range n {
		err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon", Known: knowsAll}, func(d *Draft) error {
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

func (f *Fixture) checkLoaded() error {
	loaded, err := f.Store.Load(f.Context(), "salon", Morning)
	if err != nil {
		return err
	}
	r := loaded.Revision
	if claims := len(loaded.Claims); claims != int(r)-1 {
		return fmt.Errorf("revision %d has %d claims", r, claims)
	}
	for _, touched := range []booking.Revision{loaded.Touched[Basin], loaded.Venue.Revision} {
		if touched != r {
			return fmt.Errorf("revision %d has something last touched at %d", r, touched)
		}
	}
	return nil
}
