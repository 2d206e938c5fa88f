package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var relayCursorChecks = []check{
	{"relay/a new bus begins at now", busNow},
	{"relay/a bus that is registered again goes on", busAgain},
	{"relay/a bus that several register begins once", busTogether},
	{"relay/a bus begins at a revision", busAt},
	{"relay/buses know nothing of each other", busesApart},
	{"relay/unsent by revision", unsentRevision},
	{"relay/unsent by time", unsentDue},
	{"relay/unsent of another epoch", unsentEpoch},
	{"relay/unsent in pages", unsentPages},
	{"relay/nothing of hidden venues", unsentHidden},
	{"relay/every field of a cursor comes back", cursorFields},
	{"relay/a cursor does not go back", cursorBack},
	{"relay/a cursor of another epoch", cursorEpoch},
	{"relay/cursors move with the lease", cursorLease},
	{"relay/cursors of one venue at once", cursorTwice},
	{"relay/cursors outlive the store", cursorReopen},
}

const (
	theBus   = "the bus"
	otherBus = "another bus"
)

// register registers a bus, gives all its leases to a holder for a day, and has it look at all venues, of which nothing is due.
func (f *Fixture) register(bus, holder string) {
	f.Helper()
	f.must("register", f.Store.RegisterBus(f.Context(), bus))
	f.same("leases of the only holder", len(f.lease(bus, holder, 24*time.Hour)), store.Shards)
	cursors := f.cursors(bus, f.unsent(bus, 100)...)
	for i := range cursors {
		cursors[i].DueAt = time.Time{}
	}
	lost, err := f.Store.MoveCursors(f.Context(), bus, holder, cursors)
	f.must("move cursors", err)
	f.same("cursors that are lost", lost, nil)
}

// cursorAt is a new cursor of a venue, of which nothing is due.
func (f *Fixture) cursorAt(venue booking.VenueID, revision booking.Revision) store.Cursor {
	return store.Cursor{Venue: venue, Epoch: f.epoch(), Revision: revision, Batch: "batch-" + string(venue)}
}

func (f *Fixture) lease(bus, holder string, d time.Duration) []store.Shard {
	f.Helper()
	kept, err := f.Store.KeepLeases(f.Context(), store.Lease{Bus: bus, Holder: holder, Duration: d})
	f.must("leases of "+holder, err)
	return kept
}

// unsent lists what is to be sent to a bus, so many at a time.
func (f *Fixture) unsent(bus string, limit int) (all []booking.VenueID) {
	f.Helper()
	for after := booking.VenueID(""); ; {
		page, err := f.Store.Unsent(f.Context(), bus, after, limit)
		f.must("unsent", err)
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
		after = page[len(page)-1]
	}
}

func (f *Fixture) cursors(bus string, venues ...booking.VenueID) []store.Cursor {
	f.Helper()
	byVenue, err := f.Store.Cursors(f.Context(), bus, venues)
	f.must("cursors", err)
	list := make([]store.Cursor, 0, len(byVenue))
	for venue, c := range byVenue {
		if c.Venue != venue {
			f.Errorf("the cursor of venue %s is one of %q", venue, c.Venue)
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b store.Cursor) int { return cmp.Compare(a.Venue, b.Venue) })
	return list
}

// move moves cursors of the bus for the holder a, which has all leases.
func (f *Fixture) move(cursors ...store.Cursor) {
	f.Helper()
	lost, err := f.Store.MoveCursors(f.Context(), theBus, "a", cursors)
	f.must("move cursors", err)
	f.same("cursors that are lost", lost, nil)
}

func (f *Fixture) epoch() booking.Epoch {
	f.Helper()
	r, err := f.Store.Revisions(f.Context(), nil)
	f.must("epoch", err)
	return r.Epoch
}

