package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// mutant is a store that lacks one guard. The checks it names must notice.
type mutant struct {
	name  string
	make  func(store.Store) store.Store
	fails []string
}

// RunMutants runs the suite's negative controls: each mutant is made of one of the harness's stores and must fail its checks. A
// check that a mutant passes proves nothing.
func RunMutants(t *testing.T, h Harness) {
	t.Helper()
	for _, check := range checks {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return slices.Contains(m.fails, check.name) }) {
			t.Errorf("no mutant fails the check %q", check.name)
		}
	}
	for _, m := range mutants {
		for _, name := range m.fails {
			t.Run(m.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				i := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
				if i < 0 {
					t.Fatalf("there is no check %q", name)
				}
				failures := failuresOf(t, checks[i], mutated(h, m.make))
				if len(failures) == 0 {
					t.Errorf("a store that %s passes the check %q", m.name, name)
				}
				for _, failure := range failures {
					t.Logf("noticed: %.200s", failure)
				}
			})
		}
	}
}

// mutated is a harness whose stores are mutants of h's.
func mutated(h Harness, mutate func(store.Store) store.Store) Harness {
	var originals sync.Map // by their mutants
	keep := func(s store.Store) store.Store {
		m := mutate(s)
		originals.Store(m, s)
		return m
	}
	return Harness{
		Open: func(tb testing.TB, clock func() time.Time) store.Store {
			tb.Helper()
			return keep(h.Open(tb, clock))
		},
		Reopen: func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store {
			tb.Helper()
			if _, mutant := s.(*knowing); mutant {
				level = 1 << 20
			}
			original, ok := originals.Load(s)
			if !ok {
				tb.Fatalf("reopen of a store that was never opened")
			}
			return keep(h.Reopen(tb, original.(store.Store), clock, level)) //nolint:errcheck // only stores are kept
		},
	}
}
