package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

var errDead = errors.New("the process is dead")

// process is what a relay's calls go through. It may die, after which nothing that it does has an effect; or be stopped, after which its
// calls wait, and have their effect when it goes on, whoever holds the lease then.
type process struct {
	*world
	bus.Bus

	mu      sync.Mutex
	dead    bool
	stopped chan struct{}
	// late counts the publishes that were on their way when it was stopped.
	late int
}

func newProcess(w *world, b bus.Bus) *process { return &process{world: w, Bus: b} }

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
}

func (p *process) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped == nil {
		p.stopped = make(chan struct{})
	}
}

func (p *process) goOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped != nil {
		close(p.stopped)
		p.stopped = nil
	}
}

// arrive lets what is on its way arrive, of a process that is dead by now.
func (p *process) arrive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stopped)
	p.stopped = nil
}

// pass is before each call.
func (p *process) pass() error {
	p.mu.Lock()
	dead, stopped := p.dead, p.stopped
	p.mu.Unlock()
	if dead {
		return errDead
	}
	if stopped != nil {
		<-stopped
	}
	return nil
}

func (p *process) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	p.mu.Lock()
	if p.stopped != nil {
		p.late++
	}
	p.mu.Unlock()
	if err := p.pass(); err != nil {
		return bus.Receipt{}, err
	}
	// What was on its way arrives, though the caller is told by its context that time is up.
	receipt, err := p.Bus.Publish(context.WithoutCancel(ctx), venue, events)
	return receipt, errors.Join(err, ctx.Err())
}

func (p *process) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	if err := p.pass(); err != nil {
		return nil, err
	}
	return p.world.KeepLeases(ctx, lease)
}

func (p *process) ReleaseLeases(ctx context.Context, bus, holder string) error {
	if err := p.pass(); err != nil {
		return err
	}
	return p.world.ReleaseLeases(ctx, bus, holder)
}

func (p *process) MoveCursors(ctx context.Context, bus, holder string, c []store.Cursor) ([]booking.VenueID, error) {
	if err := p.pass(); err != nil {
		return nil, err
	}
	return p.world.MoveCursors(ctx, bus, holder, c)
}

func (p *process) DurableChanges(
	ctx context.Context, id booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	p.mu.Lock()
	dead := p.dead
	p.mu.Unlock()
	if dead {
		return store.Durable{}, errDead
	}
	return p.world.DurableChanges(ctx, id, after, limit)
}

// start runs a relay in the process.
func (p *process) start(t *testing.T, change ...func(*outbox.Config)) *node {
	t.Helper()
	return p.world.start(t, p, append(change, func(c *outbox.Config) { c.Store = p })...)
}

func manyVenues(n int) []booking.VenueID {
	venues := make([]booking.VenueID, n)
	for i := range venues {
		venues[i] = booking.VenueID(fmt.Sprintf("v%05d", i))
	}
	return venues
}

// TestRelaysShare: two relays have half of the venues each, and each event is sent once.
func TestRelaysShare(t *testing.T) {
	t.Parallel()
	venues := manyVenues(100)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(30)
		one, two := w.start(t, b), w.start(t, b)
		settle(5 * time.Second)
		if a, b := one.Status().Leases, two.Status().Leases; a != 32 || b != 32 {
			t.Errorf("%d and %d leases", a, b)
		}
		after := w.revision(venues[0])
		before := len(ofBookings(b.events("")))
		for _, id := range venues {
			w.bookAndTell(rng, id, 3, one, two)
		}
		synctest.Wait()
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if got := len(ofBookings(b.events(""))) - before; got != 300 {
			t.Errorf("%d events of 300 changes", got)
		}
	}, venues...)
}

// TestHandOver: who gives shards up to one that has just started writes their cursors first, so that nothing is repeated.
func TestHandOver(t *testing.T) {
	t.Parallel()
	venues := manyVenues(50)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(38)
		one := w.start(t, b)
		settle(5 * time.Second)
		after, before := w.revision(venues[0]), len(ofBookings(b.events("")))
		changes := 0
		storm := func(told ...*node) {
			for range 2000 {
				w.bookAndTell(rng, venues[rng.IntN(len(venues))], 1, told...)
				changes++
				settle(time.Millisecond)
			}
		}
		storm(one)
		two := w.start(t, b)
		storm(one, two)
		storm(one, two)
		two.stop()
		storm(one, two)
		settle(10 * time.Second)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if got := len(ofBookings(b.events(""))) - before; got != changes {
			t.Errorf("%d events of %d changes", got, changes)
		}
	}, venues...)
}