func busNow(f *Fixture) {
	f.put("bakery", 2)
	f.put("salon", 3)
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	want := []store.Cursor{f.cursorAt("bakery", 2), f.cursorAt("salon", 3)}
	for i := range want {
		want[i].DueAt = Morning
	}
	f.same("cursors", f.cursors(theBus, "bakery", "salon", "nowhere"), want)
	f.same("venues to be looked at", f.unsent(theBus, 10), []booking.VenueID{"bakery", "salon"})
	f.register(theBus, "a")
	f.same("unsent", f.unsent(theBus, 10), nil)
	f.put("garage", 1)
	f.same("cursor of a venue that was made later", f.cursors(theBus, "garage"), nil)
	f.same("unsent of a venue that was made later", f.unsent(theBus, 10), []booking.VenueID{"garage"})
	f.same("revision", f.Revision("salon"), booking.Revision(3))
}

func busAgain(f *Fixture) {
	f.put("salon", 2)
	f.register(theBus, "a")
	f.put("salon", 1)
	f.put("bakery", 1)
	for range 3 {
		f.Clock.Advance(time.Hour)
		f.must("register again", f.Store.RegisterBus(f.Context(), theBus))
		f.must("register again at a revision", f.Store.RegisterBusAt(f.Context(), theBus, 0))
	}
	f.same("cursors", f.cursors(theBus, "bakery", "salon"), []store.Cursor{f.cursorAt("salon", 2)})
	f.same("unsent", f.unsent(theBus, 10), []booking.VenueID{"bakery", "salon"})
}

// busTogether has several nodes start at once, while a venue changes: whoever returns finds all cursors, and they do not move any more.
func busTogether(f *Fixture) {
	venues := make([]booking.VenueID, 20)
	for i := range venues {
		venues[i] = booking.VenueID(fmt.Sprintf("v%02d", i))
		f.put(venues[i], 1)
	}
	var nodes sync.WaitGroup
	found := make([][]store.Cursor, 4)
	for n := range found {
		nodes.Go(func() {
			if err := f.Store.RegisterBus(f.Context(), theBus); err != nil {
				f.Errorf("register: %v", err)
				return
			}
			f.put(venues[n], 1)
			found[n] = f.cursors(theBus, venues...)
		})
	}
	nodes.Wait()
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	now := f.cursors(theBus, venues...)
	for _, cursors := range found {
		f.same("cursors that a node finds", cursors, now)
		f.same("number of cursors", len(cursors), len(venues))
	}
}

func busAt(f *Fixture) {
	f.put("bakery", 2)
	f.put("salon", 5)
	f.must("register", f.Store.RegisterBusAt(f.Context(), theBus, 3))
	want := []store.Cursor{f.cursorAt("bakery", 2), f.cursorAt("salon", 3)}
	want[0].DueAt, want[1].DueAt = Morning, Morning
	f.same("cursors", f.cursors(theBus, "bakery", "salon"), want)
	f.register(theBus, "a")
	f.same("unsent", f.unsent(theBus, 10), []booking.VenueID{"salon"})
	f.must("register", f.Store.RegisterBusAt(f.Context(), otherBus, 0))
	f.same("unsent from the beginning", f.unsent(otherBus, 10), []booking.VenueID{"bakery", "salon"})
	if at := f.cursors(otherBus, "bakery", "salon"); slices.ContainsFunc(at, func(c store.Cursor) bool { return c.Revision > 0 }) {
		f.Errorf("a bus that begins with the first change has cursors %v", at)
	}
}

