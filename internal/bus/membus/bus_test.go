package membus_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/membus"
)

// TestSlowSubscriberHoldsPublishersUp: events are not dropped, and a publisher waits no longer than its context.
func TestSlowSubscriberHoldsPublishersUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(membus.Config{Queue: 3})
		s := b.Subscribe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sent := bustest.Events("yoga", 0, 5)
		if _, err := b.Publish(ctx, "yoga", sent); !errors.Is(err, bus.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("more than the queue holds is confirmed: %v", err)
		}
		if b.Health() == nil {
			t.Error("healthy with a full queue")
		}
		confirmed := make(chan error, 1)
		go func() { _, err := b.Publish(t.Context(), "yoga", sent); confirmed <- err }()
		for _, i := range []int{0, 1, 2, 0, 1, 2, 3, 4} { // the whole batch was sent again
			e, err := s.Next(t.Context())
			if err != nil || e.ID != sent[i].ID {
				t.Fatalf("next is %s, %v, want %s", e.ID, err, sent[i].ID)
			}
		}
		if err := <-confirmed; err != nil || b.Health() != nil {
			t.Errorf("after the queue was emptied: %v, %v", err, b.Health())
		}
	})
}

// TestClosedSubscription: whoever has left holds nobody up, and events for nobody are told of.
func TestClosedSubscription(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(membus.Config{Queue: 1})
		s := b.Subscribe()
		done := make(chan error, 1)
		go func() { _, err := b.Publish(t.Context(), "yoga", bustest.Events("yoga", 0, 3)); done <- err }()
		synctest.Wait()
		s.Close()
		s.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		receipt, err := b.Publish(t.Context(), "yoga", bustest.Events("yoga", 3, 4))
		if err != nil || receipt.Unrouted != 4 {
			t.Errorf("%d of 4 events unrouted, %v", receipt.Unrouted, err)
		}
	})
}

// TestSubscribersGetWhatWaits: what was confirmed before a close is still theirs.
func TestSubscribersGetWhatWaits(t *testing.T) {
	t.Parallel()
	b := membus.New(membus.Config{})
	s := b.Subscribe()
	if _, err := b.Publish(t.Context(), "yoga", bustest.Events("yoga", 0, 100)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if _, err := s.Next(t.Context()); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
	}
	if _, err := s.Next(t.Context()); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("after the last: %v", err)
	}
}
