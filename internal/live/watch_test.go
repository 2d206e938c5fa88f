package live_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live/livetest"
)

// A watch wakes after whatever changes in its venue, and not for others; it keeps the venue in memory until it is closed.
func TestWatch(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		woken := livetest.NewWaker()
		w, err := s.Hub.Watch(t.Context(), "ferry", woken)
		if err != nil {
			t.Fatal(err)
		}
		expect := func(what string, want bool) {
			t.Helper()
			wait(time.Second)
			select {
			case <-woken:
				if !want {
					t.Errorf("%s woke it", what)
				}
			default:
				if want {
					t.Errorf("%s did not wake it", what)
				}
			}
		}
		select { // what it was woken by before anything changed is nothing to go by
		case <-woken:
		default:
		}
		booked := s.book(trips(2, 2, 1), at(2, 10, 0), 1)
		expect("a booking", true)
		s.cancel(booked)
		expect("a cancellation", true)
		s.book(cuts(2, 2), at(2, 10, 0), 1)
		expect("another venue's booking", false)
		if !s.Hub.Watches("ferry") {
			t.Error("the venue may be dropped by the view")
		}
		w.Close()
		w.Close()
		if s.Hub.Watches("ferry") {
			t.Error("the venue is kept for nobody")
		}
		s.book(trips(2, 2, 1), at(2, 10, 0), 1)
		expect("a booking after its end", false)
		if _, err := s.Hub.Watch(t.Context(), "nowhere", woken); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("a venue that there is not: %v", err)
		}
	})
}
