package ws_test

import "testing"

// A panic while a frame is made for one client costs that client its connection, and nobody else anything.
func TestPanicCostsOneClient(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	one, other := s.dial(t, query), s.dial(t, query)
	one.gets(`{"type":"snapshot"`)
	other.gets(`{"type":"snapshot"`)
	<-s.Readers
	<-s.Readers
	s.Faults.Store(1)
	s.Book(t, 10, 1)
	if n := <-s.Readers; n != 1 {
		t.Errorf("%d readers are left", n)
	}
	left := one
	if _, ok := <-one.messages; !ok {
		left = other
	} else if _, ok := <-other.messages; ok {
		t.Error("no connection ended")
	}
	s.Book(t, 11, 1)
	left.gets(`{"type":"delta"`)
}
