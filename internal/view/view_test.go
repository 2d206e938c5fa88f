package view_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

func TestApplyInOrder(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	before := picture(t, v)
	c := h.commit()
	v.Apply(t.Context(), c)
	v.Apply(t.Context(), c) // once more: it is known
	after := picture(t, v)
	if taken(before) != 0 || taken(after) != 1 || after.Revision != 2 || after.Ledgers["r"].Touched != 2 {
		t.Errorf("before %d, after %d at revision %d", taken(before), taken(after), after.Revision)
	}
	if want := []string{"reloaded 1", "changed 2 2"}; !slices.Equal(n.said(), want) {
		t.Errorf("heard %q, not %q", n.said(), want)
	}
}

func TestGapIsFilledFromTheStore(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	picture(t, v)
	h.commit()
	h.commit()
	v.Apply(t.Context(), h.commit()) // two before it were never told
	if p := picture(t, v); taken(p) != 3 || p.Revision != 4 {
		t.Errorf("%d taken at revision %d", taken(p), p.Revision)
	}
	if want := []string{"reloaded 1", "changed 2 2", "changed 3 3", "changed 4 4"}; !slices.Equal(n.said(), want) {
		t.Errorf("heard %q, not %q", n.said(), want)
	}
}

// The change comes with a gap, and the store cannot be read just then. Readers must hear of it all the same once it can.
func TestGapThatCannotBeFilledIsFilledLater(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	picture(t, v)
	h.commit()
	c := h.commit()
	h.set(func(h *history) { h.down = true })
	v.Apply(t.Context(), c)
	h.set(func(h *history) { h.down = false })
	v.Check(t.Context())
	if p := picture(t, v); taken(p) != 2 || h.loads != 1 {
		t.Errorf("%d taken after %d loads", taken(p), h.loads)
	}
}

// Many ask for a venue while its loads fail. Whoever gets a picture in the end has the one that hears of changes.
func TestFailedLoadsLeaveNoOrphan(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			h.set(func(h *history) { h.down = i%2 == 0 })
			if _, err := v.Picture(t.Context(), "v"); err != nil && !errors.Is(err, errDown) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.set(func(h *history) { h.down = false })
	picture(t, v)
	v.Apply(t.Context(), h.commit())
	if p := picture(t, v); taken(p) != 1 {
		t.Error("the picture that is served did not hear of a change")
	}
}

func TestTooFarBehindIsReloaded(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	picture(t, v)
	for range store.MaxChanges + 1 {
		h.commit()
	}
	if err := v.Hint(t.Context(), "v", 2); err != nil {
		t.Fatal(err)
	}
	if p := picture(t, v); taken(p) != store.MaxChanges+1 {
		t.Errorf("%d taken", taken(p))
	}
	if want := []string{"reloaded 1", fmt.Sprintf("reloaded %d", store.MaxChanges+2)}; !slices.Equal(n.said(), want) {
		t.Errorf("heard %q, not %q", n.said(), want)
	}
}

// A change that does not fit the picture, since a claim that it frees is not there, has the venue read anew: by whoever hears of it, and by
// a catch-up that comes upon it among others.
func TestChangeThatDoesNotFitReloads(t *testing.T) {
	t.Parallel()
	for name, follow := range map[string]func(v *view.View, misfit booking.Change) error{
		"heard": func(v *view.View, misfit booking.Change) error { v.Apply(t.Context(), misfit); return nil },
		"caught up": func(v *view.View, misfit booking.Change) error {
			return v.Hint(t.Context(), "v", misfit.Revision)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory()
			v, n := newView(h, 10)
			picture(t, v)
			var misfit booking.Change
			h.set(func(h *history) {
				unknown := claim()
				unknown.Units = 7
				misfit = h.add([]booking.Entry{{Kind: booking.BookingCancelled, Booking: &booking.BookingTransition{
					Released: []booking.Claim{unknown},
				}}})
			})
			if err := follow(v, misfit); err != nil {
				t.Fatal(err)
			}
			if p := picture(t, v); p.Revision != misfit.Revision {
				t.Errorf("the picture is at revision %d", p.Revision)
			}
			if want := []string{"reloaded 1", "reloaded 2"}; !slices.Equal(n.said(), want) {
				t.Errorf("heard %q, not %q", n.said(), want)
			}
		})
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	picture(t, v)
	h.commit()
	p, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "e1", Revision: 2})
	if err != nil || p.Revision != 2 {
		t.Errorf("a node behind gave %v, %v", p, err)
	}
	if _, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "e1", Revision: 3}); !errors.Is(err, view.ErrAhead) {
		t.Errorf("a revision that is not there gave %v", err)
	}
}

