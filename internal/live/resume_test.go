package live_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// A reader that comes back gets nothing if nothing changed, what changed if something did, and else is told to begin anew, and why.
func TestResume(t *testing.T) {
	t.Parallel()
	edited := func(s scene) { s.put(livetest.Ferry()) }
	tests := map[string]struct {
		away     func(s scene)                // what happens while the reader is away
		position func(position string) string // how it forges its position
		node     func(s scene) scene          // where it comes back
		want     []live.Event
		reason   live.Reason
	}{
		"nothing happened":        {},
		"something else happened": {away: func(s scene) { s.book(trips(5, 5, 1), at(5, 10, 0), 1) }},
		"a booking": {
			away: func(s scene) { s.book(trips(2, 2, 1), at(2, 10, 0), 1) }, want: []live.Event{live.EventDelta},
		},
		"a booking, then another node that knew the days before": {
			away: func(s scene) { s.book(trips(2, 2, 1), at(2, 10, 0), 1) }, node: scene.another,
			want: []live.Event{live.EventReset, live.EventSnapshot}, reason: live.PositionUnknown,
		},
		"nothing happened, then another node": {node: scene.another},
		"the schedule was edited": {
			away: edited, want: []live.Event{live.EventReset, live.EventSnapshot}, reason: live.ScheduleChanged,
		},
		"the schedule was edited, then another node": {
			away: edited, node: scene.another, want: []live.Event{live.EventReset, live.EventSnapshot}, reason: live.ScheduleChanged,
		},
		"not a position": {
			position: func(string) string { return "17" },
			want:     []live.Event{live.EventReset, live.EventSnapshot}, reason: live.PositionUnknown,
		},
		"ahead of the store": {
			position: func(string) string { return "e1.zz.0" },
			want:     []live.Event{live.EventReset, live.EventSnapshot}, reason: live.PositionUnknown,
		},
		"of another epoch": {
			position: func(p string) string { return "other" + p[2:] },
			want:     []live.Event{live.EventReset, live.EventSnapshot}, reason: live.EpochChanged,
		},
		"of another epoch, and ahead": {
			position: func(string) string { return "other.zz.0" },
			want:     []live.Event{live.EventReset, live.EventSnapshot}, reason: live.EpochChanged,
		},
		"the database was restored": {
			away: func(s scene) {
				s.store.Restore("e2", "ferry")
				s.View.Check(context.Background())
			},
			want: []live.Event{live.EventReset, live.EventSnapshot}, reason: live.EpochChanged,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inScene(t, func(t *testing.T, s scene) {
				r := s.come(trips(2, 3, 1), "")
				r.gets(live.EventSnapshot)
				position := r.Position
				if test.away != nil {
					test.away(s)
				}
				if test.position != nil {
					position = test.position(position)
				}
				if test.node != nil {
					s = test.node(s)
				}
				again := s.come(r.query, position)
				again.Reader = r.Reader
				again.gets(test.want...)
				if test.reason != "" && !slices.Equal(again.Reasons, []live.Reason{test.reason}) {
					t.Errorf("the reason is %v", again.Reasons)
				}
				again.gets()
				again.agrees()
			})
		})
	}
}

// Open readers hear of an edit and of a restored database in the same way.
func TestOpenReadersBeginAnew(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(trips(2, 3, 1), "")
		r.gets(live.EventSnapshot)
		id, entries := livetest.Ferry()
		entries[1].Resource.Schedule = livetest.Daily(12*60, 14*60)
		s.put(id, entries)
		<-r.woken
		r.gets(live.EventReset, live.EventSnapshot)
		r.agrees()
		s.book(r.query, at(2, 12, 0), 2)
		wait(time.Second)
		r.gets(live.EventDelta)
		s.store.Restore("e2", "ferry")
		s.View.Check(t.Context())
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		r.agrees()
		if want := []live.Reason{live.ScheduleChanged, live.EpochChanged}; !slices.Equal(r.Reasons, want) {
			t.Errorf("the reasons are %v, and not %v", r.Reasons, want)
		}
	})
}

