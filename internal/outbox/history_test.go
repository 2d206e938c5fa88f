package outbox_test

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/outbox"
)

// resets are the last common revisions that consumers were told of.
func resets(t *testing.T, all []bus.Event) (common []booking.Revision) {
	t.Helper()
	for _, e := range named(all, bus.VenueReset) {
		var data events.NewEpoch
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		common = append(common, data.LastCommonRevision)
	}
	return common
}

// gapsOf are the gaps that consumers were told of.
func gapsOf(t *testing.T, all []bus.Event) (gaps []events.LeftOut) {
	t.Helper()
	for _, e := range named(all, bus.VenueGap) {
		var data events.LeftOut
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		gaps = append(gaps, data)
	}
	return gaps
}

// TestNewEpoch: after a failover that has lost nothing, consumers are told once, and no change is repeated or skipped.
func TestNewEpoch(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(10)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		sent := w.bookAndTell(rng, "barber", 10, n)
		settle(time.Second)
		before := len(ofBookings(b.events("barber")))
		w.restore("2-second", nil)
		w.bookAndTell(rng, "barber", 5, n)
		settle(outbox.ScanInterval)
		if got := resets(t, b.events("barber")); len(got) != 1 || got[0] != sent {
			t.Errorf("resets to %d, want one to %d", got, sent)
		}
		if got := resets(t, b.events("quiet")); len(got) != 1 {
			t.Errorf("a quiet venue was reset %d times", len(got))
		}
		if got := len(ofBookings(b.events("barber"))) - before; got != 5 {
			t.Errorf("%d events of 5 changes in the new epoch", got)
		}
		w.expectAll(t, b, "barber", sent)
		w.expectCopy(t, b, "barber", c)
		if n.meter.sofar().resets != 2 {
			t.Errorf("%d resets were counted", n.meter.sofar().resets)
		}
	}, "barber", "quiet")
}

// TestLostHistory: a database that was put back to before the cursor, and has gone on beyond it, has other changes below it. They are sent,
// whether the epoch is another or not, and consumers forget what never happened.
func TestLostHistory(t *testing.T) {
	t.Parallel()
	for name, epoch := range map[string]booking.Epoch{"in another epoch": "2-second", "unnoticed, in the same epoch": "1-first"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for beyond, more := range map[string]int{"behind the cursor": 3, "at the cursor": 20, "beyond the cursor": 40} {
				t.Run(beyond, func(t *testing.T) {
					t.Parallel()
					inBubble(t, func(t *testing.T, w *world, b *broker) {
						rng := seeded(11)
						n := w.start(t, b)
						c := w.consumer("barber")
						settle(time.Second)
						began := w.revision("barber")
						w.bookAndTell(rng, "barber", 30, n)
						settle(time.Second)
						w.restore(epoch, map[booking.VenueID]booking.Revision{"barber": began + 10})
						w.book(rng, "barber", more)
						n.Committed("barber", 1<<40)
						settle(outbox.ScanInterval)
						if got := resets(t, b.events("barber")); len(got) != 1 || got[0] != 0 {
							t.Errorf("resets to %d, want one to 0", got)
						}
						var since []bus.Event
						for _, e := range b.events("barber") {
							if e.Name == bus.VenueReset {
								since = nil
							}
							since = append(since, e)
						}
						if err := w.complete(since, "barber", 0); err != nil {
							t.Error(err)
						}
						w.expectCopy(t, b, "barber", c)
					}, "barber")
				})
			}
		})
	}
}

// TestAnswersOfAnEarlierTerm: a connection that still leads to the database that was in charge before makes nobody go back.
func TestAnswersOfAnEarlierTerm(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(12)
		w.restore("5-now", nil)
		n := w.start(t, b)
		settle(time.Second)
		sent := w.bookAndTell(rng, "barber", 1, n)
		synctest.Wait()
		w.restore("4-before", nil)
		w.bookAndTell(rng, "barber", 1, n)
		settle(time.Second)
		if got := len(named(b.events(""), bus.VenueReset)); got != 0 {
			t.Errorf("%d resets to an earlier term", got)
		}
		if n.meter.sofar().failures[outbox.FailedRead] == 0 {
			t.Error("no failure was counted")
		}
		w.restore("5-now", nil)
		settle(time.Minute)
		w.expectAll(t, b, "barber", sent-1)
	}, "barber")
}

// TestTrimmedChanges: what was deleted before it was sent is told as a gap.
func TestTrimmedChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(13)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		n.stop()
		began := w.revision("barber")
		w.book(rng, "barber", 40)
		w.trim("barber", began+25)
		n = w.start(t, b)
		settle(time.Second)
		if got := gapsOf(t, b.events("barber")); len(got) != 1 || got[0].From != began+1 || got[0].To != began+25 {
			t.Errorf("gaps %+v", got)
		}
		w.expectAll(t, b, "barber", began)
		w.expectCopy(t, b, "barber", c)
		if n.meter.sofar().gaps[outbox.GapTrimmed] != 25 {
			t.Errorf("%v were counted", n.meter.sofar().gaps)
		}
	}, "barber")
}

