package live_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
	"vacancy/internal/store"
)

// ruined is a store in which the barber cannot be read, or is not there any more.
type ruined struct {
	*livetest.Store
	bad, gone atomic.Bool
}

var errRow = errors.New("a row cannot be read")

func (r *ruined) fault(id booking.VenueID) error {
	switch {
	case id != "barber":
		return nil
	case r.gone.Load():
		return booking.ErrNotFound
	case r.bad.Load():
		return errRow
	}
	return nil
}

func (r *ruined) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	if err := r.fault(id); err != nil {
		return store.Loaded{}, err
	}
	return r.Store.Load(ctx, id, since)
}

func (r *ruined) Changes(ctx context.Context, id booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error) {
	if err := r.fault(id); err != nil {
		return nil, err
	}
	return r.Store.Changes(ctx, id, after, limit)
}

func (r *ruined) Revisions(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	current, err := r.Store.Revisions(ctx, ids)
	if r.gone.Load() {
		delete(current.Of, "barber")
	}
	return current, err
}

// onRuins runs a test on a node over such a store.
func onRuins(t *testing.T, test func(t *testing.T, s scene, r *ruined)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := scene{T: t, store: livetest.NewStore(time.Now)}
		s.store.CommitSettings(livetest.Barber())
		s.store.CommitSettings(livetest.Ferry())
		r := &ruined{Store: s.store}
		d := &desk{document: "{}"}
		s.Node = livetest.NewNodeWith(t, r, time.Now, func(c *live.Config) { c.Documents = d })
		test(t, s, r)
	})
}

// A venue that cannot be brought up to date is stale, to those who look at it already and to those who come, and no other is.
func TestOneVenueIsStale(t *testing.T) {
	t.Parallel()
	onRuins(t, func(t *testing.T, s scene, ruin *ruined) {
		cut, trip := s.come(cuts(2, 2), ""), s.come(trips(2, 2, 1), "")
		cut.gets(live.EventSnapshot)
		trip.gets(live.EventSnapshot)
		follow, err := s.Hub.Follow(t.Context(), "barber", "bk_1", "secret", livetest.NewWaker())
		if err != nil {
			t.Fatal(err)
		}
		defer follow.Close()
		s.View.Check(t.Context())
		wait(time.Second)
		ruin.bad.Store(true)
		s.commit(cuts(2, 2), at(2, 10, 0), 1)
		s.commit(trips(2, 2, 1), at(2, 10, 0), 1)
		s.View.Check(t.Context())
		<-cut.woken
		f := cut.sub.Next()
		if f == nil || f.Event != live.EventStale || string(wire.JSON(f)) != `{"as_of":"2000-01-01T00:00:00.000Z"}` {
			t.Errorf("the barber's reader got %v", f)
		}
		wait(time.Second)
		trip.gets(live.EventDelta)
		trip.agrees()
		if f, err := follow.Next(t.Context()); err != nil || f.Event != live.EventStale {
			t.Errorf("who follows a booking got %v, %v", f, err)
		}
		s.View.Check(t.Context())
		wait(time.Second)
		late := s.come(cuts(2, 3), "")
		late.gets(live.EventSnapshot)
		back := s.come(cuts(2, 2), cut.Position)
		back.gets(live.EventStale)
		if snapshot := s.get(cuts(2, 2)); !late.Stale || !snapshot.Snapshot.Stale || s.get(trips(2, 2, 1)).Snapshot.Stale {
			t.Error("answers do not say which venue is stale")
		}
		// The whole store goes and comes back: the venue is as bad as before.
		s.store.SetDown(true)
		s.View.Check(t.Context())
		wait(time.Second)
		trip.gets(live.EventStale)
		s.store.SetDown(false)
		s.View.Check(t.Context())
		wait(time.Second)
		trip.gets(live.EventFresh)
		cut.gets()
		late.gets()
		ruin.bad.Store(false)
		s.View.Check(t.Context())
		wait(time.Second)
		cut.gets(live.EventDelta, live.EventFresh)
		cut.agrees()
		late.gets(live.EventDelta, live.EventFresh)
		late.agrees()
	})
}

// The restored database has no such venue. Whoever looks at it learns that nothing can be booked; whoever comes does not find it.
func TestVenueThatIsGone(t *testing.T) {
	t.Parallel()
	onRuins(t, func(t *testing.T, s scene, ruin *ruined) {
		r := s.come(cuts(2, 3), "")
		r.gets(live.EventSnapshot)
		s.store.Restore("e2", "barber")
		ruin.gone.Store(true)
		s.View.Check(t.Context())
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		for _, d := range r.Days() {
			if d.Status != "closed" || len(d.Slots) > 0 {
				t.Errorf("a day of a venue that is gone is %+v", d)
			}
		}
		if _, err := s.Hub.Snapshot(t.Context(), r.query, booking.Position{}); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("a venue that is gone gave %v", err)
		}
		ruin.gone.Store(false)
		s.get(r.query)
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		r.agrees()
	})
}
