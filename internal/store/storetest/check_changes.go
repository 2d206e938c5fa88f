package storetest

import (
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var changeChecks = []check{
	{"changes/every field comes back", changeFields},
	{"changes/after a revision", changeWindow},
	{"changes/at most so many at once", changeMax},
	{"changes/none of another venue", changeVenues},
	{"changes/without entries", changeEmpty},
}

func changeFields(f *Fixture) {
	var made []booking.Change
	record := func(edit func(d *Draft)) {
		var change booking.Change
		f.Clock.Advance(time.Minute + time.Microsecond)
		f.Change("salon", func(d *Draft) {
			edit(d)
			d.Change.Batch = "batch \"1\" ä"
			change = d.Change
		})
		made = append(made, change)
	}
	record(func(d *Draft) { d.PutCatalogue() })
	hold := SampleHold("salon", 1, Slot, Morning.Add(time.Hour), Chair1, Chair2)
	record(func(d *Draft) {
		d.Book(hold)
		d.Book(SampleBooking("salon", 2, Slot, Basin))
		d.Change.Entries[1].Actor = "staff:Zoë \"\\\n<front desk>"
	})
	hold.Revision = 2
	record(func(d *Draft) { d.Move(hold, booking.Confirmed) })
	hold.Revision = 3
	record(func(d *Draft) { d.Move(hold, booking.Cancelled) })
	record(func(d *Draft) {
		service, resource, venue := SampleService("salon", Wash, Basin), SampleResource("salon", Basin), SampleVenue("salon")
		service.Archived, resource.Archived, venue.Archived = true, true, true
		service.Price, service.LimitedBelow = nil, nil
		d.PutService(service)
		d.PutResource(resource)
		d.PutVenue(venue)
		for i, kind := range []booking.EntryKind{booking.ServiceArchived, booking.ResourceArchived, booking.VenueArchived} {
			d.Change.Entries[i].Kind = kind
		}
	})
	changes, err := f.Store.Changes(f.Context(), "salon", 0, 100)
	f.must("changes", err)
	f.same("changes", changes, made)
	f.same("changes found", f.Find(store.Need{Venue: "salon"}).Changes, made)
}

// put makes n changes of a venue.
func (f *Fixture) put(venue booking.VenueID, n int) {
	f.Helper()
	for range n {
		f.Change(venue, func(d *Draft) { d.PutVenue(SampleVenue(venue)) })
	}
}

func revisionsIn(changes []booking.Change) []booking.Revision {
	revisions := make([]booking.Revision, 0, len(changes))
	for _, c := range changes {
		revisions = append(revisions, c.Revision)
	}
	return revisions
}

func changeWindow(f *Fixture) {
	f.put("salon", 5)
	for _, c := range []struct {
		after booking.Revision
		limit int
		want  []booking.Revision
	}{
		{0, 10, []booking.Revision{1, 2, 3, 4, 5}},
		{0, 2, []booking.Revision{1, 2}},
		{2, 2, []booking.Revision{3, 4}},
		{4, 10, []booking.Revision{5}},
		{5, 10, nil},
		{1 << 62, 10, nil},
		{1<<64 - 1, 10, nil},
		{0, 0, nil},
	} {
		changes, err := f.Store.Changes(f.Context(), "salon", c.after, c.limit)
		f.must("changes", err)
		f.same("changes read", revisionsIn(changes), c.want)
		if c.limit == 10 {
			f.same("changes found", revisionsIn(f.Find(store.Need{Venue: "salon", Known: c.after}).Changes), c.want)
		}
	}
	changes, err := f.Store.Changes(f.Context(), "nowhere", 0, 10)
	f.must("changes of no venue", err)
	f.same("changes of no venue", changes, nil)
}

func changeMax(f *Fixture) {
	const missed = store.MaxChanges
	f.put("salon", missed+1)
	var last []booking.Revision
	for i := range upTo(missed) {
		last = append(last, booking.Revision(i+2))
	}
	f.same("changes of one who missed as many as are handed out", revisionsIn(f.Find(store.Need{Venue: "salon", Known: 1}).Changes), last)
	f.same("changes of one who missed one more", revisionsIn(f.Find(store.Need{Venue: "salon"}).Changes), nil)
}

func changeVenues(f *Fixture) {
	for range 3 {
		f.put("a", 1)
		f.put("b", 2)
	}
	changes, err := f.Store.Changes(f.Context(), "a", 1, 10)
	f.must("changes", err)
	f.same("changes of a", revisionsIn(changes), []booking.Revision{2, 3})
	if slices.ContainsFunc(changes, func(c booking.Change) bool { return c.Venue != "a" }) {
		f.Errorf("a change of another venue came")
	}
}

// changeEmpty raises the revision and does nothing else, as whoever settles a commit in doubt has it.
func changeEmpty(f *Fixture) {
	settle := func(venue booking.VenueID) error {
		return f.Store.Update(f.Context(), []store.Need{{Venue: venue}}, func(found []store.Found) ([]store.Write, error) {
			d := NewDraft(venue, found[0])
			d.Change.Batch = "a fence"
			return []store.Write{d.Write}, nil
		})
	}
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 1, Slot, Chair1)) })
	want := f.Load("salon")
	want.Revision, want.Batch = 3, "a fence"
	f.must("a change without entries", settle("salon"))
	f.same("the venue after a change without entries", f.Load("salon"), want)
	f.same("revision", f.Revision("salon"), booking.Revision(3))

	fence := []booking.Change{{Venue: "salon", Revision: 3, Batch: "a fence", CommittedAt: Morning}}
	changes, err := f.Store.Changes(f.Context(), "salon", 2, 10)
	f.must("changes", err)
	f.same("changes read", changes, fence)
	f.same("changes found", f.Find(store.Need{Venue: "salon", Known: 2}).Changes, fence)
	f.Change("salon", func(d *Draft) { d.Book(SampleBooking("salon", 2, Slot, Chair2)) })
	f.same("revision of the next", f.Revision("salon"), booking.Revision(4))

	f.fails("a change without entries of a venue that was never put", settle("nowhere"), store.ErrRejected)
	f.same("revision of no venue", f.Revision("nowhere"), booking.Revision(0))
}
