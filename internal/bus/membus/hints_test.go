package membus_test

import (
	"context"
	"testing"
	"testing/synctest"

	"vacancy/internal/booking"
	"vacancy/internal/bus/membus"
)

func TestHintsReachEachWatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(membus.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		heard := make([]booking.Revision, 3)
		for i := range heard {
			go func() {
				_ = b.Watch(ctx, func(_ booking.VenueID, revision booking.Revision) { heard[i] = revision })
			}()
		}
		synctest.Wait()
		b.Announce("yoga", 7)
		synctest.Wait()
		for i, revision := range heard {
			if revision != 7 {
				t.Errorf("watcher %d has heard of revision %d, want 7", i, revision)
			}
		}
		cancel()
		synctest.Wait()
		b.Announce("yoga", 8) // nobody watches
		go func() { _ = b.Watch(t.Context(), func(booking.VenueID, booking.Revision) {}) }()
		synctest.Wait()
		if err := b.Close(); err != nil { // which ends the last watcher, or the test does not end
			t.Error(err)
		}
	})
}