// A database is restored, in the same epoch, and goes on without the node, less far than it was, as far or further. Open readers begin
// anew however far that is, and readers who come back if it is not yet as far as they were.
func TestReadersOfARestoredDatabaseBeginAnew(t *testing.T) {
	t.Parallel()
	for further := range 7 { // the position is 5, and after the restore 3
		t.Run(strconv.Itoa(3+further), func(t *testing.T) {
			t.Parallel()
			inScene(t, func(t *testing.T, s scene) {
				r := s.come(trips(2, 3, 1), "")
				for range 4 {
					s.book(r.query, at(2, 10, 0), 1)
				}
				wait(time.Second)
				r.gets(live.EventSnapshot)
				s.store.Restore("e1", "ferry")
				for range further {
					s.commit(trips(3, 3, 1), at(3, 10, 0), 1)
				}
				s.View.Check(t.Context())
				wait(time.Second)
				position := r.Position
				r.gets(live.EventReset, live.EventSnapshot)
				r.agrees()
				if want := []live.Reason{live.PositionUnknown}; !slices.Equal(r.Reasons, want) {
					t.Errorf("the reasons are %v, and not %v", r.Reasons, want)
				}
				if further < 2 {
					again := s.come(r.query, position)
					again.gets(live.EventReset, live.EventSnapshot)
				}
			})
		})
	}
}

// The view lets go of a venue that nobody watches, and the database is restored before it is read again. What the hub kept of the
// venue's days is not taken for what they are.
func TestVenueThatWasOutOfMemory(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		for range 4 {
			s.book(trips(2, 2, 1), at(2, 10, 0), 1)
		}
		full := s.get(trips(2, 2, 1))
		s.store.Restore("e1", "ferry")
		for i := range 3 { // beyond where it was, by what does not touch the trips
			pier := booking.Resource{Venue: "ferry", ID: booking.ResourceID("pier-" + strconv.Itoa(i)), Name: "Pier", Capacity: 1}
			s.store.CommitSettings("ferry", []booking.Entry{{Kind: booking.ResourcePut, Resource: &pier}})
		}
		wait(time.Second)
		_, entries := livetest.Barber()
		for i := range 100 { // as many as the view keeps
			id := booking.VenueID("other-" + strconv.Itoa(i))
			s.store.CommitSettings(id, entries)
			if _, err := s.View.Picture(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if emptied := s.get(trips(2, 2, 1)); slices.Equal(wire.JSON(full), wire.JSON(emptied)) {
			t.Errorf("the answer is still %s", wire.JSON(emptied))
		}
	})
}

// A service that is archived is closed to those who look at it, and not found by those who come.
func TestArchivedService(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(trips(2, 3, 1), "")
		r.gets(live.EventSnapshot)
		id, entries := livetest.Ferry()
		entries[2].Service.Archived = true
		s.put(id, entries[2:])
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		for _, d := range r.Days() {
			if d.Status != "closed" || len(d.Slots) > 0 {
				t.Errorf("a day of an archived service is %+v", d)
			}
		}
		if _, err := s.Hub.Snapshot(t.Context(), r.query, booking.Position{}); err == nil {
			t.Error("the archived service was found")
		}
		_, entries = livetest.Ferry()
		s.put(id, entries[2:])
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		r.agrees()
	})
}

// A start that changed and changed back between two looks of a node is the same to the node, but not to a reader who saw the value
// between them elsewhere. So a start counts as changed by every revision that touched it, even if only by its buffer.
func TestResumeBetweenAChangeAndItsUndoing(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		b := a.another()
		q := cuts(2, 2)
		b.get(q)
		r := a.come(q, "")
		r.gets(live.EventSnapshot)
		booked := a.book(q, at(2, 10, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)
		a.cancel(booked)
		if _, err := b.View.CatchUp(t.Context(), "barber"); err != nil {
			t.Fatal(err)
		}
		again := b.come(q, r.Position)
		again.Reader = r.Reader
		again.gets(live.EventDelta)
		again.agrees()
	})
}

