package view

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"vacancy/internal/booking"
)

// followed is a view that is told of hints. It takes for ever over the venues that are slow, until they are let go.
type followed struct {
	slow chan struct{}

	mu   sync.Mutex
	told []string
}

func (f *followed) hint(_ context.Context, venue booking.VenueID, revision booking.Revision) error {
	if venue[:4] == "slow" {
		<-f.slow
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprintf("%s %d", venue, revision))
	return nil
}

func (f *followed) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprint(f.told)
}

// A venue takes long to read, and more and more is heard of it: nobody who brings hints waits, those of other venues are followed at
// once, and the slow one is read once more, for the last of what was heard.
func TestSlowVenueHoldsUpNoHint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		view := &followed{slow: make(chan struct{})}
		q := newHintQueue(view.hint, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		for revision := range booking.Revision(2 * hintWorkers) {
			q.Enqueue("slow", revision)
			synctest.Wait()
		}
		q.Enqueue("slow", 3) // late
		q.Enqueue("quick", 1)
		synctest.Wait()
		if got := view.said(); got != "[quick 1]" {
			t.Errorf("while a venue is slow, %s was followed", got)
		}
		close(view.slow)
		synctest.Wait()
		if got, want := view.said(), fmt.Sprintf("[quick 1 slow 0 slow %d]", 2*hintWorkers-1); got != want {
			t.Errorf("followed %s, not %s", got, want)
		}
		stop()
		running.Wait()
	})
}

// When nothing can be read, what is heard is bounded, and whoever brings it does not wait. It stops when it is told to.
func TestHintsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		view := &followed{slow: make(chan struct{})}
		q := newHintQueue(view.hint, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		for i := range hintWorkers {
			q.Enqueue(booking.VenueID(fmt.Sprintf("slow-busy-%d", i)), 1)
		}
		synctest.Wait()
		for i := range 2 * maxQueuedHints {
			q.Enqueue(booking.VenueID(fmt.Sprintf("slow-%d", i)), 1)
		}
		q.Enqueue("slow-0", 2) // waits already
		q.mu.Lock()
		if len(q.queued) != maxQueuedHints || q.queued["slow-0"] != 2 || len(q.ready) != maxQueuedHints {
			t.Errorf("%d venues wait, %d are ready, the first for revision %d", len(q.queued), len(q.ready), q.queued["slow-0"])
		}
		q.mu.Unlock()
		stop()
		synctest.Wait()
		close(view.slow)
		running.Wait()
		if len(view.told) != hintWorkers {
			t.Errorf("%d venues were read after it was told to stop", len(view.told)-hintWorkers)
		}
	})
}
