package live_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
)

// The day states in memory are bounded: those that nobody looked at for longest go, and those that are watched never.
func TestDayStatesAreBounded(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 20, 20 }, func(t *testing.T, s scene) {
		watched := s.come(trips(1, 10, 1), "")
		watched.gets(live.EventSnapshot)
		for from := 11; from < 100; from++ {
			q := trips(1, 1, 1)
			q.From = day(1).AddDays(from)
			q.To = q.From.AddDays(3)
			s.get(q)
			if days, _ := s.Hub.Size(); days > 20 {
				t.Fatalf("%d days are in memory", days)
			}
			wait(time.Millisecond)
		}
		q := trips(20, 31, 1)
		s.get(q) // it is computed, and not kept
		if days, _ := s.Hub.Size(); days > 20 {
			t.Errorf("%d days are in memory", days)
		}
		s.book(watched.query, at(2, 10, 0), 1)
		wait(time.Second)
		watched.gets(live.EventDelta)
		watched.agrees()
		_, err := s.Hub.Subscribe(t.Context(), q, "", live.Unlimited{}, livetest.NewWaker())
		if !errors.Is(err, live.ErrFull) || !errors.Is(err, booking.ErrBusy) {
			t.Errorf("twelve days more gave %v", err)
		}
		watched.sub.Close()
		s.come(q, "").gets(live.EventSnapshot)
	})
}

// A query costs memory even where its days are there already, so queries are bounded too.
func TestWindowsAreBounded(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxWindows = 16 }, func(t *testing.T, s scene) {
		kept := s.come(trips(2, 2, 1), "")
		kept.gets(live.EventSnapshot)
		for to := 2; to < 60; to++ {
			q := trips(2, 2, 2)
			q.To = day(to)
			s.get(q)
			s.get(q)
			if _, windows := s.Hub.Size(); windows > 16 {
				t.Fatalf("%d windows are in memory", windows)
			}
			wait(time.Millisecond)
		}
	})
}

// What nobody looks at any more is forgotten, and a venue with it. What is dropped while changes come in is right when it is asked
// for again.
func TestDroppedDaysComeBackRight(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 4, 4 }, func(t *testing.T, s scene) {
		for i := range 20 {
			s.get(cuts(1, 4))
			if s.Hub.Watches("barber") {
				t.Error("the barber is watched")
			}
			s.book(trips(2, 2, 1), at(2, 9+i%10, 0), 1)
			r := s.come(trips(1, 4, 1), "")
			if !s.Hub.Watches("ferry") {
				t.Error("the ferry is not watched")
			}
			r.gets(live.EventSnapshot)
			if slot := r.Days()[1].Slots[1+i%10]; slot.Remaining != 11-i/10 {
				t.Errorf("the slot is %+v", slot)
			}
			r.sub.Close()
		}
		if venues := s.Hub.Venues(); venues > 1 {
			t.Errorf("%d venues are in memory", venues)
		}
	})
}

func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxReaders = 2 }, func(t *testing.T, s scene) {
		leave, err := s.Hub.Admit(anyone)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Hub.Admit(anyone); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Hub.Admit(anyone); !errors.Is(err, live.ErrFull) {
			t.Errorf("the third reader got %v", err)
		}
		leave()
		if _, err := s.Hub.Admit(anyone); err != nil {
			t.Errorf("the next reader got %v", err)
		}
	})
}

// A reader counts for its client and for the node, or for neither.
func TestReadersCountForBothOrNeither(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxReaders = 1 }, func(t *testing.T, s scene) {
		ofClient := 0
		client := func() (func(), error) { ofClient++; return func() { ofClient-- }, nil }
		errOver := errors.New("over the client's limit")
		if _, err := s.Hub.Admit(func() (func(), error) { return nil, errOver }); !errors.Is(err, errOver) {
			t.Errorf("a client over its limit got %v", err)
		}
		leave, err := s.Hub.Admit(client)
		if err != nil {
			t.Fatalf("a refused client counts for the node: %v", err)
		}
		if _, err := s.Hub.Admit(client); !errors.Is(err, live.ErrFull) || ofClient != 1 {
			t.Errorf("a full node: %v, and the client has %d readers", err, ofClient)
		}
		leave()
		if ofClient != 0 {
			t.Errorf("the client has %d readers in the end", ofClient)
		}
	})
}