func busesApart(f *Fixture) {
	f.put("salon", 2)
	f.register(theBus, "a")
	f.put("salon", 2)
	f.register(otherBus, "b")
	f.same("cursor of the one", f.cursors(theBus, "salon"), []store.Cursor{f.cursorAt("salon", 2)})
	f.same("cursor of the other", f.cursors(otherBus, "salon"), []store.Cursor{f.cursorAt("salon", 4)})
	f.same("unsent of the one", f.unsent(theBus, 10), []booking.VenueID{"salon"})
	f.same("unsent of the other", f.unsent(otherBus, 10), nil)
	f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 3})
	f.same("cursor of the other", f.cursors(otherBus, "salon"), []store.Cursor{f.cursorAt("salon", 4)})
	lost, err := f.Store.MoveCursors(f.Context(), otherBus, "a", []store.Cursor{{Venue: "salon", Epoch: f.epoch(), Revision: 9}})
	f.must("move", err)
	f.same("cursors that are lost to who has leases of another bus", lost, []booking.VenueID{"salon"})
	_, err = f.Store.KeepLeases(f.Context(), store.Lease{Bus: "no bus", Holder: "a", Duration: time.Hour})
	f.fails("leases of a bus that is not registered", err, booking.ErrNotFound)
	f.same("unsent of no bus", f.unsent("no bus", 10), []booking.VenueID{"salon"})
}

func unsentRevision(f *Fixture) {
	f.put("salon", 1)
	f.register(theBus, "a")
	f.put("salon", 2)
	for revision, want := range [][]booking.VenueID{1: {"salon"}, 2: {"salon"}, 3: nil, 4: nil} {
		if revision > 0 {
			f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: booking.Revision(revision)})
			f.same(fmt.Sprintf("unsent behind revision %d", revision), f.unsent(theBus, 10), want)
		}
	}
	f.Change("salon", func(d *Draft) { // the fifth change is that it closes
		venue := SampleVenue("salon")
		venue.Archived = true
		d.PutVenue(venue)
	})
	f.put("bakery", 1)
	f.move(store.Cursor{Venue: "bakery", Epoch: f.epoch(), Revision: 1})
	f.same("unsent", f.unsent(theBus, 10), nil)
	f.Change("salon", func(d *Draft) {
		venue := SampleVenue("salon")
		venue.Archived = true
		d.PutVenue(venue)
	})
	f.same("unsent of an archived venue", f.unsent(theBus, 10), []booking.VenueID{"salon"})
}

func unsentDue(f *Fixture) {
	f.put("salon", 1)
	f.register(theBus, "a")
	midnight := Morning.Add(16 * time.Hour)
	f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 1, DueAt: midnight})
	for _, c := range []struct {
		from time.Duration
		want []booking.VenueID
	}{{-time.Hour, nil}, {-time.Microsecond, nil}, {0, []booking.VenueID{"salon"}}, {time.Hour, []booking.VenueID{"salon"}}} {
		f.Clock.Set(midnight.Add(c.from))
		f.same(fmt.Sprintf("unsent %v from midnight", c.from), f.unsent(theBus, 10), c.want)
	}
	f.lease(theBus, "a", 24*time.Hour)
	f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 1, DueAt: midnight.Add(24 * time.Hour), Opened: "2026-11-25"})
	f.same("unsent after the next midnight was named", f.unsent(theBus, 10), nil)
	f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 1})
	f.Clock.Advance(1000 * time.Hour)
	f.same("unsent when nothing will be", f.unsent(theBus, 10), nil)
}

func unsentEpoch(f *Fixture) {
	f.put("salon", 1)
	f.register(theBus, "a")
	f.same("unsent", f.unsent(theBus, 10), nil)
	f.move(store.Cursor{Venue: "salon", Epoch: laterEpoch(f.epoch()), Revision: 1})
	f.same("unsent with a cursor of another epoch", f.unsent(theBus, 10), []booking.VenueID{"salon"})
}

func unsentPages(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	want := []booking.VenueID{"a", "a-", "a0", "a_", "b", "z9", "za"} // as bytes
	for _, id := range want {
		f.put(id, 1)
	}
	for limit := 1; limit <= len(want)+1; limit++ {
		f.same(fmt.Sprintf("unsent, %d at a time", limit), f.unsent(theBus, limit), want)
	}
	page, err := f.Store.Unsent(f.Context(), theBus, "a0", 2)
	f.must("unsent", err)
	f.same("unsent after a0", page, want[3:5])
	page, err = f.Store.Unsent(f.Context(), theBus, "", 0)
	f.must("unsent", err)
	f.same("none of them", page, nil)
}

