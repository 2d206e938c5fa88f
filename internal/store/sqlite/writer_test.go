package sqlite

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// busy begins a transaction whose decision waits until it is released. It returns once the transaction holds the turn.
func busy(t *testing.T, s *Store) (release func() error) {
	t.Helper()
	holding, proceed, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- storetest.TryChange(context.WithoutCancel(t.Context()), s, store.Need{Venue: "a"}, func(d *storetest.Draft) error {
			close(holding)
			<-proceed
			bookMany(1, 1)(d)
			return nil
		})
	}()
	<-holding
	return func() error {
		close(proceed)
		return <-ended
	}
}

func TestWaitingIsCancelled(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	release := busy(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		waiting <- s.PutKey(ctx, store.Key{Name: "admin"})
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("who waited and left got %v", err)
	}
	must(t, release())
	must(t, change(t, s, "a", bookMany(2, 1)))
}

// TestReadersDoNotWait: reading goes on while a transaction is open, and sees the state before it.
func TestReadersDoNotWait(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	release := busy(t, s)
	loaded, err := s.Load(t.Context(), "a", storetest.Morning)
	must(t, err)
	if loaded.Revision != 1 {
		t.Errorf("loaded revision %d, want 1", loaded.Revision)
	}
	must(t, release())
	if !has(t, s, 1) {
		t.Errorf("the booking is not there")
	}
}

// TestCloseWaits: a transaction under way is finished, and who waits behind it is sent away.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	release := busy(t, s)
	waiting, closed := make(chan error, 1), make(chan error, 1)
	go func() { waiting <- s.PutKey(context.WithoutCancel(t.Context()), store.Key{Name: "admin"}) }()
	go func() { closed <- s.Close() }()
	if err := <-waiting; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("who waited got %v", err)
	}
	must(t, release())
	must(t, <-closed)
	if again := openAt(t, Config{Path: s.path}); !has(t, again, 1) {
		t.Errorf("the booking of the transaction under way is lost")
	}
}

// TestCancelledRead: a read whose caller has left ends, and its connection serves the next.
func TestCancelledRead(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * maxReaders() {
		if _, err := s.Load(ctx, "a", storetest.Morning); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled load: %v", err)
		}
		if _, err := s.Booking(ctx, "a", "bk"); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled read of a booking: %v", err)
		}
	}
	_, err := s.Load(t.Context(), "a", storetest.Morning)
	must(t, err)
}

// TestManyReadersAtOnce has more callers than connections, on a store that has read nothing yet. Each load runs several statements
// on one connection; did it need a second one to prepare them, those that hold all connections would wait for each other for ever.
func TestManyReadersAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	begin := make(chan struct{})
	var wait sync.WaitGroup
	for range 16 * maxReaders() {
		wait.Go(func() {
			<-begin
			if _, err := s.Load(ctx, "a", storetest.Morning); err != nil {
				t.Errorf("load: %v", err)
			}
			if _, _, err := s.Due(ctx, 10); err != nil {
				t.Errorf("due: %v", err)
			}
		})
	}
	close(begin)
	wait.Wait()
}
