package storetest

import (
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var retentionChecks = []check{
	{"retention/holds that ended unconfirmed go", retentionHolds},
	{"retention/old changes go, and the last stay", retentionChanges},
	{"retention/what was done stays answerable", retentionAudit},
	{"retention/of all venues", retentionVenues},
	{"retention/after the clock went back", retentionClock},
	{"retention/what the probe leaves goes within minutes", retentionHidden},
}

// week keeps what most checks keep.
var week = store.Retention{Holds: 48 * time.Hour, Changes: 7 * 24 * time.Hour, Audit: 30 * 24 * time.Hour}

// trim has the store delete until nothing is left to delete, so many at a time, and returns how many it deleted.
func (f *Fixture) trim(r store.Retention, limit int) (deleted int) {
	f.Helper()
	idle := 0
	for range 100_000 {
		n, err := f.Store.Trim(f.Context(), r, limit)
		f.must("trim", err)
		if deleted += n; n > 0 {
			idle = 0
		} else if idle++; idle == 3 { // it comes to all venues, page by page
			return deleted
		}
	}
	f.Fatalf("there is always something to delete")
	return 0
}

func retentionHolds(f *Fixture) {
	f.PutCatalogue("salon")
	var made [6]booking.Booking
	for n := range made {
		made[n] = SampleHold("salon", n, Slot.AddDate(0, 0, n), Morning.Add(time.Hour), Chair1)
	}
	made[5] = SampleBooking("salon", 5, Slot.AddDate(0, 0, 5), Chair1)
	f.Change("salon", func(d *Draft) {
		for i := range made {
			d.Book(made[i])
		}
	})
	moved := func(b booking.Booking, status booking.Status, cancelledHold bool) {
		b.CancelledHold, b.UpdatedAt = cancelledHold, f.Clock.Now()
		f.Change("salon", func(d *Draft) { d.Move(b, status) })
	}
	moved(made[0], booking.Expired, false)
	moved(made[1], booking.Cancelled, true)
	moved(made[2], booking.Cancelled, false) // confirmed before, or cancelled by an older program
	moved(made[3], booking.Confirmed, false)
	f.Clock.Advance(time.Hour)
	moved(made[5], booking.Cancelled, false)
	f.Clock.Set(Morning.Add(week.Holds))
	f.same("number deleted too early", f.trim(week, 10), 0)
	f.Clock.Advance(time.Minute)
	f.same("number deleted of none to keep", f.trim(store.Retention{}, 10), 0)
	f.same("number deleted", f.trim(week, 1), 2)
	page, err := f.Store.Bookings(f.Context(), "salon", store.Filter{Limit: 10})
	f.must("list", err)
	left := make([]booking.BookingID, 0, len(page))
	for _, b := range page {
		left = append(left, b.ID)
	}
	f.same("bookings left", left, []booking.BookingID{BookingID(2), BookingID(3), BookingID(4), BookingID(5)})
	f.same("number of claims that take room", len(f.Load("salon").Claims), 2)
	f.same("revision", f.Revision("salon"), booking.Revision(7))
	f.must("inspect", f.Store.Inspect(f.Context(), func(s store.Snapshot) error {
		return s.Orphans(f.Context(), func(venue booking.VenueID, table string) error {
			return fmt.Errorf("%s of venue %s is left", table, venue)
		})
	}))
}

// grow makes changes of a venue, one a minute, until it is at the revision.
func (f *Fixture) grow(venue booking.VenueID, revision booking.Revision) {
	f.Helper()
	for at := f.Revision(venue); at < revision; at++ {
		f.Clock.Advance(time.Minute)
		f.Change(venue, func(d *Draft) { d.PutVenue(SampleVenue(venue)) })
	}
}

// history is what there is of a venue's history: its checkpoint, and the revisions of the audit trail and the changes.
func (f *Fixture) history(venue booking.VenueID) (checkpoint store.Checkpoint, audit, changes []booking.Change) {
	f.Helper()
	f.must("inspect", f.Store.Inspect(f.Context(), func(s store.Snapshot) (err error) {
		if checkpoint, err = s.Checkpoint(f.Context(), venue); err != nil {
			return err
		}
		err = s.Audit(f.Context(), venue, func(c booking.Change) error { audit = append(audit, c); return nil })
		if err != nil {
			return err
		}
		return s.Changes(f.Context(), venue, func(c booking.Change) error { changes = append(changes, c); return nil })
	}))
	return checkpoint, audit, changes
}

// bounds are the first and the last revision of changes, and how many there are.
func bounds(changes []booking.Change) [3]int {
	if len(changes) == 0 {
		return [3]int{}
	}
	return [3]int{int(changes[0].Revision), int(changes[len(changes)-1].Revision), len(changes)}
}

func retentionChanges(f *Fixture) {
	const last = store.RetainedChanges + 20
	f.PutCatalogue("salon")
	f.grow("salon", last)
	f.Clock.Set(f.Clock.Now().Add(week.Changes - 5*time.Minute)) // the last five are younger
	f.same("number deleted", f.trim(week, 7), 20)
	checkpoint, audit, changes := f.history("salon")
	f.same("checkpoint", checkpoint.Revision, booking.Revision(20))
	f.same("audit trail", bounds(audit), [3]int{1, 20, 20})
	f.same("changes", bounds(changes), [3]int{21, last, store.RetainedChanges})
	f.same("revision", f.Revision("salon"), booking.Revision(last))

	found := f.Find(store.Need{Venue: "salon", Known: last - store.RetainedChanges})
	f.same("number of changes that a node catches up with", len(found.Changes), store.RetainedChanges)
	f.same("the batch of what was deleted", found.Batch, "")
	f.same("the batch of what stayed", f.Find(store.Need{Venue: "salon", Known: 21}).Batch, "batch-salon")
	after, err := f.Store.Changes(f.Context(), "salon", 0, 3)
	f.must("changes", err)
	f.same("the first changes that are left", bounds(after), [3]int{21, 23, 3})

	f.grow("salon", last+10)
	f.same("number deleted later", f.trim(week, 100), 10)
	checkpoint, audit, changes = f.history("salon")
	f.same("checkpoint later", checkpoint.Revision, booking.Revision(30))
	f.same("audit trail later", bounds(audit), [3]int{1, 30, 30})
	f.same("changes later", bounds(changes), [3]int{31, last + 10, store.RetainedChanges})

	f.grow("salon", 2*last)
	f.Clock.Advance(time.Minute)
	f.same("number deleted of young changes", f.trim(store.Retention{Changes: 2 * week.Changes}, 100), 0)
}

func retentionAudit(f *Fixture) {
	f.PutCatalogue("salon")
	made := SampleBooking("salon", 1, Slot, Chair1)
	f.Change("salon", func(d *Draft) { d.Book(made) })
	lower := SampleResource("salon", Chair1)
	lower.Capacity = 1
	f.Change("salon", func(d *Draft) { d.PutResource(lower) })
	f.Change("salon", func(d *Draft) { d.Move(made, booking.Cancelled) })
	_, _, before := f.history("salon")
	f.grow("salon", 4+store.RetainedChanges)
	f.Clock.Advance(week.Changes)
	f.trim(week, 100)
	checkpoint, audit, _ := f.history("salon")
	want := make([]booking.Change, 4)
	for i := range want {
		want[i] = store.Audited(before[i])
	}
	f.same("audit trail", audit, want)
	state := store.Checkpoint{}.Advance(before[:4])
	f.same("checkpoint", checkpoint, state)
	f.same("highest capacity", checkpoint.Most[Chair1], SampleResource("salon", Chair1).Capacity)
	capacities := make(map[booking.ResourceID]int)
	for _, e := range checkpoint.Entries {
		if e.Resource != nil {
			capacities[e.Resource.ID] = e.Resource.Capacity
		}
	}
	f.same("capacity at the checkpoint", capacities[Chair1], 1)
	f.same("last change of each resource", checkpoint.Touched, map[booking.ResourceID]booking.Revision{Chair1: 4, Chair2: 1, Basin: 1})

	f.Clock.Set(Morning.Add(week.Audit))
	f.same("number deleted of the audit trail too early", f.trim(week, 2), 0)
	f.Clock.Advance(time.Hour)
	f.same("number deleted of the audit trail", f.trim(week, 2), 4)
	_, audit, changes := f.history("salon")
	f.same("audit trail after its time", len(audit), 0)
	f.same("changes after all", len(changes), store.RetainedChanges)
}

// retentionClock has the clock go back between changes: whatever goes of the audit trail, no gap is left in it.
func retentionClock(f *Fixture) {
	f.PutCatalogue("salon")
	for i, minutes := range []int{10, 1, 20, 21, 22} {
		f.Clock.Set(Morning.Add(time.Duration(minutes) * time.Minute))
		f.Change("salon", func(d *Draft) { d.PutVenue(SampleVenue("salon")) })
		f.same("revision", f.Revision("salon"), booking.Revision(i+2))
	}
	f.grow("salon", 6+store.RetainedChanges)
	f.Clock.Advance(week.Changes)
	f.same("number of changes deleted", f.trim(store.Retention{Changes: week.Changes}, 100), 6)
	f.Clock.Set(Morning.Add(week.Audit + 5*time.Minute)) // the second change is younger, and the third is not
	f.trim(store.Retention{Audit: week.Audit}, 100)
	checkpoint, audit, _ := f.history("salon")
	f.same("checkpoint", checkpoint.Revision, booking.Revision(6))
	if len(audit) == 0 || len(audit) == 6 {
		f.Fatalf("%d changes are left of the audit trail", len(audit))
	}
	f.same("audit trail", bounds(audit), [3]int{7 - len(audit), 6, len(audit)})
}

func retentionVenues(f *Fixture) {
	venues := []booking.VenueID{"a", "b", "c"}
	for _, venue := range venues {
		f.PutCatalogue(venue)
		f.grow(venue, store.RetainedChanges+3)
	}
	f.Clock.Advance(week.Changes)
	f.same("number deleted", f.trim(week, 2), 9)
	for _, venue := range slices.Backward(venues) {
		checkpoint, audit, changes := f.history(venue)
		f.same("checkpoint of "+string(venue), checkpoint.Revision, booking.Revision(3))
		f.same("audit trail of "+string(venue), bounds(audit), [3]int{1, 3, 3})
		f.same("changes of "+string(venue), len(changes), store.RetainedChanges)
	}
}

// What the server's own probe leaves goes within minutes, whatever the operator keeps of other venues, and nobody remembers it.
func retentionHidden(f *Fixture) {
	const rounds = store.RetainedChanges
	probe := booking.ProbeVenue
	f.PutCatalogue("salon")
	f.PutCatalogue(probe)
	for n := range rounds {
		f.Clock.Advance(5 * time.Second)
		hold := SampleHold(probe, n, Slot, Morning.Add(time.Hour), Chair1)
		f.Change(probe, func(d *Draft) { d.Book(hold) })
		hold.CancelledHold, hold.UpdatedAt = true, f.Clock.Now()
		f.Change(probe, func(d *Draft) { d.Move(hold, booking.Cancelled) })
	}
	kept := int(store.HiddenRetention.Holds / (5 * time.Second))
	revision := f.Revision(probe)
	f.trim(store.Retention{}, 50) // an operator who keeps everything
	page, err := f.Store.Bookings(f.Context(), probe, store.Filter{Limit: 1000})
	f.must("list", err)
	f.same("bookings of the probe that are left", len(page), kept+1)
	_, audit, changes := f.history(probe)
	f.same("its audit trail", len(audit), 0)
	f.same("its changes", bounds(changes), [3]int{int(revision) - store.RetainedChanges + 1, int(revision), store.RetainedChanges})
	f.same("its revision", f.Revision(probe), revision)
	_, _, changes = f.history("salon")
	f.same("changes of another venue", len(changes), 1)
	f.same("number deleted at once again", f.trim(store.Retention{}, 50), 0)
}
