package sse_test

import "testing"

// A panic while a frame is made for one reader costs that reader its connection, and nobody else anything.
func TestPanicCostsOneReader(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := s.serve(t)
	one, other := dial(t, server, query), dial(t, server, query)
	one.next()
	other.next()
	<-s.Readers
	<-s.Readers
	s.Faults.Store(1)
	s.Book(t, 10, 1)
	if n := <-s.Readers; n != 1 {
		t.Errorf("%d readers are left", n)
	}
	gone := 0
	for _, c := range []*client{one, other} {
		if e, err := read(c.in); err != nil {
			gone++
		} else if e.name != "delta" {
			t.Errorf("the other got %+v", e)
		}
	}
	if gone != 1 {
		t.Errorf("%d connections ended", gone)
	}
	again := dial(t, server, query)
	if e := again.next(); e.name != "snapshot" {
		t.Errorf("who comes back gets %+v", e)
	}
}