func unsentHidden(f *Fixture) {
	f.put(booking.ProbeVenue, 2)
	f.register(theBus, "a")
	f.must("register", f.Store.RegisterBusAt(f.Context(), otherBus, 1))
	f.put(booking.ProbeVenue, 2)
	f.put("salon", 1)
	for _, bus := range []string{theBus, otherBus} {
		f.same("unsent", f.unsent(bus, 10), []booking.VenueID{"salon"})
		f.same("cursors of a hidden venue", f.cursors(bus, booking.ProbeVenue), nil)
	}
}

func cursorFields(f *Fixture) {
	f.put("salon", 1)
	f.put("bakery", 1)
	f.register(theBus, "a")
	want := []store.Cursor{
		{
			Venue: "bakery", Epoch: laterEpoch(f.epoch()), Revision: 1<<62 + 1, Checked: 1 << 61, Opened: "2026-11-24",
			DueAt: Morning.Add(time.Hour), Batch: "batch \"1\" ä",
		},
		{Venue: "salon", Epoch: f.epoch(), Revision: 7},
	}
	f.move(want[1], want[0])
	f.same("cursors", f.cursors(theBus, "salon", "bakery", "salon"), want)
	want[0].DueAt, want[0].Opened, want[0].Checked, want[0].Batch = time.Time{}, "", 0, ""
	want[1].DueAt, want[1].Opened, want[1].Checked = Morning.Add(time.Minute+999*time.Nanosecond), "2026-11-25", 7
	want[1].Batch = "another"
	f.move(want...)
	want[1].DueAt = Morning.Add(time.Minute)
	f.same("cursors that were changed", f.cursors(theBus, "salon", "bakery"), want)
	f.move()
	f.same("no cursors", f.cursors(theBus), nil)
}

func cursorBack(f *Fixture) {
	f.put("salon", 9)
	f.must("register", f.Store.RegisterBusAt(f.Context(), theBus, 0))
	f.lease(theBus, "a", time.Hour)
	for _, c := range []struct{ to, want booking.Revision }{{5, 5}, {4, 5}, {1, 5}, {6, 6}, {5, 6}, {9, 9}, {0, 9}} {
		f.move(store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: c.to})
		want := []store.Cursor{{Venue: "salon", Epoch: f.epoch(), Revision: c.want}}
		f.same(fmt.Sprintf("cursor after %d", c.to), f.cursors(theBus, "salon"), want)
	}
}

// laterEpoch is one of the next term, earlierEpoch one of none.
func laterEpoch(e booking.Epoch) booking.Epoch {
	return booking.Epoch(fmt.Sprintf("%d-later", e.Term()%10+1))
}

const earlierEpoch booking.Epoch = "earlier"

func cursorEpoch(f *Fixture) {
	f.put("salon", 9)
	f.must("register", f.Store.RegisterBusAt(f.Context(), theBus, 0))
	f.lease(theBus, "a", time.Hour)
	first, second, other := booking.Epoch("9-first"), booking.Epoch("a-second"), booking.Epoch("a-other") // in base 36
	for _, c := range []struct {
		to, want store.Cursor
	}{
		{store.Cursor{Epoch: earlierEpoch, Revision: 3}, store.Cursor{Epoch: earlierEpoch, Revision: 3}},
		{store.Cursor{Epoch: "another", Revision: 2}, store.Cursor{Epoch: "another", Revision: 2}},
		{store.Cursor{Epoch: first, Revision: 8}, store.Cursor{Epoch: first, Revision: 8}},
		{store.Cursor{Epoch: second, Revision: 5}, store.Cursor{Epoch: second, Revision: 5}},
		{store.Cursor{Epoch: first, Revision: 9}, store.Cursor{Epoch: second, Revision: 5}},
		{store.Cursor{Epoch: earlierEpoch, Revision: 9}, store.Cursor{Epoch: second, Revision: 5}},
		{store.Cursor{Epoch: second, Revision: 4}, store.Cursor{Epoch: second, Revision: 5}},
		{store.Cursor{Epoch: other, Revision: 1}, store.Cursor{Epoch: other, Revision: 1}},
	} {
		c.to.Venue, c.want.Venue = "salon", "salon"
		f.move(c.to)
		f.same(fmt.Sprintf("cursor after %d of %s", c.to.Revision, c.to.Epoch), f.cursors(theBus, "salon"), []store.Cursor{c.want})
	}
}

