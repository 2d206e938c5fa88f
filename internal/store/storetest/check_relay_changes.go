package storetest

import (
	"context"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var relayChangeChecks = []check{
	{"relay/durable changes are those that there are", durableFields},
	{"relay/durable changes after a revision", durableWindow},
	{"relay/durable changes and the revision of one moment", durableMoment},
}

func (f *Fixture) durable(venue booking.VenueID, after booking.Revision, limit int) store.Durable {
	f.Helper()
	d, err := f.Store.DurableChanges(f.Context(), venue, after, limit)
	f.must("durable changes", err)
	return d
}

func durableFields(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("bakery")
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1, Chair2)) })
	changes, err := f.Store.Changes(f.Context(), "salon", 0, 10)
	f.must("changes", err)
	f.same("durable changes", f.durable("salon", 0, 10), store.Durable{Epoch: f.epoch(), Changes: changes, Revision: 2})
	f.same("durable changes of no venue", f.durable("nowhere", 0, 10), store.Durable{Epoch: f.epoch()})
}

func durableWindow(f *Fixture) {
	f.put("salon", 5)
	for _, c := range []struct {
		after booking.Revision
		limit int
		want  []booking.Revision
	}{
		{0, 10, []booking.Revision{1, 2, 3, 4, 5}},
		{0, 2, []booking.Revision{1, 2}},
		{3, 1, []booking.Revision{4}},
		{4, 10, []booking.Revision{5}},
		{5, 10, nil},
		{0, 0, nil},
		{1<<64 - 1, 10, nil},
	} {
		d := f.durable("salon", c.after, c.limit)
		f.same("durable changes", revisionsIn(d.Changes), c.want)
		f.same("revision", d.Revision, booking.Revision(5))
	}
}

// durableMoment reads while a venue changes: all changes that there are end with the venue's revision.
func durableMoment(f *Fixture) {
	const rounds = 60
	f.put("salon", 1)
	var changing sync.WaitGroup
	defer changing.Wait()
	changing.Go(func() {
		for range rounds {
			err := TryChange(context.WithoutCancel(f.Context()), f.Store, store.Need{Venue: "salon", Known: knowsAll}, func(d *Draft) error {
				d.PutVenue(SampleVenue("salon"))
				return nil
			})
			if err != nil {
				f.Errorf("change: %v", err)
				return
			}
		}
	})
	for revision := booking.Revision(0); revision <= rounds && !f.Failed(); {
		d := f.durable("salon", 0, 2*rounds)
		f.same("number of changes up to the revision", len(d.Changes), int(d.Revision))
		revision = d.Revision
	}
}
