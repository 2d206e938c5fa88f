package outbox_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

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
