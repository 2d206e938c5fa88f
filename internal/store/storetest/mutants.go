package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

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
	checks := Checks()
	for _, check := range checks {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return slices.Contains(m.fails, check.Name) }) {
			t.Errorf("no mutant fails the check %q", check.Name)
		}
	}
	for _, m := range mutants {
		for _, name := range m.fails {
			t.Run(m.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == name })
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
		Open: func(t testing.TB, clock func() time.Time) store.Store { return keep(h.Open(t, clock)) },
		Reopen: func(t testing.TB, s store.Store, clock func() time.Time) store.Store {
			original, _ := originals.Load(s)
			return keep(h.Reopen(t, original.(store.Store), clock))
		},
	}
}
