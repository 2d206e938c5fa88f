package outbox_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/outbox"
)

// TestSendsWhatIsCommitted: events begin when the bus is new, arrive at once, and the cursor follows.
func TestSendsWhatIsCommitted(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(1)
		began := w.book(rng, "barber", 20)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		if got := ofBookings(b.events("")); len(got) > 0 {
			t.Errorf("%d events of bookings that were made before there was a bus", len(got))
		}
		committed := time.Now()
		last := w.bookAndTell(rng, "barber", 30, n)
		synctest.Wait()
		if !time.Now().Equal(committed) {
			t.Error("time had to pass")
		}
		w.expectAll(t, b, "barber", began)
		w.expectCopy(t, b, "barber", c)
		settle(outbox.DefaultCursorInterval)
		if got := w.cursor("barber"); got.Revision != last || got.Epoch != w.epoch || got.Batch != w.picture("barber").Batch {
			t.Errorf("the cursor is %+v", got)
		}
		if s := n.Status(); s.Venues != 0 || s.Lag != 0 || s.Leases != 64 || s.Bus != nil {
			t.Errorf("status: %+v", s)
		}
	}, "barber")
}

// TestLagIsOfEvents: a change that makes no event is passed over, and no confirmation by a bus that is down.
func TestLagIsOfEvents(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		before := n.meter.sofar().confirmed
		b.down(bus.ErrUnavailable)
		w.mu.Lock()
		spare := w.commit("barber", booking.Entry{Kind: booking.ResourcePut, Resource: &booking.Resource{
			Venue: "barber", ID: "spare", Name: "Spare", Capacity: 1, Revision: w.venues["barber"].revision() + 1,
		}})
		w.mu.Unlock()
		n.Committed("barber", spare.Revision)
		settle(time.Second)
		if at := w.cursor("barber").Revision; at != spare.Revision || n.meter.sofar().confirmed != before {
			t.Errorf("the cursor is at %d of %d, and %d batches were confirmed", at, spare.Revision, n.meter.sofar().confirmed-before)
		}
		b.behaves(nil)
		w.bookAndTell(seeded(1), "barber", 1, n)
		settle(time.Second)
		if n.meter.sofar().confirmed == before {
			t.Error("an event was not measured")
		}
	}, "barber")
}

// TestPausedRelayBlamesNobody: a relay that is paused does not know how the bus is, and has nobody alerted of how it was.
func TestPausedRelayBlamesNobody(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		b.down(bus.ErrMisconfigured)
		w.bookAndTell(seeded(1), "barber", 1, n)
		settle(time.Second)
		for _, paused := range []bool{false, true, false} {
			if paused {
				n.Pause()
			} else {
				n.Resume()
			}
			settle(outbox.ScanInterval)
			s := n.Status()
			if s.Paused != paused || (s.Bus == nil) != paused || s.BusMisconfigured == paused || s.BusFailingSince.IsZero() != paused {
				t.Errorf("paused is %v: %+v", paused, s)
			}
		}
	}, "barber")
}

// TestScanFindsWhatNobodyTold: a lost hint costs ten seconds, and no event; and a venue that is made later begins at its first change.
func TestScanFindsWhatNobodyTold(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		w.start(t, b)
		settle(time.Second)
		after := w.revision("barber")
		w.book(seeded(2), "barber", 3)
		w.open("later")
		w.book(seeded(2), "later", 3)
		settle(outbox.ScanInterval)
		w.expectAll(t, b, "barber", after)
		w.expectAll(t, b, "later", 0)
		if got := ofBookings(b.events("later")); len(got) != 3 {
			t.Errorf("%d events of a venue's first 3 bookings", len(got))
		}
	}, "barber")
}

// TestBeginAt: the operator may have events begin earlier than now.
func TestBeginAt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		w.book(seeded(50), "barber", 30)
		from := booking.Revision(11)
		w.start(t, b, func(c *outbox.Config) { c.BeginAt = &from })
		settle(time.Second)
		w.expectAll(t, b, "barber", from)
		if got := ofBookings(b.events("barber")); len(got) != 20 {
			t.Errorf("%d events of 20 changes", len(got))
		}
	}, "barber")
}

// TestHintsAreNotBelieved: a revision that does not exist costs a reading, once.
func TestHintsAreNotBelieved(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		w.resetCounts()
		n.Committed("barber", 1<<60)
		n.Committed("nobody", 7)
		settle(5 * time.Second)
		if got := w.count("DurableChanges"); got != 2 {
			t.Errorf("%d readings for two wrong hints", got)
		}
		if s := n.Status(); s.Venues != 0 || s.Revisions != 0 {
			t.Errorf("status: %+v", s)
		}
	}, "barber")
}

// TestHugeBacklogsStarveNobody: a venue with a backlog takes turns with others, and has one batch in flight.
func TestHugeBacklogsStarveNobody(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(3)
		n := w.start(t, b, func(c *outbox.Config) { c.Workers = 1 })
		settle(time.Second)
		b.mu.Lock()
		b.delay = 10 * time.Millisecond
		b.mu.Unlock()
		after := w.revision("huge")
		w.bookAndTell(rng, "huge", 5000, n)
		synctest.Wait()
		small := w.revision("small")
		w.bookAndTell(rng, "small", 1, n)
		settle(50 * time.Millisecond)
		w.expectAll(t, b, "small", small)
		if got := len(ofBookings(b.events("huge"))); got == 0 || got == 5000 {
			t.Errorf("%d of 5000 events of the huge venue by then", got)
		}
		settle(time.Second)
		w.expectAll(t, b, "huge", after)
		if b.overlapped() > 0 {
			t.Errorf("%d publishes of a venue beside another", b.overlapped())
		}
	}, "huge", "small")
}

