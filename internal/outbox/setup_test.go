package outbox_test

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/outbox"
	"vacancy/internal/view"
)

const busName = "test"

// meter counts what the relay tells it.
type meter struct {
	mu        sync.Mutex
	published map[bus.Name]int
	failures  map[outbox.FailureKind]int
	gaps      map[outbox.GapReason]int
	rejected  map[bus.Name]int
	unrouted  int
	resets    int
	takenOver int
	lost      int
	confirmed int
	lag       time.Duration
}

func newMeter() *meter {
	return &meter{
		published: make(map[bus.Name]int), failures: make(map[outbox.FailureKind]int), gaps: make(map[outbox.GapReason]int),
		rejected: make(map[bus.Name]int),
	}
}

func (m *meter) note(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// sofar is a copy of what was counted.
func (m *meter) sofar() *meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &meter{
		published: maps.Clone(m.published), failures: maps.Clone(m.failures), gaps: maps.Clone(m.gaps), rejected: maps.Clone(m.rejected),
		unrouted: m.unrouted, resets: m.resets, takenOver: m.takenOver, lost: m.lost,
		confirmed: m.confirmed, lag: m.lag,
	}
}

func (m *meter) Published(name bus.Name, n int) { m.note(func() { m.published[name] += n }) }
func (m *meter) Confirmed(lag time.Duration) {
	m.note(func() { m.confirmed, m.lag = m.confirmed+1, max(m.lag, lag) })
}
func (m *meter) Unrouted(n int)                    { m.note(func() { m.unrouted += n }) }
func (m *meter) Rejected(name bus.Name)            { m.note(func() { m.rejected[name]++ }) }
func (m *meter) LeftOut(r outbox.GapReason, n int) { m.note(func() { m.gaps[r] += n }) }
func (m *meter) Reset()                            { m.note(func() { m.resets++ }) }
func (m *meter) Failed(kind outbox.FailureKind)    { m.note(func() { m.failures[kind]++ }) }
func (m *meter) TakenOver(n int)                   { m.note(func() { m.takenOver += n }) }
func (m *meter) Lost(n int)                        { m.note(func() { m.lost += n }) }

// node is a relay that runs.
type node struct {
	*outbox.Relay
	meter *meter
	// stop ends it, and waits.
	stop func()
}

// start runs a relay on the world.
func (w *world) start(t *testing.T, b bus.Bus, change ...func(*outbox.Config)) *node {
	t.Helper()
	n := &node{meter: newMeter()}
	c := outbox.Config{
		Store: w, Pictures: w, Bus: b, Name: busName, Now: time.Now, Log: slog.New(slog.DiscardHandler), Meter: n.meter,
	}
	for _, f := range change {
		f(&c)
	}
	n.Relay = outbox.New(c)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	n.stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(n.stop)
	synctest.Wait()
	return n
}

// settle lets time pass for what is under way.
func settle(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	synctest.Wait()
}

// inBubble runs a test in a bubble, with a world of these venues.
func inBubble(t *testing.T, test func(t *testing.T, w *world, b *broker), venues ...booking.VenueID) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.open(venues...)
		test(t, w, newBroker())
	})
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// bookAndTell commits n changes, and tells the relays of the last.
func (w *world) bookAndTell(rng *rand.Rand, id booking.VenueID, n int, relays ...*node) booking.Revision {
	revision := w.book(rng, id, n)
	for _, r := range relays {
		r.Committed(id, revision)
	}
	return revision
}

// expectAll checks that what arrived of a venue is all there is after a revision, in order, each perhaps more than once.
func (w *world) expectAll(t *testing.T, b *broker, id booking.VenueID, after booking.Revision) {
	t.Helper()
	if err := w.complete(b.events(id), id, after); err != nil {
		t.Errorf("%s: %v", id, err)
	}
}

// expectCopy checks that a consumer who has taken in all that arrived of a venue has what GET says.
func (w *world) expectCopy(t *testing.T, b *broker, id booking.VenueID, c *consumer) {
	t.Helper()
	for _, e := range b.events(id) {
		c.take(e)
	}
	if err := c.compare(); err != nil {
		t.Errorf("%s: %v", id, err)
	}
	if err := w.sameBookings(c, id); err != nil {
		t.Errorf("%s: %v", id, err)
	}
}

// consumer is one of a venue, which begins with a GET.
func (w *world) consumer(id booking.VenueID) *consumer {
	return newConsumer(func() *view.Picture { return w.picture(id) }, func() map[string]booking.Status { return w.bookings(id) })
}
