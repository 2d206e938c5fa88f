package bustest

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// storm publishes events of several venues side by side, each batch until it is confirmed, as the relay does.
type storm struct {
	f    *fixture
	bus  bus.Bus
	stop chan struct{}
	wait sync.WaitGroup
	of   []*stormVenue
}

// stormVenue is how far a venue is in a storm. Its events are the samples, from the first on.
type stormVenue struct {
	id        booking.VenueID
	batches   atomic.Int64 // that are confirmed
	failures  atomic.Int64 // attempts that were not
	confirmed int          // events; read after the end
}

// storm begins one.
func (f *fixture) storm(b bus.Bus) *storm {
	s := &storm{f: f, bus: b, stop: make(chan struct{})}
	for i := range stormVenues {
		v := &stormVenue{id: f.venue(strconv.Itoa(i))}
		s.of = append(s.of, v)
		s.wait.Go(func() { s.publish(v) })
	}
	return s
}

func (s *storm) publish(v *stormVenue) {
	for size := 1; ; size = size%9 + 1 {
		events := Events(v.id, v.confirmed, size)
		if err := s.f.tryUntilConfirmed(s.bus, v.id, events, func() { v.failures.Add(1) }); err != nil {
			s.f.Errorf("a storm: %v", err)
			return
		}
		v.confirmed += size
		v.batches.Add(1)
		select {
		case <-s.stop:
			return
		default:
		}
		if !wait(s.f.Context(), stormInterval) {
			return
		}
	}
}

// goesOn waits until each venue has had so many more batches confirmed.
func (s *storm) goesOn(batches int64) {
	s.f.Helper()
	s.each(func(v *stormVenue) *atomic.Int64 { return &v.batches }, batches, "confirmed batches")
}

// fails waits until each venue has had an attempt fail, so that trouble was noticed.
func (s *storm) fails() {
	s.f.Helper()
	s.each(func(v *stormVenue) *atomic.Int64 { return &v.failures }, 1, "failures")
}

func (s *storm) each(counter func(*stormVenue) *atomic.Int64, more int64, what string) {
	s.f.Helper()
	before := make([]int64, len(s.of))
	for i, v := range s.of {
		before[i] = counter(v).Load()
	}
	s.f.eventually("a storm", func() string {
		for i, v := range s.of {
			if got := counter(v).Load() - before[i]; got < more {
				return fmt.Sprintf("venue %s has %d more %s, want %d", v.id, got, what, more)
			}
		}
		return ""
	})
}

// end ends the storm once the batches under way are confirmed, and compares all that was confirmed with what the broker has.
func (s *storm) end() {
	s.f.Helper()
	close(s.stop)
	s.wait.Wait()
	for _, v := range s.of {
		s.f.verify(Events(v.id, 0, v.confirmed), v.confirmed)
	}
}
