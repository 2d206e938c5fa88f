package storetest

import (
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest/memory"
)

// The suite checks the contract, not one store's way to keep it: a store that begins anew whenever a revision has moved passes it, and
// so does one that has everything decided twice.
func TestStoresThatBeginAnewPass(t *testing.T) {
	t.Parallel()
	for name, restless := range map[string]bool{"optimistic": false, "restless": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, mutated(inMemory(), func(s store.Store) store.Store {
				return &optimistic{Store: s, minds: mindsAll, restless: restless}
			}))
		})
	}
}

// inMemory is a harness of stores that never begin anew by themselves.
func inMemory() Harness {
	var data sync.Map // by store
	open := func(tb testing.TB, d *memory.Data, clock func() time.Time, level booking.Level) store.Store {
		tb.Helper()
		s := memory.Open(memory.Config{Data: d, Now: clock, Level: level})
		tb.Cleanup(func() { _ = s.Close() })
		data.Store(store.Store(s), d)
		return s
	}
	return Harness{
		Open: func(tb testing.TB, clock func() time.Time) store.Store {
			tb.Helper()
			return open(tb, memory.NewData(), clock, 0)
		},
		Reopen: func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store {
			tb.Helper()
			if err := s.Close(); err != nil {
				tb.Fatal(err)
			}
			d, _ := data.Load(s)
			return open(tb, d.(*memory.Data), clock, level) //nolint:errcheck // only data are kept
		},
	}
}
