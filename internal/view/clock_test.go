package view_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/view"
)

// hands is a node's own clock, which tests move.
type hands struct{ now time.Time }

func (h *hands) Now() time.Time { return h.now }

// ask lets a store be asked: its answer takes some time there and some back.
func (h *hands) ask(c *view.Clock, ahead, there, back time.Duration) (moved time.Duration) {
	before := h.now
	h.now = h.now.Add(there)
	said := h.now.Add(ahead).Truncate(time.Microsecond)
	h.now = h.now.Add(back)
	return c.Observe(before, h.now, said)
}

func TestClockFollowsTheStore(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	h := &hands{now: time.Date(2026, 11, 24, 9, 0, 0, 123, time.UTC)}
	c := view.NewClock(h.Now)
	if !c.Now().Equal(h.now) {
		t.Errorf("before anything is known it shows %v at %v", c.Now(), h.now)
	}
	for i, step := range []struct {
		ahead, there, back time.Duration
		least, most        time.Duration // how far the clock is ahead of the node's afterwards
	}{
		{0, ms, ms, 0, 0}, // both agree
		{0, 0, 0, 0, 0},   // though the store rounds down
		{time.Hour, ms, 3 * ms, time.Hour - 3*ms, time.Hour},       // it is as little ahead as can be
		{time.Hour, 50 * ms, 50 * ms, time.Hour - 3*ms, time.Hour}, // which does not contradict it
		{time.Hour, ms / 2, ms / 2, time.Hour - ms/2, time.Hour},   // and this says more
		{-time.Hour, ms, ms, -time.Hour, -time.Hour + ms},          // it jumps back
		{-time.Hour + ms, 0, 0, -time.Hour + ms - 1000, -time.Hour + ms + 1000},
		{-time.Hour + ms, time.Second, time.Second, -time.Hour + ms - 1000, -time.Hour + ms + 1000},
	} {
		h.ask(c, step.ahead, step.there, step.back)
		if ahead := c.Now().Sub(h.now); ahead < step.least-time.Microsecond || ahead > step.most+time.Microsecond {
			t.Errorf("step %d: it is %v ahead, and not %v to %v", i, ahead, step.least, step.most)
		}
		h.now = h.now.Add(time.Second)
	}
}

// Whatever the node believes the time to be and however long answers take, after each the clock is as near to the store's as that
// answer tells; and it does not move while the store's clock goes evenly and nothing new is learned.
func TestClockProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spell := func(name string, most time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, name))
		}
		h := &hands{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
		c := view.NewClock(h.Now)
		ahead := spell("ahead", 2*time.Hour) - time.Hour
		best := time.Duration(1 << 62) // the shortest answer since the store's clock jumped
		for range rapid.IntRange(1, 30).Draw(t, "answers") {
			if rapid.IntRange(0, 9).Draw(t, "jump") == 0 {
				ahead, best = spell("ahead", 2*time.Hour)-time.Hour, 1<<62
			}
			there, back := spell("there", 100*time.Millisecond), spell("back", 100*time.Millisecond)
			near := c.Now().Sub(h.now.Add(ahead)).Abs()
			moved := h.ask(c, ahead, there, back)
			best = min(best, there+back)
			off := c.Now().Sub(h.now.Add(ahead)).Abs()
			if off > best+2*time.Microsecond {
				t.Fatalf("after an answer of %v at best, it is off by %v", best, off)
			}
			if moved != 0 && near <= min(there, back) {
				t.Fatalf("it was off by %v, and an answer of %v and %v moved it by %v", near, there, back, moved)
			}
			h.now = h.now.Add(spell("rest", time.Second))
		}
	})
}

// The view goes by the store's clock, from the first question on, and follows it when it jumps, forwards and back. So does as_of.
func TestViewFollowsTheStoresClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		h.ahead = 40 * 24 * time.Hour
		v, n := newView(h, 10)
		if err := v.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, ahead := range []time.Duration{h.ahead, time.Hour, -time.Hour, 5 * time.Second} {
			h.set(func(h *history) { h.ahead = ahead })
			v.Check(t.Context())
			want := time.Now().Add(ahead)
			if now := v.Now(); now.Sub(want).Abs() > time.Microsecond {
				t.Errorf("the view's clock shows %v at %v", now, want)
			}
			if stale, asOf := v.Freshness("v"); stale || !asOf.Equal(want) {
				t.Errorf("the view is stale: %t, as of %v at %v", stale, asOf, want)
			}
		}
		if heard := len(n.said()); heard != 4 {
			t.Errorf("the listener heard %q", n.said())
		}
		at := v.Now()
		h.set(func(h *history) { h.down = true })
		<-time.After(time.Minute)
		v.Check(t.Context())
		if stale, asOf := v.Freshness("v"); !stale || !asOf.Equal(at) || !v.Now().Equal(at.Add(time.Minute)) {
			t.Errorf("the view is stale: %t, as of %v, not %v; it is %v", stale, asOf, at, v.Now())
		}
		if err := v.Sync(t.Context()); err == nil {
			t.Error("a store that is down told the time")
		}
	})
}

// A picture that was loaded while the store's clock was far ahead lacks what had not ended. It is loaded anew when the clock is back.
func TestPicturesOfTheFutureAreLoadedAnew(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	h.set(func(h *history) { h.ahead = 30 * 24 * time.Hour })
	v.Check(t.Context())
	p := picture(t, v)
	if !p.Knows(v.Now()) || p.Knows(time.Now()) {
		t.Error("the picture knows what had ended before a clock that is a month ahead")
	}
	h.set(func(h *history) { h.ahead = 0 })
	v.Check(t.Context())
	if p = picture(t, v); !p.Knows(time.Now()) || !h.since.Before(time.Now()) {
		t.Errorf("the picture was not loaded anew: heard %q", n.said())
	}
	// Nor does a writer who needs it at once wait for the check.
	h.set(func(h *history) { h.ahead = 30 * 24 * time.Hour })
	v.Check(t.Context())
	if _, err := v.Reload(t.Context(), "v"); err != nil {
		t.Fatal(err)
	}
	h.set(func(h *history) { h.ahead = 0 })
	if p, err := v.Reload(t.Context(), "v"); err != nil || !p.Knows(time.Now()) {
		t.Errorf("a picture that was asked for is of the future: %v", err)
	}
}
