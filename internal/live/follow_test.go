package live_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// desk is a [live.Documents] that has one document for all bookings, and remembers who asked.
type desk struct {
	mu       sync.Mutex
	document string
	err      error
	asked    int
}

func (d *desk) set(document string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.document, d.err = document, err
}

func (d *desk) Booking(_ context.Context, _ booking.VenueID, _ booking.BookingID, token string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if token != "secret" {
		return nil, booking.ErrForbidden
	}
	return []byte(d.document), d.err
}

func inSceneWithDesk(t *testing.T, test func(t *testing.T, s scene, d *desk)) {
	t.Helper()
	d := &desk{document: `{"status":"confirmed"}`}
	inSceneWith(t, func(c *live.Config) { c.Documents = d }, func(t *testing.T, s scene) { test(t, s, d) })
}

// follow opens a follow that ends with the test.
func (s scene) follow(id booking.BookingID, token string) (*live.Follow, livetest.Waker) {
	s.Helper()
	w := livetest.NewWaker()
	f, err := s.Hub.Follow(s.Context(), "ferry", id, token, w)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(f.Close)
	return f, w
}

// A booking is handed out at once and after every change of it, and not for the changes of others.
func TestFollow(t *testing.T) {
	t.Parallel()
	inSceneWithDesk(t, func(t *testing.T, s scene, d *desk) {
		q := trips(2, 2, 1)
		booked := s.book(q, at(2, 10, 0), 1)
		f, woken := s.follow(booked.Entries[0].Booking.ID, "secret")
		if !s.Hub.Watches("ferry") {
			t.Error("the venue may be dropped by the view")
		}
		frame, err := f.Next(t.Context())
		if err != nil || string(wire.JSON(frame)) != `{"booking":{"status":"confirmed"}}` || frame.Event != live.EventBooking {
			t.Fatalf("the first frame is %v, %v", frame, err)
		}
		s.book(q, at(2, 11, 0), 1)
		wait(time.Second)
		select {
		case <-woken:
			t.Error("another booking woke the reader")
		default:
		}
		d.set(`{"status":"cancelled"}`, nil)
		s.cancel(booked)
		<-woken
		if frame, err := f.Next(t.Context()); err != nil || string(wire.JSON(frame)) != `{"booking":{"status":"cancelled"}}` {
			t.Errorf("the next frame is %v, %v", frame, err)
		}
		if frame, err := f.Next(t.Context()); frame != nil || err != nil || d.asked != 2 {
			t.Errorf("nothing changed, but the frame is %v, %v; asked %d times", frame, err, d.asked)
		}
		if _, err := s.View.Reload(t.Context(), "ferry"); err != nil {
			t.Fatal(err)
		}
		<-woken // nobody knows what changed
		f.Close()
		f.Close()
		if s.Hub.Venues() != 0 {
			t.Error("the venue is kept in memory")
		}
	})
}

// Who may see the booking is decided each time.
func TestFollowIsAuthorised(t *testing.T) {
	t.Parallel()
	inSceneWithDesk(t, func(t *testing.T, s scene, d *desk) {
		f, _ := s.follow("bk_1", "guessed")
		if frame, err := f.Next(t.Context()); !errors.Is(err, booking.ErrForbidden) {
			t.Errorf("a wrong token got %v, %v", frame, err)
		}
		if _, err := s.Hub.Follow(t.Context(), "zoo", "bk_1", "secret", livetest.NewWaker()); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("another venue gave %v", err)
		}
	})
}

// A booking that cannot be read is asked for again, but not at once; its reader is told meanwhile that there is something to wait for.
func TestFollowWaitsForTheStore(t *testing.T) {
	t.Parallel()
	inSceneWithDesk(t, func(t *testing.T, s scene, d *desk) {
		f, woken := s.follow("bk_1", "secret")
		d.set("", booking.ErrUnavailable)
		if frame, err := f.Next(t.Context()); err != nil || frame == nil || frame.Event != live.EventStale || !frame.AsOf.Equal(s.View.Now()) {
			t.Fatalf("a store that is gone gave %v, %v", frame, err)
		}
		for range 3 {
			if frame, err := f.Next(t.Context()); frame != nil || err != nil {
				t.Fatalf("a store that is gone gave %v, %v", frame, err)
			}
		}
		if d.asked != 1 {
			t.Errorf("asked %d times", d.asked)
		}
		d.set("{}", nil)
		began := time.Now()
		<-woken
		if frame, err := f.Next(t.Context()); err != nil || frame == nil {
			t.Errorf("a second later the frame is %v, %v", frame, err)
		}
		if frame, err := f.Next(t.Context()); err != nil || frame == nil || frame.Event != live.EventFresh {
			t.Errorf("behind it comes %v, %v", frame, err)
		}
		if frame, err := f.Next(t.Context()); frame != nil || err != nil {
			t.Errorf("behind that comes %v, %v", frame, err)
		}
		if time.Since(began) != time.Second {
			t.Errorf("it took %v", time.Since(began))
		}
	})
}

// While the store cannot be read, nobody knows whether a booking is still what it was. Its reader is told so, and when that is over.
func TestFollowSaysWhenItMayBeStale(t *testing.T) {
	t.Parallel()
	inSceneWithDesk(t, func(t *testing.T, s scene, _ *desk) {
		booked := s.book(trips(2, 2, 1), at(2, 10, 0), 1)
		f, woken := s.follow(booked.Entries[0].Booking.ID, "secret")
		if frame, err := f.Next(t.Context()); err != nil || frame.Event != live.EventBooking {
			t.Fatalf("the first frame is %v, %v", frame, err)
		}
		for _, stale := range []bool{true, false} {
			event := live.EventFresh
			if stale {
				event = live.EventStale
			}
			s.store.SetDown(stale)
			s.View.Check(t.Context())
			<-woken
			if frame, err := f.Next(t.Context()); err != nil || frame == nil || frame.Event != event {
				t.Errorf("stale %t: %v, %v", stale, frame, err)
			}
		}
	})
}
