package limit

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is a token bucket as textbooks have it: a number of tokens that grows with time. Counting in nanoseconds of refill keeps it exact.
type model struct {
	credit, at time.Duration
}

func (m *model) consume(now time.Duration, r rate) bool {
	m.credit = min(r.window, m.credit+now-m.at)
	m.at = now
	if m.credit < r.every {
		return false
	}
	m.credit -= r.every
	return true
}

// The bucket allows exactly what a bucket of tokens does, at any times, and what it says about waiting is true to the nanosecond.
func TestBucketIsATokenBucket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Quota{
			Burst: rapid.IntRange(1, 50).Draw(t, "burst"), Every: time.Duration(rapid.Int64Range(1, 1e10).Draw(t, "every")),
		}.times(1)
		now := time.Second
		m, b := model{credit: r.window, at: now}, bucket(0)
		for range rapid.IntRange(1, 300).Draw(t, "calls") {
			now += rapid.OneOf(
				rapid.Just(time.Duration(0)), rapid.Custom(func(t *rapid.T) time.Duration {
					return time.Duration(rapid.Int64Range(0, 2*int64(r.window)).Draw(t, "pause"))
				}),
			).Draw(t, "later")
			wait, ok := b.consume(now, r)
			if want := m.consume(now, r); ok != want {
				t.Fatalf("allowed %v, a bucket of tokens says %v", ok, want)
			}
			if ok {
				continue
			}
			early, late := b, b
			if _, ok := early.consume(now+wait-1, r); ok {
				t.Fatal("a token came before it was announced")
			}
			if _, ok := late.consume(now+wait, r); !ok {
				t.Fatal("no token came when it was announced")
			}
		}
	})
}

// What is given back can be taken again, and nothing more.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Quota{Burst: rapid.IntRange(1, 20).Draw(t, "burst"), Every: time.Second}.times(1)
		now, b := time.Hour, bucket(0)
		taken := rapid.IntRange(1, r.burst).Draw(t, "taken")
		for range taken {
			if _, ok := b.consume(now, r); !ok {
				t.Fatal("a full bucket refuses")
			}
		}
		back := rapid.IntRange(0, taken).Draw(t, "back")
		for range back {
			b.giveBack(r)
		}
		left := 0
		for {
			if _, ok := b.consume(now, r); !ok {
				break
			}
			left++
		}
		if want := r.burst - taken + back; left != want {
			t.Fatalf("%d tokens are left of %d after %d were taken and %d given back", left, r.burst, taken, back)
		}
	})
}
