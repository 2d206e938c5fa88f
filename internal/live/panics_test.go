package live_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/view"
)

// faultyView panics in the middle of the hub's work as often as it is told: when it is asked for the time.
type faultyView struct {
	*view.View
	panics atomic.Int32
}

func (v *faultyView) Now() time.Time {
	if v.panics.Load() > 0 {
		v.panics.Add(-1)
		panic("injected")
	}
	return v.View.Now()
}

// inFaultyScene runs a test on a node whose view can panic.
func inFaultyScene(t *testing.T, test func(t *testing.T, s scene, v *faultyView, m *metrics, log *bytes.Buffer)) {
	t.Helper()
	v, m, log := new(faultyView), &metrics{delivered: make(map[live.Event]int), resets: make(map[live.Reason]int)}, new(bytes.Buffer)
	inSceneWith(t, func(c *live.Config) {
		v.View, _ = c.View.(*view.View)
		c.View, c.Metrics, c.Log = v, m, slog.New(slog.NewTextHandler(log, nil))
	}, func(t *testing.T, s scene) { test(t, s, v, m, log) })
}

// A panic in a venue's worker costs the venue's state in memory: its readers begin anew a little later and have what there is. Others
// notice nothing; and the operator is told, with the stack.
func TestPanicInAWorker(t *testing.T) {
	t.Parallel()
	inFaultyScene(t, func(t *testing.T, s scene, v *faultyView, m *metrics, log *bytes.Buffer) {
		r, other := s.come(trips(2, 4, 1), ""), s.come(cuts(2, 4), "")
		r.gets(live.EventSnapshot)
		other.gets(live.EventSnapshot)
		wait(time.Second)
		for round := range 3 {
			v.panics.Store(1)
			s.book(r.query, at(2, 10+round, 0), 1)
			synctest.Wait()
			if r.sub.Next() != nil {
				t.Error("a frame came of what broke off")
			}
			wait(2 * time.Second)
			r.gets(live.EventReset, live.EventSnapshot)
			r.agrees()
			s.book(r.query, at(3, 10+round, 0), 1)
			wait(time.Second)
			r.gets(live.EventDelta)
			r.agrees()
		}
		s.book(other.query, at(3, 10, 0), 1)
		wait(time.Second)
		other.gets(live.EventDelta)
		other.agrees()
		m.mu.Lock()
		if m.panics != 3 {
			t.Errorf("%d panics are counted", m.panics)
		}
		m.mu.Unlock()
		if text := log.String(); strings.Count(text, "injected") != 1 || !strings.Contains(text, "panics_test.go") {
			t.Errorf("the log has not one panic, with its stack: %s", text)
		}
		wait(time.Minute)
		s.Hub.Protect("a test", func() { panic("a minute later") })
		if text := log.String(); !strings.Contains(text, "a minute later") || !strings.Contains(text, "not_logged_before=2") {
			t.Errorf("the log does not go on: %s", text)
		}
	})
}

// A worker that panics again and again tries no more than once a second, and is right when it is over.
func TestPanicThatLasts(t *testing.T) {
	t.Parallel()
	inFaultyScene(t, func(t *testing.T, s scene, v *faultyView, m *metrics, _ *bytes.Buffer) {
		r := s.come(trips(2, 4, 1), "")
		r.gets(live.EventSnapshot)
		wait(time.Second)
		v.panics.Store(5)
		s.book(r.query, at(2, 10, 0), 1)
		wait(20 * time.Second)
		if left := v.panics.Load(); left != 0 {
			t.Errorf("it did not try again: %d are left", left)
		}
		r.gets(live.EventReset, live.EventSnapshot)
		r.agrees()
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.panics != 5 {
			t.Errorf("%d panics", m.panics)
		}
	})
}

// A panic in a request is the request's own: whoever serves it recovers. The venue goes on.
func TestPanicInARequest(t *testing.T) {
	t.Parallel()
	inFaultyScene(t, func(t *testing.T, s scene, v *faultyView, _ *metrics, _ *bytes.Buffer) {
		q := trips(2, 4, 1)
		s.get(q)
		s.book(q, at(2, 10, 0), 1)
		panicked := func() (cause any) {
			defer func() { cause = recover() }()
			v.panics.Store(1)
			_, _ = s.Hub.Snapshot(context.Background(), q, booking.Position{})
			return nil
		}
		if cause := panicked(); cause != "injected" {
			t.Errorf("it panicked with %v", cause)
		}
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		r.agrees()
	})
}

// What panics under protection ends alone, whatever it panics with.
func TestProtect(t *testing.T) {
	t.Parallel()
	inFaultyScene(t, func(t *testing.T, s scene, _ *faultyView, m *metrics, log *bytes.Buffer) {
		var ran []string
		ok := s.Hub.Protect("one", func() { ran = append(ran, "one"); panic(context.Canceled) })
		fine := s.Hub.Protect("two", func() { ran = append(ran, "two") })
		if ok || !fine || !slices.Equal(ran, []string{"one", "two"}) || m.panics != 1 {
			t.Errorf("%v, %v, %v, %d", ok, fine, ran, m.panics)
		}
		if text := log.String(); !strings.Contains(text, "serving=one") || !strings.Contains(text, "context canceled") {
			t.Errorf("the log is %s", text)
		}
	})
}