// Changes that a node missed, because it read the venue anew, do not hide behind the next one that it hears of.
func TestChangesMissedBeforeTheNext(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 4, 1)
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		s.commit(q, at(2, 10, 0), 1)
		s.commit(q, at(3, 10, 0), 1)
		if _, err := s.View.Reload(t.Context(), "ferry"); err != nil {
			t.Fatal(err)
		}
		s.book(q, at(4, 10, 0), 1)
		wait(time.Second)
		if d := r.next(); len(d.Slots) != 3 {
			t.Errorf("the slots are %+v", d.Slots)
		}
		r.agrees()
	})
}

// So many changes at once that not all are remembered are like changes that were missed.
func TestMoreChangesThanAreRemembered(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 2, 1)
		s.get(q) // nobody watches, so nothing is taken in
		for range 1500 {
			s.cancel(s.book(q, at(2, 10, 0), 1))
		}
		s.book(q, at(2, 11, 0), 2)
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		if slot := r.Days()[0].Slots[3]; slot.Remaining != 10 {
			t.Errorf("the slot is %+v", slot)
		}
	})
}

// A start that came and went between two looks of a node left no tombstone there. A reader who saw it elsewhere begins anew.
func TestResumeAfterAStartCameAndWentUnseen(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		// A day can be booked from the midnight before it until 23 hours before the start.
		id, entries := livetest.Ferry()
		entries[2].Service.HorizonDays, entries[2].Service.MinNotice = 1, 23*time.Hour
		a.put(id, entries)
		b := a.another()
		q := trips(3, 3, 1)
		b.get(q)
		wait(time.Until(at(2, 9, 30)))
		r := a.come(q, "")
		r.gets(live.EventSnapshot)
		if first := r.Days()[0].Slots[0].Start; first != "2000-01-03T09:00:00+01:00" {
			t.Fatalf("the first start is %s", first)
		}
		wait(time.Until(at(2, 12, 30)))
		again := b.come(q, r.Position)
		again.Reader = r.Reader
		again.gets(live.EventReset, live.EventSnapshot)
		again.agrees()
	})
}

// What touched a start before it could be booked, nobody noted. So when it comes, it counts as touched by the last revision that may
// have: a reader who saw it come on a node that lags behind must get the newer value.
func TestResumeAfterAStartWasTouchedBeforeItCame(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		b := a.another()
		q := cuts(9, 9) // bookable from the 2nd on
		onA, onB := a.come(q, ""), b.come(q, "")
		onA.gets(live.EventSnapshot)
		onB.gets(live.EventSnapshot)
		dye := live.Query{Venue: "barber", Service: "dye"}
		b.View.Apply(t.Context(), a.commit(dye, at(9, 10, 0), 1)) // only b hears of it
		wait(time.Until(at(2, 0, 1)))
		onA.gets(live.EventDelta)
		onB.gets(live.EventDelta)
		onB.agrees()
		again := b.come(q, onA.Position)
		again.Reader = onA.Reader
		again.gets(live.EventDelta)
		again.agrees()
	})
}

