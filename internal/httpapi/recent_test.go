package httpapi

import "testing"

// What is remembered is bounded, and the newest is always among it.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	s := newRecent[int](3)
	for n := range 100 {
		s.add(n)
		s.add(n)
		if !s.has(n) || len(s.values) > 3 {
			t.Fatalf("after %d it has %v", n, s.values)
		}
	}
	s.remove(99)
	if s.has(99) || len(s.values) != 2 {
		t.Errorf("what was removed is still there: %v", s.values)
	}
}