// TestKilledRelay: when one dies in the middle of its work, the other goes on within five seconds, and nothing is skipped.
func TestKilledRelay(t *testing.T) {
	t.Parallel()
	venues := manyVenues(40)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(31)
		p := newProcess(w, b)
		dying, other := p.start(t), w.start(t, b)
		settle(5 * time.Second)
		after := w.revision(venues[0])
		b.mu.Lock()
		b.delay = 20 * time.Millisecond
		b.mu.Unlock()
		storm := func(d time.Duration) {
			for range int(d / (10 * time.Millisecond)) {
				w.bookAndTell(rng, venues[rng.IntN(len(venues))], 1, dying, other)
				settle(10 * time.Millisecond)
			}
		}
		storm(2 * time.Second)
		p.kill()
		w.bookAndTell(rng, venues[0], 1, dying, other)
		killed := time.Now()
		storm(5 * time.Second)
		settle(time.Second)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
		}
		if got := other.Status().Leases; got != 64 {
			t.Errorf("%d leases %s after the death of the other", got, time.Since(killed))
		}
	}, venues...)
}

// TestRelayThatOnlySeemedDead: it is stopped for a while with events on their way, another takes over, and it goes on. A broker cannot
// fence it. Consumers who keep the highest end right, nothing is skipped, first occurrences are in order.
func TestRelayThatOnlySeemedDead(t *testing.T) {
	t.Parallel()
	venues := manyVenues(20)
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(32)
		p := newProcess(w, b)
		frozen := p.start(t)
		consumers := make(map[booking.VenueID]*consumer)
		for _, id := range venues {
			consumers[id] = w.consumer(id)
		}
		b.tell(func(e bus.Event) { consumers[e.Venue].take(e) })
		settle(time.Second)
		after := w.revision(venues[0])
		storm := func(n int, told ...*node) {
			for range n {
				w.bookAndTell(rng, venues[rng.IntN(len(venues))], 1, told...)
				settle(time.Millisecond)
			}
		}
		storm(300, frozen)
		p.stop()
		storm(50, frozen) // of each venue's a batch is on its way to the broker
		other := w.start(t, b)
		settle(5 * time.Second)
		storm(300, frozen, other)
		if p.late == 0 {
			t.Error("nothing is on its way")
		}
		p.goOn()
		settle(10 * time.Second)
		storm(100, frozen, other)
		settle(10 * time.Second)
		for _, id := range venues {
			w.expectAll(t, b, id, after)
			if err := errors.Join(consumers[id].compare(), w.sameBookings(consumers[id], id)); err != nil {
				t.Error(err)
			}
		}
		if frozen.meter.sofar().lost == 0 {
			t.Error("the stopped relay has not noticed")
		}
	}, venues...)
}

// TestNothingBeginsAfterTheDeadline: a relay that cannot renew its leases stops before they run out in the store, and begins again.
func TestNothingBeginsAfterTheDeadline(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		rng := seeded(33)
		n := w.start(t, b)
		settle(time.Second + 500*time.Millisecond)
		w.failing(func(call string, _ booking.VenueID) error {
			if call == "KeepLeases" {
				return store.ErrUnavailable
			}
			return nil
		})
		settle(outbox.LeaseDuration - outbox.LeaseMargin)
		if got := n.Status().Leases; got != 0 {
			t.Errorf("%d leases that may have run out", got)
		}
		before := len(b.events(""))
		after := w.revision("barber")
		w.bookAndTell(rng, "barber", 1, n)
		settle(5 * time.Second)
		if got := len(b.events("")) - before; got > 0 {
			t.Errorf("%d events without a lease", got)
		}
		w.failing(nil)
		settle(2 * time.Second)
		w.expectAll(t, b, "barber", after)
	}, "barber")
}

// TestLostLeaseBreaksOff: a publish under way is broken off, the cursor does not move, and the next holder sends it.
func TestLostLeaseBreaksOff(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		n := w.start(t, b)
		settle(time.Second)
		after := w.revision("barber")
		b.mu.Lock()
		b.delay = 5 * time.Second
		b.mu.Unlock()
		w.bookAndTell(seeded(34), "barber", 1, n)
		synctest.Wait()
		w.mu.Lock() // another has taken everything
		for i := range w.leases {
			w.leases[i] = worldLease{holder: "another", until: time.Now().Add(4 * time.Second)}
		}
		w.mu.Unlock()
		settle(time.Second)
		if s := n.Status(); s.Leases != 0 || s.Venues != 0 {
			t.Errorf("status: %+v", s)
		}
		settle(2 * time.Second)
		if got := ofBookings(b.events("barber")); len(got) != 0 || w.cursor("barber").Revision != after {
			t.Errorf("%d events, and the cursor is at %d", len(got), w.cursor("barber").Revision)
		}
		settle(10 * time.Second)
		w.expectAll(t, b, "barber", after)
	}, "barber")
}

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
