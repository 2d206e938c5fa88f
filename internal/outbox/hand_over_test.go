package outbox_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

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
