package storetest

import (
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var unsentChecks = []check{
	{"retention/what was not sent stays", unsentStays},
	{"retention/what was never sent goes in the end", unsentGoes},
	{"retention/a bus that nobody serves keeps nothing", unsentUnserved},
	{"retention/of venues that are sent and others", unsentVenues},
}

// sending keeps changes for an hour, and for three days what was not sent.
var sending = store.Retention{Changes: time.Hour, Unsent: 72 * time.Hour}

// firstChange is the first change of the salon that is left.
func (f *Fixture) firstChange() booking.Revision {
	f.Helper()
	changes, err := f.Store.Changes(f.Context(), "salon", 0, 1)
	f.must("changes", err)
	if len(changes) == 0 {
		f.Fatalf("no change is left")
	}
	return changes[0].Revision
}

// sent moves the cursor of the salon, for the holder a.
func (f *Fixture) sent(bus string, revision booking.Revision) {
	f.Helper()
	f.lease(bus, "a", time.Hour)
	lost, err := f.Store.MoveCursors(f.Context(), bus, "a", []store.Cursor{f.cursorAt("salon", revision)})
	f.must("move cursors", err)
	f.same("cursors that are lost", lost, nil)
}

// unsentStays: changes stay as long as one of two buses was not sent them, and is served.
func unsentStays(f *Fixture) {
	const last = store.RetainedChanges + 30
	f.put("salon", 3)
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.must("register", f.Store.RegisterBusAt(f.Context(), otherBus, 0))
	f.grow("salon", last)
	for range 3 { // longer than a bus is remembered that nobody serves
		f.Clock.Advance(store.BusEnabledFor / 3)
		f.lease(theBus, "a", time.Minute)
		f.lease(otherBus, "a", time.Minute)
	}
	for _, c := range []struct {
		bus         string
		sent, first booking.Revision
	}{{otherBus, 2, 3}, {otherBus, 9, 4}, {theBus, 7, 8}, {theBus, 20, 10}, {otherBus, 21, 21}, {theBus, last, 22}, {otherBus, last, 31}} {
		f.sent(c.bus, c.sent)
		f.trim(sending, 3)
		f.same("the first change that is left", f.firstChange(), c.first)
	}
	f.same("revision", f.Revision("salon"), booking.Revision(last))
}

func unsentGoes(f *Fixture) {
	const last = store.RetainedChanges + 30
	f.put("salon", 1)
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.sent(theBus, 1)
	made := f.Clock.Now()
	f.grow("salon", last) // one a minute
	for _, c := range []struct {
		after time.Duration
		first booking.Revision
	}{
		{-time.Hour, 2},
		{-time.Minute, 2},
		{0, 2},
		{time.Minute, 2},
		{90 * time.Second, 3},
		{10*time.Minute + time.Second, 12},
		{time.Hour, 31},
	} {
		f.Clock.Set(made.Add(sending.Unsent + c.after))
		f.lease(theBus, "a", time.Minute)
		f.trim(sending, 100)
		f.same("the first change that is left "+c.after.String()+" later", f.firstChange(), c.first)
	}
	f.same("cursor", f.cursors(theBus, "salon"), []store.Cursor{f.cursorAt("salon", 1)})
	d := f.durable("salon", 1, 1)
	f.same("the first change that can be sent", revisionsIn(d.Changes), []booking.Revision{31})
}

// unsentUnserved: a bus that was taken out of the settings keeps nothing after a day, and one that is without end keeps all.
func unsentUnserved(f *Fixture) {
	const last = store.RetainedChanges + 30
	f.put("salon", 1)
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.grow("salon", last)
	f.sent(theBus, 5)
	seen := f.Clock.Now()
	for _, c := range []struct {
		after time.Duration
		first booking.Revision
	}{{2 * time.Hour, 6}, {store.BusEnabledFor - store.BusSeenInterval - time.Second, 6}, {store.BusEnabledFor + time.Second, 31}} {
		f.Clock.Set(seen.Add(c.after))
		f.trim(store.Retention{Changes: sending.Changes}, 100)
		f.same("the first change that is left "+c.after.String()+" later", f.firstChange(), c.first)
	}
	f.grow("salon", last+10)
	f.must("register again", f.Store.RegisterBus(f.Context(), theBus))
	f.Clock.Advance(2 * time.Hour)
	f.trim(store.Retention{Changes: sending.Changes}, 100)
	f.same("the first change that is left when it is back", f.firstChange(), booking.Revision(31))
	f.trim(store.Retention{}, 100)
	f.same("the first change that is left of all", f.firstChange(), booking.Revision(31))
}

// unsentVenues: what is not sent of one venue keeps nothing of others, and hidden ones are sent nowhere.
func unsentVenues(f *Fixture) {
	venues := []booking.VenueID{"bakery", "garage", "salon", booking.ProbeVenue}
	for _, venue := range venues[1:] {
		f.put(venue, 1)
	}
	f.register(theBus, "a")
	f.put("bakery", 1) // it has no cursor
	for _, venue := range venues {
		f.grow(venue, store.RetainedChanges+10)
	}
	f.Clock.Advance(2 * time.Hour)
	f.lease(theBus, "a", time.Hour)
	f.move(f.cursorAt("garage", 8), f.cursorAt("salon", 4))
	f.trim(sending, 2)
	var first []booking.Revision
	for _, venue := range venues {
		changes, err := f.Store.Changes(f.Context(), venue, 0, 1)
		f.must("changes", err)
		first = slices.Concat(first, revisionsIn(changes))
	}
	f.same("the first change of each venue that is left", first, []booking.Revision{1, 9, 5, 11})
}