func TestCheckFindsWhatNobodyTold(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	picture(t, v)
	h.commit()
	v.Check(t.Context())
	if p := picture(t, v); taken(p) != 1 {
		t.Error("a lost message was not made up for")
	}
	// The database is replaced by another history, at a lower revision.
	h.set(func(h *history) { h.epoch, h.changes = "e2", nil })
	v.Check(t.Context())
	if p := picture(t, v); taken(p) != 0 || p.Epoch != "e2" || p.Revision != 1 {
		t.Errorf("after a restore the picture is of %s at %d", p.Epoch, p.Revision)
	}
	// The same epoch, at a lower revision: a file that was copied back.
	h.commit()
	v.Check(t.Context())
	h.set(func(h *history) { h.changes = nil })
	v.Check(t.Context())
	if p := picture(t, v); p.Revision != 1 {
		t.Errorf("after copying a file back the picture is at %d", p.Revision)
	}
}

func TestStaleAndFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, n := newView(h, 10)
		picture(t, v)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { v.Run(ctx) })
		time.Sleep(10 * time.Second) //nolint:forbidigo // virtual time
		lastGood := time.Now()
		h.set(func(h *history) { h.down = true })
		time.Sleep(30 * time.Second) //nolint:forbidigo // virtual time
		stale, asOf := v.Freshness("v")
		if age := lastGood.Sub(asOf); !stale || age < 0 || age > 2*time.Second {
			t.Errorf("with the store down: stale %t, as of %s before it went", stale, age)
		}
		if p := picture(t, v); p == nil {
			t.Error("a stale view serves nothing")
		}
		h.set(func(h *history) { h.down = false })
		time.Sleep(2 * time.Second) //nolint:forbidigo // virtual time
		if stale, _ := v.Freshness("v"); stale {
			t.Error("the view stays stale though the store is back")
		}
		if want := []string{"reloaded 1", `freshness of ""`, `freshness of ""`}; !slices.Equal(n.said(), want) {
			t.Errorf("heard %q, not %q", n.said(), want)
		}
		stop()
		running.Wait()
	})
}

func TestUnknownVenuesAreNotKept(t *testing.T) {
	t.Parallel()
	v, _ := newView(newHistory(), 10)
	for range 3 {
		if _, err := v.Picture(t.Context(), "nowhere"); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
	if n := v.InMemory(); n != 0 {
		t.Errorf("%d venues are kept", n)
	}
}

func TestRoomIsBounded(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 1)
	for _, id := range []booking.VenueID{"v", "w", "v", "w"} {
		if _, err := v.Picture(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if v.InMemory() != 1 || h.loads != 4 {
		t.Errorf("%d venues in memory after %d loads", v.InMemory(), h.loads)
	}
	n.watched = true
	if picture(t, v); v.InMemory() != 2 {
		t.Error("a watched venue was dropped")
	}
}

// Readers load, the desk applies and the check runs at the same time; afterwards nothing is missing and nothing counted twice.
func TestConcurrentLoadAndApply(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				v.Apply(t.Context(), h.commit())
				picture(t, v)
			}
		})
	}
	all.Go(func() {
		for range 100 {
			v.Check(t.Context())
		}
	})
	all.Wait()
	v.Check(t.Context())
	if p := picture(t, v); taken(p) != 400 || p.Revision != 401 {
		t.Errorf("%d taken at revision %d", taken(p), p.Revision)
	}
}