func cursorLease(f *Fixture) {
	venues := make([]booking.VenueID, 100)
	cursors := make([]store.Cursor, len(venues))
	for i := range venues {
		venues[i] = booking.VenueID(fmt.Sprintf("v%02d", i))
	}
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	attempt := func(holder string, revision booking.Revision, want func(booking.VenueID) bool) {
		f.Helper()
		var lost []booking.VenueID
		for i, venue := range venues {
			cursors[i] = store.Cursor{Venue: venue, Epoch: f.epoch(), Revision: revision}
			if !want(venue) {
				lost = append(lost, venue)
			}
		}
		slices.Reverse(cursors)
		got, err := f.Store.MoveCursors(f.Context(), theBus, holder, cursors)
		f.must("move", err)
		slices.Sort(got)
		f.same(fmt.Sprintf("cursors that are lost to %s at %d", holder, revision), got, lost)
		for _, c := range f.cursors(theBus, venues...) {
			if moved := c.Revision == revision; moved != want(c.Venue) {
				f.Errorf("the cursor of %s moved to %d: %v", c.Venue, revision, moved)
			}
		}
	}
	has := func(shards []store.Shard) func(booking.VenueID) bool {
		return func(v booking.VenueID) bool { return slices.Contains(shards, store.ShardOf(v)) }
	}
	attempt("a", 1, has(nil))
	all := f.lease(theBus, "a", time.Minute)
	attempt("a", 2, has(all))
	attempt("b", 3, has(nil))
	f.lease(theBus, "b", time.Hour)
	half := f.lease(theBus, "a", time.Minute)
	attempt("a", 4, has(half))
	attempt("b", 5, has(nil)) // the other half is free, and not taken yet
	rest := f.lease(theBus, "b", time.Hour)
	attempt("b", 6, has(rest))
	f.Clock.Advance(time.Minute - time.Microsecond)
	attempt("a", 7, has(half))
	f.Clock.Advance(time.Microsecond)
	attempt("a", 8, has(nil)) // it has run out
	attempt("b", 9, has(rest))
	f.lease(theBus, "a", time.Minute)
	attempt("a", 10, has(half)) // nobody has taken it
	f.must("release", f.Store.ReleaseLeases(f.Context(), theBus, "a"))
	attempt("a", 11, has(nil))
}

func cursorTwice(f *Fixture) {
	f.put("salon", 1)
	f.register(theBus, "a")
	one, two := store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 2}, store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 3}
	if _, err := f.Store.MoveCursors(f.Context(), theBus, "a", []store.Cursor{one, {Venue: "bakery"}, two}); err == nil {
		f.Errorf("two cursors of one venue were moved at once")
	}
	f.same("cursors", f.cursors(theBus, "salon", "bakery"), []store.Cursor{f.cursorAt("salon", 1)})
}

func cursorReopen(f *Fixture) {
	f.put("salon", 3)
	f.register(theBus, "a")
	f.put("salon", 3)
	want := store.Cursor{Venue: "salon", Epoch: f.epoch(), Revision: 5, Opened: "2026-11-24", Checked: 4, DueAt: Morning.Add(time.Hour)}
	f.move(want)
	f.Store = f.harness.Reopen(f.TB, f.Store, f.Clock.Now, booking.CurrentLevel)
	f.same("cursors", f.cursors(theBus, "salon"), []store.Cursor{want})
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.same("cursors", f.cursors(theBus, "salon"), []store.Cursor{want})
	f.same("unsent", f.unsent(theBus, 10), []booking.VenueID{"salon"})
}
