package storetest

import (
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var changeChecks = []Check{
	{"changes/every field comes back", changeFields},
	{"changes/after a revision", changeWindow},
	{"changes/at most so many at once", changeMax},
	{"changes/none of another venue", changeVenues},
}

func changeFields(t testing.TB, h Harness) {
	f := NewFixture(t, h)
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
	record(func(d *Draft) { d.Move(hold, booking.Confirmed) })
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
	changes, err := f.Store.Changes(t.Context(), "salon", 0, 100)
	must(t, "changes", err)
	same(t, "changes", changes, made)
	same(t, "changes found", f.Find(store.Need{Venue: "salon"}).Changes, made)
}

// put makes n changes of a venue.
func (f *Fixture) put(venue booking.VenueID, n int) {
	f.Helper()
	for range n {
		f.Change(venue, func(d *Draft) { d.PutVenue(SampleVenue(venue)) })
	}
}

func revisionsIn(changes []booking.Change) []booking.Revision {
	var revisions []booking.Revision
	for _, c := range changes {
		revisions = append(revisions, c.Revision)
	}
	return revisions
}

func changeWindow(t testing.TB, h Harness) {
	f := NewFixture(t, h)
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
		changes, err := f.Store.Changes(t.Context(), "salon", c.after, c.limit)
		must(t, "changes", err)
		same(t, "changes read", revisionsIn(changes), c.want)
		if c.limit == 10 {
			same(t, "changes found", revisionsIn(f.Find(store.Need{Venue: "salon", Known: c.after}).Changes), c.want)
		}
	}
	changes, err := f.Store.Changes(t.Context(), "nowhere", 0, 10)
	must(t, "changes of no venue", err)
	same(t, "changes of no venue", changes, nil)
}

func changeMax(t testing.TB, h Harness) {
	const missed = store.MaxChanges
	f := NewFixture(t, h)
	f.put("salon", missed+1)
	var last []booking.Revision
	for i := range upTo(missed) {
		last = append(last, booking.Revision(i+2))
	}
	same(t, "changes of one who missed as many as are handed out", revisionsIn(f.Find(store.Need{Venue: "salon", Known: 1}).Changes), last)
	same(t, "changes of one who missed one more", revisionsIn(f.Find(store.Need{Venue: "salon"}).Changes), nil)
}

func changeVenues(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	for range 3 {
		f.put("a", 1)
		f.put("b", 2)
	}
	changes, err := f.Store.Changes(t.Context(), "a", 1, 10)
	must(t, "changes", err)
	same(t, "changes of a", revisionsIn(changes), []booking.Revision{2, 3})
	if slices.ContainsFunc(changes, func(c booking.Change) bool { return c.Venue != "a" }) {
		t.Errorf("a change of another venue came")
	}
}
