package outbox_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
)

// Consumers that go by something else than the highest version, and are wrong when a relay only seemed dead.

// lateBatch has a consumer hear of bookings, the relay be stopped with a batch on its way, meanwhile happen what the test wants, which
// starts another relay, and then the batch arrive.
func lateBatch(t *testing.T, w *world, b *broker, trusting trust, meanwhile func(another func() *node)) error {
	t.Helper()
	p := newProcess(w, b)
	frozen := p.start(t)
	settle(time.Second)
	c := w.consumer("barber")
	c.trust = trusting
	b.tell(c.take)
	w.bookAndTell(seeded(53), "barber", 10, frozen)
	settle(time.Second)
	p.stop()
	w.bookAndTell(seeded(54), "barber", 10, frozen)
	settle(5 * time.Second)
	if p.late == 0 {
		t.Error("nothing is on its way")
	}
	meanwhile(func() *node { return w.start(t, b) })
	settle(15 * time.Second)
	p.kill() // so that nothing but what is on its way follows
	p.arrive()
	settle(time.Second)
	return errors.Join(append(c.errs, c.compare(), w.sameBookings(c, "barber"))...)
}

// TestConsumerThatTrustsOrder: what a relay had on its way before it was stopped arrives behind what its successor has sent. Who takes the
// last for the newest is wrong then.
func TestConsumerThatTrustsOrder(t *testing.T) {
	t.Parallel()
	expectFound(t, func(guarded bool) error {
		return scenario(t, func(t *testing.T, w *world, b *broker) error {
			trusting := trustVersions
			if !guarded {
				trusting = trustOrder
			}
			return lateBatch(t, w, b, trusting, func(another func() *node) {
				n := another()
				settle(10 * time.Second)
				for range 20 { // all bookings end
					w.mu.Lock()
					v := w.venues["barber"]
					if len(v.live) > 0 {
						w.commit("barber", w.cancel(v, 0))
					}
					w.mu.Unlock()
				}
				n.Committed("barber", w.revision("barber"))
			})
		})
	})
}

// TestConsumerThatRemembersIDs: after a failover that has lost changes, what was on its way of the lost ones was never seen before, and is
// no news all the same.
func TestConsumerThatRemembersIDs(t *testing.T) {
	t.Parallel()
	expectFound(t, func(guarded bool) error {
		return scenario(t, func(t *testing.T, w *world, b *broker) error {
			trusting := trustVersions
			if !guarded {
				trusting = trustIDs
			}
			return lateBatch(t, w, b, trusting, func(another func() *node) {
				w.restore("2-second", map[booking.VenueID]booking.Revision{"barber": w.revision("barber") - 10})
				n := another()
				n.Committed("barber", w.book(seeded(55), "barber", 3))
			})
		})
	})
}
