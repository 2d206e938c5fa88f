package storetest

import (
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var revisionChecks = []check{
	{"revisions/without gaps", revisionsWithoutGaps},
	{"revisions/of several venues", revisionsOfVenues},
	{"revisions/each with its batch", revisionsBatches},
	{"revisions/only the next is taken", revisionsOnlyNext},
	{"revisions/one epoch", revisionsOneEpoch},
	{"revisions/with the store's clock", revisionsClock},
}

func revisionsWithoutGaps(f *Fixture) {
	for n := booking.Revision(1); n <= 5; n++ {
		f.same("revision found", f.Find(store.Need{Venue: "salon"}).Revision, n-1)
		f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
		f.same("revision", f.Revision("salon"), n)
		f.same("revision loaded", f.Load("salon").Revision, n)
	}
	changes, err := f.Store.Changes(f.Context(), "salon", 0, 100)
	f.must("changes", err)
	for i, c := range changes {
		f.same("revision of a change", c.Revision, booking.Revision(i+1))
	}
	f.same("number of changes", len(changes), 5)
}

func revisionsOfVenues(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
	revisions, err := f.Store.Revisions(f.Context(), []booking.VenueID{"salon", "nowhere", "barber"})
	f.must("revisions", err)
	f.same("revisions", revisions.Of, map[booking.VenueID]store.Last{
		"salon": {Revision: 2, Batch: "batch-salon"}, "barber": {Revision: 1, Batch: "batch-barber"},
	})
	revisions, err = f.Store.Revisions(f.Context(), nil)
	f.must("revisions of no venue", err)
	f.same("revisions of no venue", revisions.Of, map[booking.VenueID]store.Last{})
}

// revisionsBatches has two venues whose changes of the same revision have different batches.
func revisionsBatches(f *Fixture) {
	venues := []booking.VenueID{"barber", "salon"}
	batch := func(venue booking.VenueID, r booking.Revision) string {
		if r == 0 || r > 3 {
			return ""
		}
		return fmt.Sprintf("%s ä %d", venue, r)
	}
	for r := booking.Revision(1); r <= 3; r++ {
		for _, venue := range venues {
			f.Change(venue, func(d *Draft) {
				d.PutVenue(SampleVenue(venue))
				d.Change.Batch = batch(venue, d.Change.Revision)
			})
			f.same("batch loaded", f.Load(venue).Batch, batch(venue, r))
			revisions, err := f.Store.Revisions(f.Context(), []booking.VenueID{venue})
			f.must("revisions", err)
			f.same("last change", revisions.Of[venue], store.Last{Revision: r, Batch: batch(venue, r)})
		}
	}
	for _, known := range []booking.Revision{0, 1, 2, 3, 4, 1 << 62, 1<<64 - 1} {
		needs := []store.Need{{Venue: "barber", Known: known}, {Venue: "nowhere", Known: known}, {Venue: "salon", Known: known}}
		found, err := findOnly(f.Context(), f.Store, needs)
		f.must("look at three venues", err)
		for i, want := range []string{batch("barber", known), "", batch("salon", known)} {
			f.same(fmt.Sprintf("batch of change %d of %s", known, needs[i].Venue), found[i].Batch, want)
		}
	}
}

func revisionsOnlyNext(f *Fixture) {
	f.PutCatalogue("salon")
	for _, revision := range []booking.Revision{1, 3} {
		err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
			d.Change.Revision = revision
			d.Book(SampleBooking("salon", 1, Slot, Chair1))
			return nil
		})
		f.fails("a change that is not the next", err, store.ErrRejected)
	}
	f.same("revision", f.Revision("salon"), booking.Revision(1))
	f.same("claims", f.Load("salon").Claims, nil)
}

func revisionsOneEpoch(f *Fixture) {
	f.PutCatalogue("salon")
	revisions, err := f.Store.Revisions(f.Context(), nil)
	f.must("revisions", err)
	if !booking.ValidID(string(revisions.Epoch)) {
		f.Errorf("epoch %q cannot be part of a position", revisions.Epoch)
	}
	f.same("epoch found", f.Find(store.Need{Venue: "salon"}).Epoch, revisions.Epoch)
	f.same("epoch found of no venue", f.Find(store.Need{Venue: "nowhere"}).Epoch, revisions.Epoch)
	f.same("epoch loaded", f.Load("salon").Epoch, revisions.Epoch)
	other := NewFixture(f, f.harness)
	if epoch := other.Find(store.Need{Venue: "salon"}).Epoch; epoch == revisions.Epoch {
		f.Errorf("two databases have the epoch %q", epoch)
	}
}

func revisionsClock(f *Fixture) {
	f.PutCatalogue("salon")
	f.Clock.Set(Slot.In(time.FixedZone("", 3600)).Add(1999))
	for _, venues := range [][]booking.VenueID{{"nowhere", "salon"}, nil} {
		revisions, err := f.Store.Revisions(f.Context(), venues)
		f.must("revisions", err)
		f.same("the time of the revisions", revisions.Now, Slot.Add(time.Microsecond))
		f.Clock.Set(Slot.Add(time.Microsecond))
	}
}