// TestLargeBatches: a publish has no more events than a bus takes, also of one change, and the cursor waits for all of a change.
func TestLargeBatches(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(4)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		after := w.revision("barber")
		// The second publish of the change fails at first.
		publishes := 0
		b.behaves(func(_ booking.VenueID, events []bus.Event) (int, error) {
			if publishes++; publishes == 2 {
				return 1, bus.ErrUnavailable
			}
			return len(events), nil
		})
		w.bookMany(rng, "barber", bus.MaxBatch+200)
		last := w.bookMany(rng, "barber", 300)
		n.Committed("barber", last)
		synctest.Wait()
		if got := w.cursor("barber").Revision; got != after {
			t.Errorf("the cursor moved to %d with half of a change", got)
		}
		settle(time.Second)
		w.expectAll(t, b, "barber", after)
		w.expectCopy(t, b, "barber", c)
	}, "barber")
}

// TestBusThatIsDown: one venue tries, and not all; when the bus is back, all is sent within its longest delay.
func TestBusThatIsDown(t *testing.T) {
	t.Parallel()
	venues := make([]booking.VenueID, 300)
	for i := range venues {
		venues[i] = booking.VenueID(fmt.Sprintf("v%03d", i))
	}
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(5)
		n := w.start(t, b)
		settle(5 * time.Second)
		after := w.revision("v000")
		b.down(bus.ErrUnavailable)
		for _, id := range venues {
			w.bookAndTell(rng, id, 2, n)
		}
		settle(time.Second)
		w.resetCounts()
		before := b.published()
		settle(10 * time.Minute)
		if got := b.published() - before; got < 500 || got > 1300 {
			t.Errorf("%d tries in ten minutes", got)
		}
		if got := w.count("DurableChanges"); got > 1300 {
			t.Errorf("%d readings for a bus that is down", got)
		}
		s := n.Status()
		if s.Venues != len(venues) || !errors.Is(s.Bus, bus.ErrUnavailable) || s.Lag < 10*time.Minute || s.BusMisconfigured {
			t.Errorf("status: %+v", s)
		}
		b.behaves(nil)
		settle(5 * time.Second)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if s := n.Status(); s.Venues != 0 || s.Bus != nil {
			t.Errorf("status: %+v", s)
		}
	}, venues...)
}

// TestMisconfiguredBus is tried less often, and says that a person is needed.
func TestMisconfiguredBus(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		after := w.revision("barber")
		b.down(fmt.Errorf("%w: no such topic", bus.ErrMisconfigured))
		before := b.published()
		w.bookAndTell(seeded(6), "barber", 1, n)
		settle(10 * time.Minute)
		if got := b.published() - before; got < 5 || got > 30 {
			t.Errorf("%d tries in ten minutes", got)
		}
		if s := n.Status(); !s.BusMisconfigured || !errors.Is(s.Bus, bus.ErrMisconfigured) {
			t.Errorf("status: %+v", s)
		}
		if n.meter.sofar().failures[outbox.FailedMisconfigured] == 0 {
			t.Error("no failure was counted")
		}
		b.behaves(nil)
		settle(time.Minute)
		w.expectAll(t, b, "barber", after)
	}, "barber")
}

// TestVenueThatTheBusFails: while the bus confirms others, one venue's failures are its own, and hold up nobody.
func TestVenueThatTheBusFails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(7)
		n := w.start(t, b)
		settle(time.Second)
		after := w.revision("good")
		b.behaves(func(venue booking.VenueID, events []bus.Event) (int, error) {
			if venue == "bad" {
				return 0, bus.ErrUnavailable
			}
			return len(events), nil
		})
		w.bookAndTell(rng, "bad", 1, n)
		var longest time.Duration
		for range 200 {
			w.bookAndTell(rng, "good", 1, n)
			committed := time.Now()
			for len(ofBookings(b.events("good"))) < int(w.revision("good")-after) && time.Since(committed) < time.Second {
				settle(10 * time.Millisecond)
			}
			longest = max(longest, time.Since(committed))
			settle(500 * time.Millisecond)
		}
		if longest > 200*time.Millisecond {
			t.Errorf("a venue waited %s for another's failures", longest)
		}
		if s := n.Status(); s.Venues != 1 {
			t.Errorf("status: %+v", s)
		}
	}, "bad", "good")
}

// TestStatusOfABacklog: how far behind, by time and by revisions.
func TestStatusOfABacklog(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		w.bookAndTell(seeded(8), "barber", 1, n)
		synctest.Wait()
		b.down(bus.ErrUnavailable)
		w.bookAndTell(seeded(9), "barber", 40, n)
		settle(90 * time.Second)
		s := n.Status()
		if s.Venues != 1 || s.Revisions != 40 || s.LagRevisions != 40 || s.LagVenue != "barber" || s.Lag.Round(time.Second) != 90*time.Second {
			t.Errorf("status: %+v", s)
		}
	}, "barber")
}
