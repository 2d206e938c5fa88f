package storetest

import (
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var revisionChecks = []Check{
	{"revisions/without gaps", revisionsWithoutGaps},
	{"revisions/of several venues", revisionsOfVenues},
	{"revisions/only the next is taken", revisionsOnlyNext},
	{"revisions/one epoch", revisionsOneEpoch},
}

func revisionsWithoutGaps(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	for n := booking.Revision(1); n <= 5; n++ {
		same(t, "revision found", f.Find(store.Need{Venue: "salon"}).Revision, n-1)
		f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
		same(t, "revision", f.Revision("salon"), n)
		same(t, "revision loaded", f.Load("salon").Revision, n)
	}
	changes, err := f.Store.Changes(t.Context(), "salon", 0, 100)
	must(t, "changes", err)
	for i, c := range changes {
		same(t, "revision of a change", c.Revision, booking.Revision(i+1))
	}
	same(t, "number of changes", len(changes), 5)
}

func revisionsOfVenues(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
	revisions, err := f.Store.Revisions(t.Context(), []booking.VenueID{"salon", "nowhere", "barber"})
	must(t, "revisions", err)
	same(t, "revisions", revisions.Of, map[booking.VenueID]booking.Revision{"salon": 2, "barber": 1})
	revisions, err = f.Store.Revisions(t.Context(), nil)
	must(t, "revisions of no venue", err)
	same(t, "revisions of no venue", revisions.Of, map[booking.VenueID]booking.Revision{})
}

func revisionsOnlyNext(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	for _, revision := range []booking.Revision{1, 3} {
		err := TryChange(t.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
			d.Change.Revision = revision
			d.Book(SampleBooking("salon", 1, Slot, Chair1))
			return nil
		})
		fails(t, "a change that is not the next", err, store.ErrRejected)
	}
	same(t, "revision", f.Revision("salon"), booking.Revision(1))
	same(t, "claims", f.Load("salon").Claims, nil)
}

func revisionsOneEpoch(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	f.PutCatalogue("salon")
	revisions, err := f.Store.Revisions(t.Context(), nil)
	must(t, "revisions", err)
	if !booking.ValidID(string(revisions.Epoch)) {
		t.Errorf("epoch %q cannot be part of a position", revisions.Epoch)
	}
	same(t, "epoch found", f.Find(store.Need{Venue: "salon"}).Epoch, revisions.Epoch)
	same(t, "epoch found of no venue", f.Find(store.Need{Venue: "nowhere"}).Epoch, revisions.Epoch)
	same(t, "epoch loaded", f.Load("salon").Epoch, revisions.Epoch)
	other := NewFixture(t, h)
	if epoch := other.Find(store.Need{Venue: "salon"}).Epoch; epoch == revisions.Epoch {
		t.Errorf("two databases have the epoch %q", epoch)
	}
}
