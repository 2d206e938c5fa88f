package outbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

// TestStop: what is under way ends within a bound, cursors are written, leases are given up; and another goes on at once.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		publish time.Duration
		arrives bool
	}{
		"a publish that ends soon":    {2 * time.Second, true},
		"a publish that does not end": {9 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *world, b *broker) {
				n := w.start(t, b)
				settle(time.Second)
				after := w.revision("barber")
				b.mu.Lock()
				b.delay = c.publish
				b.mu.Unlock()
				last := w.bookAndTell(seeded(35), "barber", 1, n)
				synctest.Wait()
				began := time.Now()
				n.stop()
				if took := time.Since(began); took > outbox.DrainTimeout {
					t.Errorf("stopping took %s", took)
				}
				if moved := w.cursor("barber").Revision == last; moved != c.arrives {
					t.Errorf("the cursor is at %d, before %d, after %d", w.cursor("barber").Revision, after, last)
				}
				if got := w.leased(); got > 0 {
					t.Errorf("%d leases were not given up", got)
				}
				n.Committed("barber", last+1) // too late is nothing
				b.mu.Lock()
				b.delay = 0
				b.mu.Unlock()
				w.start(t, b)
				w.expectAll(t, b, "barber", after)
			}, "barber")
		})
	}
}

// TestPause: a copy publishes nothing, and writes nothing either; what is under way is broken off. What was committed meanwhile is sent
// afterwards.
func TestPause(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(36)
		n := w.start(t, b, func(c *outbox.Config) { c.Paused = true })
		w.bookAndTell(rng, "barber", 1, n)
		settle(time.Minute)
		if len(w.calls()) > 0 || !n.Status().Paused {
			t.Errorf("%v while paused from the beginning", w.calls())
		}
		n.Resume()
		n.Resume()
		settle(time.Second)
		after := w.revision("barber")
		w.bookAndTell(rng, "barber", 1, n)
		settle(time.Second)
		b.mu.Lock()
		b.delay = time.Second
		b.mu.Unlock()
		w.bookAndTell(rng, "barber", 1, n)
		synctest.Wait()
		before := len(b.events(""))
		n.Pause()
		settle(time.Second)
		w.resetCounts()
		w.bookAndTell(rng, "barber", 1, n)
		settle(time.Minute)
		if len(b.events("")) > before || len(w.calls()) > 0 {
			t.Errorf("%d events and %v while paused", len(b.events(""))-before, w.calls())
		}
		n.Resume()
		settle(5 * time.Second)
		w.expectAll(t, b, "barber", after)
	}, "barber")
}

// TestStoreThatIsAwayAtTheStart is waited for, and a stop meanwhile is one.
func TestStoreThatIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		w.failing(func(string, booking.VenueID) error { return store.ErrUnavailable })
		n := w.start(t, b)
		settle(time.Minute)
		if got := w.count("RegisterBus"); got < 10 || got > 40 {
			t.Errorf("%d tries in a minute", got)
		}
		w.failing(nil)
		settle(10 * time.Second)
		after := w.revision("barber")
		w.bookAndTell(seeded(37), "barber", 1, n)
		synctest.Wait()
		w.expectAll(t, b, "barber", after)
	}, "barber")
}
