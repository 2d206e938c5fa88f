package view_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// many is a history that any number of venues have.
type many struct{ *history }

func (m many) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	l, err := m.history.Load(ctx, "v", since)
	l.Venue.ID = id
	return l, err
}

func (m many) Changes(ctx context.Context, _ booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error) {
	return m.history.Changes(ctx, "v", after, limit)
}

// A check has found many venues behind, and the store hangs over the first of them: told to stop, the view waits for those that are
// being read, and begins with no other.
func TestStopsWhileManyAreBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v := view.New(view.Config{Store: many{h}, Now: time.Now, Log: discard, MaxVenues: 100})
		for i := range 50 {
			if _, err := v.Picture(t.Context(), booking.VenueID("v"+strconv.Itoa(i))); err != nil {
				t.Fatal(err)
			}
		}
		h.commit()
		h.set(func(h *history) { h.held = make(chan struct{}) })
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { v.Run(ctx) })
		<-time.After(1500 * time.Millisecond)
		began, reading := time.Now(), 0
		h.set(func(h *history) { reading = h.caught })
		stop()
		running.Wait()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s to stop", took)
		}
		if h.caught != reading || reading == 0 {
			t.Errorf("%d venues were being read, and %d more were begun", reading, h.caught-reading)
		}
	})
}
