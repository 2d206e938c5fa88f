package outbox_test

import (
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/outbox"
	"vacancy/internal/schedule"
)

// nextMidnight is the venue's.
func nextMidnight(t *testing.T, zone *time.Location) time.Time {
	t.Helper()
	return schedule.Midnight(zone, booking.DateOf(time.Now().In(zone)).AddDays(1))
}

// TestDaysOpen: each midnight of a venue's zone a day opens, also of a venue in which nothing has ever changed while there was a bus, and
// whose relay has forgotten it.
func TestDaysOpen(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		c := w.consumer("quiet")
		settle(time.Second)
		zone := w.picture("quiet").Zone
		for day := range 2 {
			midnight := nextMidnight(t, zone)
			settle(time.Until(midnight) - time.Minute)
			if day == 1 { // another relay, which knows nothing of it
				n.stop()
				n = w.start(t, b)
			}
			before := len(named(b.events("quiet"), bus.AvailabilityDayOpened))
			settle(time.Minute + outbox.ScanInterval)
			if got := len(named(b.events("quiet"), bus.AvailabilityDayOpened)) - before; got != 1 {
				t.Errorf("%d days opened at midnight of day %d", got, day)
			}
		}
		w.expectCopy(t, b, "quiet", c)
		w.resetCounts()
		settle(time.Hour)
		if got := w.count("DurableChanges"); got > 0 {
			t.Errorf("%d readings between two midnights", got)
		}
	}, "quiet")
}

// TestCheckpoints: some minutes after a change, also while others follow, and none of which all was sent already.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(20)
		n := w.start(t, b)
		settle(time.Minute)
		before := len(named(b.events("busy"), bus.VenueCheckpoint))
		for range 60 * 20 { // 20 minutes
			w.bookAndTell(rng, "busy", 1, n)
			settle(time.Second)
		}
		got := named(b.events("busy"), bus.VenueCheckpoint)[before:]
		if len(got) < 3 || len(got) > 4 {
			t.Errorf("%d checkpoints in 20 minutes of changes", len(got))
		}
		settle(2 * events.CheckpointInterval)
		all := named(b.events("busy"), bus.VenueCheckpoint)
		if last := all[len(all)-1]; last.Revision != w.revision("busy") {
			t.Errorf("the last checkpoint is of revision %d of %d", last.Revision, w.revision("busy"))
		}
		if got := len(named(b.events("quiet"), bus.VenueCheckpoint)); got != 1 {
			t.Errorf("%d checkpoints of a venue in which nothing changed", got)
		}
		// A checkpoint comes behind all of its revision.
		highest := booking.Revision(0)
		for _, e := range b.events("busy") {
			if e.Name == bus.VenueCheckpoint && e.Revision != max(e.Revision, highest) {
				t.Errorf("a checkpoint of revision %d behind revision %d", e.Revision, highest)
			}
			if len(ofBookings([]bus.Event{e})) == 1 {
				highest = max(highest, e.Revision)
			}
		}
	}, "busy", "quiet")
}

// TestMidnightsHoldNobodyUp: a midnight of many venues takes turns with changes.
func TestMidnightsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	venues := []booking.VenueID{"barber"}
	for i := range 300 {
		venues = append(venues, booking.VenueID("v"+string(rune('a'+i%26))+string(rune('a'+i/26))))
	}
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b, func(c *outbox.Config) { c.Workers = 1 })
		settle(time.Second)
		settle(time.Until(nextMidnight(t, w.picture("barber").Zone)) - time.Second)
		after := w.revision("barber")
		b.mu.Lock()
		b.delay = 10 * time.Millisecond // three seconds for all
		b.mu.Unlock()
		settle(time.Second + 100*time.Millisecond)
		w.bookAndTell(seeded(21), "barber", 1, n)
		settle(100 * time.Millisecond)
		w.expectAll(t, b, "barber", after)
		settle(time.Minute)
		if got := len(named(b.events(""), bus.AvailabilityDayOpened)); got != len(venues) {
			t.Errorf("%d days opened of %d venues", got, len(venues))
		}
	}, venues...)
}

// TestArchivedVenues have no midnights.
func TestArchivedVenues(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		w.mu.Lock()
		archived := w.venues["barber"].newest().Venue
		archived.Archived = true
		last := w.commit("barber", booking.Entry{Kind: booking.VenueArchived, Venue: &archived}).Revision
		w.mu.Unlock()
		n.Committed("barber", last)
		settle(30 * time.Minute) // a checkpoint
		w.resetCounts()
		settle(time.Until(nextMidnight(t, w.picture("barber").Zone)) + time.Hour)
		if got := w.count("DurableChanges"); got > 0 {
			t.Errorf("%d readings of an archived venue over a midnight", got)
		}
	}, "barber")
}
