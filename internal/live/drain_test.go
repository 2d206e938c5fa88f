package live_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/live"
)

// leaver is a connection that notes when it is told goodbye, and ends then. Some come back.
type leaver struct {
	told *goodbyes
	once sync.Once
}

func (l *leaver) Shutdown(after time.Duration) {
	l.once.Do(func() { l.told.note(l, after) })
}

func (l *leaver) Abort() { l.Shutdown(0) }

// goodbyes are when readers were told goodbye, and after how long to come back.
type goodbyes struct {
	connections live.Connections
	returning   int // so many of those told come back here at once

	mu    sync.Mutex
	at    []time.Time
	after []time.Duration
}

func (g *goodbyes) note(l *leaver, after time.Duration) {
	g.mu.Lock()
	g.at, g.after = append(g.at, time.Now()), append(g.after, after)
	back := len(g.at) <= g.returning
	g.mu.Unlock()
	g.connections.Remove(l)
	if back {
		g.come(1)
	}
}

func (g *goodbyes) come(n int) {
	for range n {
		g.connections.Add(&leaver{told: g})
	}
}

// busiest is the most goodbyes within any time of that length.
func (g *goodbyes) busiest(period time.Duration) (most int) {
	for i, from := range g.at {
		n, _ := slices.BinarySearchFunc(g.at[i:], from.Add(period), time.Time.Compare)
		most = max(most, n)
	}
	return most
}

// Readers leave a server that stops evenly over the drain time, those who come meanwhile too. Without draining, which is the control, they
// all leave at once.
func TestDrainSpreadsReaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		readers, returning int
		period             time.Duration
		drains             bool
		took               time.Duration // all are told by then
		busiest            int           // most in a tenth of a second
	}{
		"ten thousand":     {10_000, 0, 10 * time.Second, true, 10 * time.Second, 110},
		"half come back":   {10_000, 5_000, 10 * time.Second, true, 10 * time.Second, 170},
		"a handful":        {5, 0, 10 * time.Second, true, 25 * time.Millisecond, 5},
		"a short time":     {10_000, 0, time.Second, true, time.Second, 1_100},
		"no time":          {100, 0, 0, true, 0, 100},
		"not drained":      {10_000, 0, 10 * time.Second, false, 0, 10_000},
		"nobody is there":  {0, 0, 10 * time.Second, true, 0, 0},
		"a thousand, less": {1_000, 0, 10 * time.Second, true, 5 * time.Second, 25},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &goodbyes{returning: test.returning}
				g.come(test.readers)
				began := time.Now()
				if test.drains {
					g.connections.Drain(t.Context(), test.period)
				}
				if took := time.Since(began); took > test.took+20*time.Millisecond {
					t.Errorf("it took %s", took)
				}
				if err := g.connections.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if told := len(g.at); told != test.readers+test.returning {
					t.Errorf("%d were told", told)
				}
				if busiest := g.busiest(100 * time.Millisecond); busiest > test.busiest {
					t.Errorf("%d were told within a tenth of a second, and not %d", busiest, test.busiest)
				}
				for _, after := range g.after {
					if after < 250*time.Millisecond || after > 5*time.Second {
						t.Fatalf("one was asked to come back after %s", after)
					}
				}
			})
		})
	}
}

// Draining ends when it is told to.
func TestDrainEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := new(goodbyes)
		g.come(10_000)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		g.connections.Drain(ctx, time.Minute)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s", took)
		}
		if n := len(g.at); n < 100 || n > 250 {
			t.Errorf("%d of 10,000 were told in a second of sixty", n)
		}
	})
}