// TestDamagedChanges: a change that cannot be decoded is told as a gap, wherever it stands, and holds up neither its venue nor others.
func TestDamagedChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(14)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		began := w.bookAndTell(rng, "barber", 1, n)
		synctest.Wait()
		w.damage("barber", began) // what the cursor stands at is sent already
		for _, r := range []booking.Revision{1, 2, 9, 20} {
			w.damage("barber", began+r)
		}
		w.bookAndTell(rng, "barber", 20, n)
		other := w.revision("other")
		w.bookAndTell(rng, "other", 1, n)
		synctest.Wait()
		w.expectAll(t, b, "barber", began)
		w.expectAll(t, b, "other", other)
		w.expectCopy(t, b, "barber", c)
		if got := gapsOf(t, b.events("barber")); len(got) != 4 {
			t.Errorf("gaps %+v", got)
		}
		settle(time.Second)
		if got := w.cursor("barber").Revision; got != began+20 {
			t.Errorf("the cursor is at %d of %d", got, began+20)
		}
	}, "barber", "other")
}

// TestUnmakeableChanges: a change of which no events can be made, or that makes making them panic, is a gap.
func TestUnmakeableChanges(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(15)
		n := w.start(t, b)
		settle(time.Second)
		began := w.revision("barber")
		n.MakeEventsWith(func(in events.Input) ([]bus.Event, error) {
			for _, c := range in.Changes {
				switch c.Revision {
				case began + 7:
					return nil, errors.New("no event for this")
				case began + 8:
					panic("nor for this")
				}
			}
			return events.OfChanges(in)
		})
		w.bookAndTell(rng, "barber", 30, n)
		settle(time.Second)
		w.expectAll(t, b, "barber", began)
		if got := gapsOf(t, b.events("barber")); len(got) != 2 || got[0].From != began+7 || got[1].To != began+8 {
			t.Errorf("gaps %+v", got)
		}
		if n.meter.sofar().gaps[outbox.GapUnmakeable] != 2 || n.meter.sofar().failures[outbox.FailedEvents] != 2 {
			t.Errorf("%v and %v were counted", n.meter.sofar().gaps, n.meter.sofar().failures)
		}
	}, "barber")
}

// TestRejectedEvents: an event that the bus will never take is a gap of its change, is shown, and holds up nobody. So it is if the bus
// fails besides.
func TestRejectedEvents(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(16)
		n := w.start(t, b)
		c := w.consumer("barber")
		settle(time.Second)
		began := w.revision("barber")
		failures := 0
		b.behaves(func(_ booking.VenueID, all []bus.Event) (int, error) {
			for i, e := range all {
				if e.Venue == "barber" && (e.Name == bus.AvailabilityChanged || len(ofBookings(all[i:i+1])) == 1 && e.Revision == began+3) {
					return i, &bus.RejectedError{Index: i, Reason: "it is too large"}
				}
			}
			if failures++; failures < 3 {
				return 1, bus.ErrUnavailable
			}
			return len(all), nil
		})
		w.bookAndTell(rng, "barber", 10, n)
		other := w.revision("other")
		w.bookAndTell(rng, "other", 1, n)
		settle(time.Second)
		w.expectAll(t, b, "barber", began)
		w.expectAll(t, b, "other", other)
		w.expectCopy(t, b, "barber", c)
		if got := n.meter.sofar().rejected; got[bus.BookingConfirmed]+got[bus.BookingCancelled] != 1 || got[bus.AvailabilityChanged] == 0 {
			t.Errorf("%v were counted", got)
		}
		if r := n.Status().LastRejected; r == nil || r.Venue != "barber" || r.Reason != "it is too large" {
			t.Errorf("status: %+v", r)
		}
	}, "barber", "other")
}

// TestBusThatRejectsAll: even the gap, without which consumers would not know what they lack. So all waits, and a person is needed.
func TestBusThatRejectsAll(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		before := w.cursor("barber").Revision
		b.behaves(func(booking.VenueID, []bus.Event) (int, error) {
			return 0, &bus.RejectedError{Reason: "nothing at all"}
		})
		w.bookAndTell(seeded(17), "barber", 10, n)
		settle(time.Minute)
		if got := w.cursor("barber").Revision; got != before {
			t.Errorf("the cursor has moved from %d to %d", before, got)
		}
		if s := n.Status(); !errors.Is(s.Bus, bus.ErrMisconfigured) {
			t.Errorf("status: %+v", s)
		}
		b.behaves(nil)
		settle(2 * time.Minute)
		w.expectAll(t, b, "barber", before)
	}, "barber")
}
