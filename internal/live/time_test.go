package live_test

import (
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// When a start's notice passes it is closed, at that moment and without any booking.
func TestNoticePasses(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(cuts(1, 1), "")
		r.gets(live.EventSnapshot)
		wait(time.Until(at(1, 8, 0)) - time.Nanosecond)
		r.gets()
		<-r.woken
		if now := time.Now(); !now.Equal(at(1, 8, 0)) {
			t.Fatalf("the reader was woken at %v", now)
		}
		d := r.next()
		want := livetest.Slot{Start: "2000-01-01T09:00:00+01:00", End: "2000-01-01T09:30:00+01:00", Status: "closed"}
		if len(d.Slots) != 1 || d.Slots[0] != want {
			t.Errorf("the slots are %+v, and not %+v", d.Slots, want)
		}
		if d.CommittedAt != "2000-01-01T07:00:00.000000Z" || len(d.Days) != 1 || d.Days[0].Status != "available" {
			t.Errorf("the delta is %+v", d)
		}
		r.agrees()
		wait(24 * time.Hour)
		r.gets(live.EventDelta) // all others at once: nobody pulled meanwhile
		if days := r.Days(); days[0].Status != "closed" || len(days[0].Slots) != 0 {
			t.Errorf("the day after shows %+v", days[0])
		}
		r.agrees()
	})
}

// At midnight the horizon moves, and a day opens.
func TestHorizonMoves(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(cuts(9, 9), "")
		r.gets(live.EventSnapshot)
		if d := r.Days()[0]; d.Status != "closed" {
			t.Fatalf("beyond the horizon is %+v", d)
		}
		<-r.woken
		if now := time.Now(); !now.Equal(at(2, 0, 0)) {
			t.Errorf("the reader was woken at %v", now)
		}
		r.gets(live.EventDelta)
		if d := r.Days()[0]; d.Status != "available" || len(d.Slots) != 16 {
			t.Errorf("the day shows %+v", d)
		}
		r.agrees()
	})
}

// A clock that is put back a little stands still meanwhile; one that is put back far makes readers begin anew.
func TestClockIsPutBack(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		var ahead atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		s.Node = livetest.NewNodeWith(t, s.store, clock, func(*live.Config) {})
		wait(time.Until(at(2, 9, 0)))
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		if first := r.Days()[0].Slots[0].Start; first != "2000-01-02T10:00:00+01:00" {
			t.Fatalf("the first start is %s", first)
		}
		ahead.Store(-int64(5 * time.Second))
		s.book(r.query, at(2, 12, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)
		if first := r.Days()[0].Slots[0].Start; first != "2000-01-02T10:00:00+01:00" {
			t.Errorf("a start came back: %s", first)
		}
		ahead.Store(-int64(time.Hour))
		wait(2 * time.Minute) // the timer looks again within a minute
		r.gets(live.EventReset, live.EventSnapshot)
		if first := r.Days()[0].Slots[0].Start; first != "2000-01-02T09:00:00+01:00" {
			t.Errorf("the first start is %s", first)
		}
		r.agrees()
	})
}

// Readers hear when what they have may be old, and when it is not any more; whoever comes meanwhile hears it too.
func TestStaleAndFresh(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 2, 1)
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		s.View.Check(t.Context())
		wait(time.Second)
		s.store.SetDown(true)
		s.View.Check(t.Context())
		<-r.woken
		f := r.sub.Next()
		if f.Event != live.EventStale || string(wire.JSON(f)) != `{"as_of":"2000-01-01T00:00:00.000Z"}` {
			t.Errorf("the frame is %s", wire.EventStream(f))
		}
		if got := s.get(q); !got.Snapshot.Stale || !got.Snapshot.AsOf.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("the answer is stale: %v, as of %v", got.Snapshot.Stale, got.Snapshot.AsOf)
		}
		late := s.come(q, "")
		late.gets(live.EventSnapshot)
		if !late.Stale {
			t.Error("the snapshot does not say that it is stale")
		}
		back := s.come(q, late.Position)
		back.gets(live.EventStale)
		s.store.SetDown(false)
		s.View.Check(t.Context())
		wait(time.Second)
		for _, r := range []*reader{r, late, back} {
			r.gets(live.EventFresh)
		}
		if s.get(q).Snapshot.Stale {
			t.Error("the answer is stale still")
		}
	})
}