// A node whose time is a little behind a reader's, because it last asked the store for it when that took long, waits until it is there:
// it must not show the reader again what another node has closed. One that is far behind says so.
func TestResumeAheadInTime(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		early := func(by time.Duration) (other scene) {
			other = s
			other.Node = livetest.NewNodeWith(t, s.store, func() time.Time { return time.Now().Add(by) }, func(*live.Config) {})
			return other
		}
		wait(time.Until(at(2, 9, 59).Add(59500 * time.Millisecond)))
		r := early(time.Second).come(trips(2, 2, 1), "") // the start at ten has gone
		r.gets(live.EventSnapshot)
		s.get(r.query)
		again := s.come(r.query, r.Position)
		if now := time.Now(); !now.Equal(at(2, 10, 0)) {
			t.Errorf("the reader was let in at %v", now)
		}
		again.Reader = r.Reader
		again.gets()
		again.agrees()

		wait(time.Until(at(2, 10, 59).Add(59500 * time.Millisecond)))
		r = early(time.Second).come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		position, err := booking.ParsePosition(r.Position)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Hub.Snapshot(t.Context(), r.query, position)
		if err != nil || !got.Position.Covers(position) {
			t.Errorf("GET with %v gave %v, %v", position, got.Position, err)
		}

		r = early(time.Hour).come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		began := time.Now()
		again = s.come(r.query, r.Position)
		again.Reader = r.Reader
		again.gets(live.EventReset, live.EventSnapshot)
		again.agrees()
		if position, err = booking.ParsePosition(r.Position); err != nil {
			t.Fatal(err)
		}
		var invalid *booking.Invalid
		if _, err := s.Hub.Snapshot(t.Context(), r.query, position); !errors.As(err, &invalid) || invalid.Fields[0].Field != "at_least" {
			t.Errorf("GET with a position of an hour later gave %v", err)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("the reader of an hour later waited %v", waited)
		}
	})
}

// A reader's position never falls: a node whose day states are older counts on from what the reader has seen.
func TestPositionDoesNotFallOnAnOlderNode(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		q, other := trips(2, 2, 1), trips(4, 4, 1)
		b := a.another()
		b.get(q) // b's window begins at revision 1
		b.View.Apply(t.Context(), a.book(other, at(4, 10, 0), 1))
		r := a.come(q, "") // a's window begins at revision 2
		r.gets(live.EventSnapshot)
		again := b.come(q, r.Position)
		again.Reader = r.Reader
		again.gets()
		wait(time.Until(at(2, 8, 0)))
		before, err := booking.ParsePosition(again.Position)
		if err != nil {
			t.Fatal(err)
		}
		again.gets(live.EventDelta)
		after, err := booking.ParsePosition(again.Position)
		if err != nil {
			t.Fatal(err)
		}
		if !after.Covers(before) {
			t.Errorf("the position went from %v to %v", before, after)
		}
		again.agrees()
	})
}

// A node that is behind a reader catches up first; if it cannot, because the store is gone, it says so, and that what it shows is old.
func TestResumeOnANodeThatIsBehind(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		q := trips(2, 2, 1)
		b := a.another()
		b.get(q)
		r := a.come(q, "")
		r.gets(live.EventSnapshot)
		a.book(q, at(2, 10, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)

		a.store.SetDown(true)
		b.View.Check(t.Context())
		lost := b.come(q, r.Position)
		lost.gets(live.EventReset, live.EventSnapshot)
		if lost.Reasons[0] != live.PositionUnknown || !lost.Stale {
			t.Errorf("the reader was told %v, and that what it has is stale: %v", lost.Reasons, lost.Stale)
		}

		a.store.SetDown(false)
		again := b.come(q, r.Position)
		again.Reader = r.Reader
		again.gets(live.EventStale) // until the next check
		again.agrees()
		b.View.Check(t.Context())
		wait(time.Second)
		again.gets(live.EventFresh)
		lost.gets(live.EventDelta, live.EventFresh)
		lost.agrees()
	})
}

// GET may notice a boundary before the timer does. The readers must hear of it all the same.
func TestBoundaryThatGetNoticesFirst(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		var ahead atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		s.Node = livetest.NewNodeWith(t, s.store, clock, func(*live.Config) {})
		wait(time.Until(at(2, 8, 30)))
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		wait(time.Second)
		select { // the first publishing woke nobody
		case <-r.woken:
			t.Fatal("the reader was woken")
		default:
		}
		ahead.Store(int64(time.Hour))
		s.get(r.query)
		wait(100 * time.Millisecond) // the timer is set for much later
		select {
		case <-r.woken:
		default:
			t.Error("the reader was not woken")
		}
		r.gets(live.EventDelta)
		r.agrees()
	})
}
