package memory_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	bothWays(t, storetest.Run)
}

func TestMutantsAreNoticed(t *testing.T) {
	t.Parallel()
	bothWays(t, storetest.RunMutants)
}

// bothWays runs a suite on stores of both kinds.
func bothWays(t *testing.T, suite func(*testing.T, storetest.Harness)) {
	t.Helper()
	for name, optimistic := range map[string]bool{"pessimistic": false, "optimistic": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite(t, harness(optimistic))
		})
	}
}

// opened is a store that remembers what it was opened on.
type opened struct {
	*memory.Store
	data *memory.Data
}

// Update gives way in the middle of each transaction: they are so short that no two would ever meet.
func (o *opened) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return o.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		for range 10 {
			runtime.Gosched()
		}
		return decide(found)
	})
}

func harness(optimistic bool) storetest.Harness {
	open := func(tb testing.TB, data *memory.Data, clock func() time.Time, level booking.Level) store.Store {
		tb.Helper()
		s := memory.Open(memory.Config{Data: data, Now: clock, Optimistic: optimistic, Level: level})
		tb.Cleanup(func() {
			if err := s.Close(); err != nil {
				tb.Error(err)
			}
		})
		return &opened{s, data}
	}
	return storetest.Harness{
		Open: func(tb testing.TB, clock func() time.Time) store.Store {
			tb.Helper()
			return open(tb, memory.NewData(), clock, 0)
		},
		Reopen: func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store {
			tb.Helper()
			before, ok := s.(*opened)
			if !ok {
				tb.Fatalf("a store of another kind: %T", s)
			}
			if err := before.Close(); err != nil {
				tb.Fatal(err)
			}
			return open(tb, before.data, clock, level)
		},
	}
}
