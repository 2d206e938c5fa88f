package outbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

// TestQuietVenuesCostNothing: of ten thousand venues in which nothing happens, the database hears one renewal a second and a scan in ten.
func TestQuietVenuesCostNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		w.start(t, b)
		settle(10 * time.Second) // each venue was looked at once
		if got := len(named(b.events(""), bus.VenueCheckpoint)); got != 10_000 {
			t.Fatalf("%d of 10000 venues were looked at", got)
		}
		w.resetCounts()
		settle(time.Minute)
		all := 0
		for _, n := range w.calls() {
			all += n
		}
		if all > 60+6 || w.count("KeepLeases") > 60 || w.count("Unsent") > 6 {
			t.Errorf("%v in a minute", w.calls())
		}
	}, manyVenues(10_000)...)
}

// TestCursorsAreWrittenTogether: however many venues change, and however often, a statement every 200 ms.
func TestCursorsAreWrittenTogether(t *testing.T) {
	t.Parallel()
	venues := manyVenues(100)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(40)
		n := w.start(t, b)
		settle(10 * time.Second)
		w.resetCounts()
		for range 1000 { // ten seconds
			for range 5 {
				w.bookAndTell(rng, venues[rng.IntN(len(venues))], 1, n)
			}
			settle(10 * time.Millisecond)
		}
		if got := w.count("MoveCursors"); got == 0 || got > 50 {
			t.Errorf("%d statements for cursors in ten seconds", got)
		}
		settle(time.Second)
		for _, id := range venues {
			if got := w.cursor(id).Revision; got != w.revision(id) {
				t.Errorf("%s: the cursor is at %d of %d", id, got, w.revision(id))
			}
		}
		w.resetCounts()
		settle(10 * time.Second)
		if got := w.count("MoveCursors"); got > 0 {
			t.Errorf("%d statements for cursors that have not moved", got)
		}
	}, venues...)
}

// TestCursorsThatCannotBeWritten are written later; events go on meanwhile.
func TestCursorsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(41)
		n := w.start(t, b)
		settle(time.Second)
		after := w.revision("barber")
		w.failing(func(call string, _ booking.VenueID) error {
			if call == "MoveCursors" {
				return store.ErrUnavailable
			}
			return nil
		})
		for range 100 {
			w.bookAndTell(rng, "barber", 1, n)
			settle(100 * time.Millisecond)
		}
		w.expectAll(t, b, "barber", after)
		if got := w.count("MoveCursors"); got > 15 {
			t.Errorf("%d tries in ten seconds", got)
		}
		if got := len(ofBookings(b.events("barber"))); got != 100 {
			t.Errorf("%d events of 100 changes", got)
		}
		w.failing(nil)
		settle(5 * time.Second)
		if got := w.cursor("barber").Revision; got != w.revision("barber") {
			t.Errorf("the cursor is at %d of %d", got, w.revision("barber"))
		}
	}, "barber")
}

// TestMoreVenuesThanRoom: those beyond are found by scans, as others leave.
func TestMoreVenuesThanRoom(t *testing.T) {
	t.Parallel()
	venues := manyVenues(200)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(42)
		n := w.start(t, b, func(c *outbox.Config) { c.MaxVenues = 20 })
		settle(3 * time.Minute)
		after := w.revision(venues[0])
		b.mu.Lock()
		b.delay = 100 * time.Millisecond
		b.mu.Unlock()
		for _, id := range venues {
			w.bookAndTell(rng, id, 1, n)
		}
		synctest.Wait()
		if s := n.Status(); !s.Overflowed || s.Venues > 20 {
			t.Errorf("status: %+v", s)
		}
		settle(3 * time.Minute)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if s := n.Status(); s.Overflowed || s.Venues != 0 {
			t.Errorf("status: %+v", s)
		}
	}, venues...)
}

// TestDroppedWhileFound: a venue that leaves the memory for another of the same page goes on from its cursor, and not from nothing.
func TestDroppedWhileFound(t *testing.T) {
	t.Parallel()
	venues := manyVenues(30)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(44)
		for _, id := range venues { // before there is a bus
			w.book(rng, id, 1)
		}
		w.start(t, b, func(c *outbox.Config) { c.MaxVenues = 20 })
		settle(time.Minute)
		const rounds = 10
		for range rounds {
			for _, id := range venues {
				w.book(rng, id, 1)
			}
			settle(time.Minute)
		}
		if got := len(ofBookings(b.events(""))); got != rounds*len(venues) {
			t.Errorf("%d events of %d bookings that were made since there is a bus", got, rounds*len(venues))
		}
	}, venues...)
}

// TestBacklogAfterARestart: many venues with something unsent are taken up by pages, without a reading of each cursor.
func TestBacklogAfterARestart(t *testing.T) {
	t.Parallel()
	venues := manyVenues(2500)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(43)
		n := w.start(t, b)
		settle(10 * time.Second)
		n.stop()
		after := w.revision(venues[0])
		for _, id := range venues {
			w.book(rng, id, 2)
		}
		w.resetCounts()
		w.start(t, b)
		settle(time.Second)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if got := w.count("Cursors"); got > 3 {
			t.Errorf("%d readings of cursors", got)
		}
	}, venues...)
}

// TestCommittedAllocatesNothing of a venue that is known.
func TestCommittedAllocatesNothing(t *testing.T) { //nolint:paralleltest // allocations of other tests would be counted
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b, func(c *outbox.Config) { c.Workers = 1 })
		settle(time.Second)
		b.down(bus.ErrUnavailable)
		revision := w.revision("barber")
		if got := testing.AllocsPerRun(1000, func() { revision++; n.Committed("barber", revision) }); got > 0 {
			t.Errorf("%v allocations", got)
		}
	}, "barber")
}
