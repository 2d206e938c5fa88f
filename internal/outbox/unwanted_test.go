package outbox_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/outbox"
)

// TestUnwantedVenues: nothing is sent of a venue while nobody wants it, its cursor follows, and who begins to want it gets all that comes
// after.
func TestUnwantedVenues(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, w *world, b *broker) {
		var wanted, failing atomic.Bool
		n := w.start(t, b, func(c *outbox.Config) {
			c.Wanted = func(_ context.Context, id booking.VenueID) (bool, error) {
				if failing.Load() {
					return false, errors.New("the database is away")
				}
				return id == "other" || wanted.Load(), nil
			}
		})
		rng := seeded(5)
		settle(time.Second)
		began := w.revision("other")
		last := w.bookAndTell(rng, "barber", 30, n)
		w.bookAndTell(rng, "other", 3, n)
		settle(time.Second)
		if got := len(b.events("barber")); got > 0 {
			t.Errorf("%d events that nobody wants", got)
		}
		if got := w.cursor("barber"); got.Revision != last || got.Epoch != w.epoch {
			t.Errorf("the cursor of an unwanted venue is %+v, not at %d", got, last)
		}
		w.expectAll(t, b, "other", began)

		// While it is not known whether they are wanted, they wait.
		failing.Store(true)
		w.bookAndTell(rng, "barber", 2, n)
		settle(time.Second)
		if got := w.cursor("barber"); got.Revision != last {
			t.Errorf("the cursor has moved to %d", got.Revision)
		}
		wanted.Store(true)
		failing.Store(false)
		w.bookAndTell(rng, "barber", 5, n)
		settle(time.Minute)
		synctest.Wait()
		w.expectAll(t, b, "barber", last)
	}, "barber", "other")
}
