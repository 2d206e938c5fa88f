package live_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

func TestSnapshotBody(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		wait(time.Until(at(1, 14, 0)))
		s.book(cuts(1, 1), at(1, 16, 30), 1)
		s.book(cuts(1, 1), at(1, 16, 30), 1)
		s.book(cuts(1, 1), at(1, 15, 30), 1)
		s.View.Check(t.Context())
		got := s.get(cuts(1, 9))
		body := string(wire.JSON(got))
		const begin = `{"venue":"barber","service":"cut","time_zone":"Europe/Berlin","position":"e1.4.fnnqs0",` +
			`"values_at":{"epoch":"e1","term":0,"revision":4},"as_of":"2000-01-01T13:00:00.000Z","stale":false,` +
			`"days":[{"date":"2000-01-01","status":"limited","slots":[` +
			`{"start":"2000-01-01T15:30:00+01:00","end":"2000-01-01T16:00:00+01:00","remaining":1,"capacity":2,"status":"limited"},` +
			`{"start":"2000-01-01T16:00:00+01:00","end":"2000-01-01T16:30:00+01:00","remaining":0,"capacity":2,"status":"full"},` +
			`{"start":"2000-01-01T16:30:00+01:00","end":"2000-01-01T17:00:00+01:00","remaining":0,"capacity":2,"status":"full"}]},` +
			`{"date":"2000-01-02","status":"available","slots":[`
		const end = `]},{"date":"2000-01-09","status":"closed","slots":[]}]}`
		if !strings.HasPrefix(body, begin) || !strings.HasSuffix(body, end) || !json.Valid(wire.JSON(got)) {
			t.Errorf("the body is %s", body)
		}
		if got.Position.String() != "e1.4.fnnqs0" {
			t.Errorf("the position is %v", got.Position)
		}
	})
}

// The same bytes serve everybody for a while, and readers as well as GET.
func TestSnapshotsAreShared(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 3, 1)
		one := s.get(q)
		wait(900 * time.Millisecond)
		other := s.get(q)
		f := s.come(q, "").sub.Next()
		if &wire.JSON(one)[0] != &wire.JSON(other)[0] || &wire.JSON(one)[0] != &wire.JSON(f)[0] {
			t.Error("the bodies are not shared")
		}
		wait(200 * time.Millisecond)
		runtime.KeepAlive(one) // else the bodies might be collected
		runtime.KeepAlive(other)
		s.View.Check(t.Context())
		if later := s.get(q); !later.Snapshot.AsOf.After(one.Snapshot.AsOf) || later.Position != one.Position {
			t.Errorf("later it is as of %v at %v", later.Snapshot.AsOf, later.Position)
		}
	})
}

// Whoever wrote reads what it wrote, on any node.
func TestSnapshotAtLeast(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, a scene) {
		b := a.another()
		q := trips(2, 2, 1)
		b.get(q)
		wrote := booking.Position{Epoch: "e1", Revision: a.book(q, at(2, 10, 0), 1).Revision}
		for _, s := range []scene{a, b} {
			got, err := s.Hub.Snapshot(t.Context(), q, wrote)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(wire.JSON(got)), `"remaining":11,`) {
				t.Errorf("the body is %s", wire.JSON(got))
			}
		}
		for name, position := range map[string]booking.Position{
			"ahead of the store": {Epoch: "e1", Revision: wrote.Revision + 1},
			"of another epoch":   {Epoch: "e2", Revision: wrote.Revision},
		} {
			var invalid *booking.Invalid
			if _, err := b.Hub.Snapshot(t.Context(), q, position); !errors.As(err, &invalid) || invalid.Fields[0].Field != "at_least" {
				t.Errorf("a position %s gave %v", name, err)
			}
		}
	})
}

func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		tests := map[string]struct {
			edit  func(q *live.Query)
			field string // "" for not found
		}{
			"another venue":      {edit: func(q *live.Query) { q.Venue = "zoo" }},
			"another service":    {edit: func(q *live.Query) { q.Service = "flight" }},
			"another resource":   {edit: func(q *live.Query) { q.Resource = "train" }, field: "resource"},
			"a party too large":  {edit: func(q *live.Query) { q.Party = 6 }, field: "party_size"},
			"a party of nobody":  {edit: func(q *live.Query) { q.Party = 0 }, field: "party_size"},
			"days that run back": {edit: func(q *live.Query) { q.To = q.From.AddDays(-1) }, field: "to"},
			"too many days":      {edit: func(q *live.Query) { q.To = q.From.AddDays(live.MaxQueryDays) }, field: "to"},
			"the end of time":    {edit: func(q *live.Query) { q.To = booking.Date{Year: 9999, Month: 12, Day: 31} }, field: "to"},
		}
		for name, test := range tests {
			q := trips(2, 3, 1)
			test.edit(&q)
			_, err := s.Hub.Snapshot(t.Context(), q, booking.Position{})
			var invalid *booking.Invalid
			switch {
			case test.field == "" && errors.Is(err, booking.ErrNotFound):
			case errors.As(err, &invalid) && len(invalid.Fields) == 1 && invalid.Fields[0].Field == test.field:
			default:
				t.Errorf("%s gave %v", name, err)
			}
			if tooLong := name == "too many days" || name == "the end of time"; errors.Is(err, live.ErrRangeTooLong) != tooLong {
				t.Errorf("%s gave %v", name, err)
			}
		}
		if days, windows := s.Hub.Size(); days+windows+s.Hub.Venues() > 0 {
			t.Errorf("%d days and %d windows were kept", days, windows)
		}
		q := trips(1, 1, 1)
		q.To = q.From.AddDays(live.MaxQueryDays - 1)
		s.get(q)
		s.store.SetDown(true)
		if s.get(q); s.Hub.Venues() != 1 {
			t.Error("what is in memory does not need the store")
		}
		if _, err := s.Hub.Snapshot(t.Context(), cuts(1, 1), booking.Position{}); err == nil {
			t.Error("what is not in memory was answered without the store")
		}
	})
}
