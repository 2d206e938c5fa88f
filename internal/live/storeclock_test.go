package live_test

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// inTown runs a test at half past nine, on a ferry's store whose clock can be set, with a node that checks every second and whose own
// clock cannot.
func inTown(t *testing.T, test func(t *testing.T, s scene, ahead *atomic.Int64)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wait(time.Until(at(2, 9, 30)) + 500*time.Millisecond)
		var ahead atomic.Int64
		s := scene{T: t, store: livetest.NewStore(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) })}
		s.store.CommitSettings(livetest.Ferry())
		s.Node = livetest.NewNodeWith(t, s.store, time.Now, func(*live.Config) {})
		if err := s.View.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.View.Run(ctx) })
		defer running.Wait()
		defer stop()
		test(t, s, &ahead)
	})
}

func (r *reader) first() string {
	r.Helper()
	return r.Days()[0].Slots[0].Start
}

// The store's clock is set forward and back, as when an operator mends it, or when another server takes over. Whoever looks hears of
// what that changes within a second or so, and neither the listing nor any position breaks.
func TestStoresClockJumps(t *testing.T) {
	t.Parallel()
	inTown(t, func(t *testing.T, s scene, ahead *atomic.Int64) {
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		for _, step := range []struct {
			ahead time.Duration
			gets  []live.Event
			first string
		}{
			{time.Hour, []live.Event{live.EventDelta}, "2000-01-02T11:00:00+01:00"},
			{0, []live.Event{live.EventReset, live.EventSnapshot}, "2000-01-02T10:00:00+01:00"},
			{-5 * time.Second, nil, "2000-01-02T10:00:00+01:00"}, // time stands still for a moment
			{5 * time.Second, nil, "2000-01-02T10:00:00+01:00"},
			{-time.Hour, []live.Event{live.EventReset, live.EventSnapshot}, "2000-01-02T09:00:00+01:00"},
		} {
			ahead.Store(int64(step.ahead))
			wait(1200 * time.Millisecond)
			r.gets(step.gets...)
			if first := r.first(); first != step.first {
				t.Errorf("with the clock %v ahead the first start is %s", step.ahead, first)
			}
			r.agrees()
			again := s.come(r.query, r.Position)
			again.gets() // no reset after a reset
		}
		wait(time.Until(at(2, 10, 0)))
		s.book(r.query, at(2, 12, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)
		r.agrees()
	})
}

// While time stands still, because the clock was put back a little just before a boundary, the node does not run in circles.
func TestTimerWhileTimeStandsStill(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		var ahead atomic.Int64
		var asked atomic.Int64
		clock := func() time.Time {
			asked.Add(1)
			return time.Now().Add(time.Duration(ahead.Load()))
		}
		s.Node = livetest.NewNodeWith(t, s.store, clock, func(*live.Config) {})
		wait(time.Until(at(2, 10, 0)) - time.Millisecond)
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		wait(0)
		ahead.Store(-int64(9 * time.Second))
		asked.Store(0)
		wait(8 * time.Second)
		if n := asked.Load(); n > 20 {
			t.Errorf("the clock was read %d times", n)
		}
		r.gets()
		wait(2 * time.Second)
		r.gets(live.EventDelta)
		r.agrees()
	})
}

// Two nodes whose own clocks are two hours apart list the same, and let a start go at the same moment: when the store's clock says so.
func TestNodesWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		wait(time.Until(at(2, 9, 30)))
		nodes := make([]scene, 2)
		q := trips(2, 2, 1)
		for i := range nodes {
			nodes[i] = s
			local := func() time.Time { return time.Now().Add(time.Duration(2*i-1) * time.Hour) }
			nodes[i].Node = livetest.NewNodeWith(t, s.store, local, func(*live.Config) {})
			if reflect.DeepEqual(nodes[i].listed(q), s.listed(q)) {
				t.Errorf("node %d's own clock makes no difference", i)
			}
			if err := nodes[i].View.Sync(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var readers []*reader
		for _, n := range nodes {
			r := n.come(q, "")
			r.gets(live.EventSnapshot)
			readers = append(readers, r)
		}
		wait(time.Until(at(2, 10, 0)) - time.Millisecond)
		for _, r := range readers {
			r.gets()
			r.agreesWith(s)
		}
		wait(2 * time.Millisecond)
		for _, r := range readers {
			r.gets(live.EventDelta)
			r.agreesWith(s)
		}
		for i, n := range nodes {
			again := n.come(q, readers[1-i].Position)
			again.gets()
		}
	})
}

func (s scene) listed(q live.Query) []livetest.Day {
	s.Helper()
	days, err := livetest.DaysOf(wire.JSON(s.get(q)))
	if err != nil {
		s.Fatal(err)
	}
	return days
}

// agreesWith fails unless the reader has what another node answers.
func (r *reader) agreesWith(other scene) {
	r.Helper()
	if got, want := r.Days(), other.listed(r.query); !reflect.DeepEqual(got, want) {
		r.Errorf("the reader has\n%v\nand not\n%v", got, want)
	}
}

// What a write's position or another query's does to a window's own, others see as an ETag that changes once, and nothing else.
func TestAtLeastOfAnotherQuery(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		s.book(r.query, at(4, 10, 0), 1)
		other := s.get(trips(4, 4, 1)).Position
		got, err := s.Hub.Snapshot(t.Context(), r.query, other)
		if err != nil || !got.Position.Covers(other) {
			t.Errorf("at least %v is %v, %v", other, got.Position, err)
		}
		if again := s.get(r.query); again.Position != got.Position {
			t.Errorf("the position went from %v to %v", got.Position, again.Position)
		}
		wait(time.Second)
		r.gets()
		s.book(r.query, at(2, 10, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)
		last, err := booking.ParsePosition(r.Position)
		if err != nil || !last.Covers(got.Position) {
			t.Errorf("the reader is at %s, not beyond %v", r.Position, got.Position)
		}
		r.agrees()
	})
}
