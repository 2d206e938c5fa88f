package view_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// A store that is frozen keeps nobody for long: what is in memory is read at once, and who needs the store is told within two seconds
// that it does not answer, or at once when a check has found that before. What was begun goes on, once for all, so that the venue is there
// when the store answers again.
func TestFrozenStoreKeepsNobody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		checked bool
		most    time.Duration
	}{"not known yet": {false, view.ReaderTimeout}, "known": {true, view.StaleTimeout}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHistory()
				v, _ := newView(h, 10)
				picture(t, v)
				frozen := make(chan struct{})
				h.set(func(h *history) { h.frozen = frozen })
				if test.checked {
					v.Check(t.Context())
				}
				readFrozen(t, v, test.most)
				h.set(func(h *history) { h.frozen = nil })
				close(frozen)
				synctest.Wait()
				if h.loads != 2 {
					t.Errorf("the two venues were loaded %d times", h.loads)
				}
				if p, err := v.Picture(t.Context(), "w"); err != nil || p.Venue.ID != "w" {
					t.Errorf("afterwards the venue is %v: %v", p, err)
				}
			})
		})
	}
}

// readFrozen reads what needs the frozen store and what does not, each many times at once.
func readFrozen(t *testing.T, v *view.View, most time.Duration) {
	t.Helper()
	atLeast := func(at booking.Position) func() error {
		return func() error { _, err := v.AtLeast(t.Context(), "v", at); return err }
	}
	loading := func(id booking.VenueID) func() error {
		return func() error { _, err := v.Picture(t.Context(), id); return err }
	}
	var all sync.WaitGroup
	for name, test := range map[string]struct {
		ask   func() error
		fails bool
	}{
		"what is in memory":             {loading("v"), false},
		"a position that is known":      {atLeast(revision(1)), false},
		"a venue that is not in memory": {loading("w"), true},
		"a position that is ahead":      {atLeast(revision(2)), true},
		"one of another epoch":          {atLeast(booking.Position{Epoch: "e0", Revision: 1}), true},
	} {
		for range 20 {
			all.Go(func() {
				began, want := time.Now(), time.Duration(0)
				if test.fails {
					want = most
				}
				err := test.ask()
				if took := time.Since(began); took != want || test.fails != errors.Is(err, booking.ErrUnavailable) {
					t.Errorf("%s took %s: %v", name, took, err)
				}
			})
		}
	}
	all.Wait()
}

// A view that has ended reads nothing any more, and says so.
func TestEndedViewReadsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, _ := newView(h, 10)
		picture(t, v)
		h.set(func(h *history) { h.frozen = make(chan struct{}) })
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := v.Picture(t.Context(), "w"); err == nil {
				t.Error("a venue was loaded from a frozen store")
			}
		})
		synctest.Wait()
		ended, end := context.WithCancel(t.Context())
		end()
		v.Run(ended) // it does not wait for the store
		waiting.Wait()
		if _, err := v.Picture(t.Context(), "w"); !errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("after the end the answer is %v", err)
		}
		picture(t, v)
	})
}
