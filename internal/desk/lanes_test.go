package desk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// crossing is a store in which transactions meet: the first ones wait until so many run side by side. It notes which venues each
// transaction has, and a venue that two have at once.
type crossing struct {
	desk.Store
	mu       sync.Mutex
	together int
	met      chan struct{}
	running  map[booking.VenueID]bool
	calls    [][]booking.VenueID
	clash    bool
}

func newCrossing(s desk.Store, together int) *crossing {
	return &crossing{Store: s, together: together, met: make(chan struct{}), running: make(map[booking.VenueID]bool)}
}

func (s *crossing) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	s.enter(needs)
	defer s.leave(needs)
	<-s.met
	return s.Store.Update(ctx, needs, decide)
}

func (s *crossing) enter(needs []store.Need) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := make([]booking.VenueID, len(needs))
	for i, need := range needs {
		s.clash = s.clash || s.running[need.Venue]
		s.running[need.Venue] = true
		call[i] = need.Venue
	}
	if s.calls = append(s.calls, call); len(s.calls) == s.together {
		close(s.met)
	}
}

func (s *crossing) leave(needs []store.Need) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, need := range needs {
		delete(s.running, need.Venue)
	}
}

// Lanes run transactions of different venues side by side, and never two of one venue. Each venue's places are given to as many as
// there are, in whichever transactions.
func TestLanesSideBySide(t *testing.T) {
	t.Parallel()
	const lanes, venues, crowd = 4, 12, 30
	s := newShop(t)
	plain := s.open(t, hiddenDue{s.store})
	furnishVenues(t, plain, 1, []booking.ResourceID{"a", "b"}, numbered(venues)...)
	meeting := newCrossing(hiddenDue{s.store}, lanes)
	n := s.open(t, meeting, func(c *desk.Config) { c.Lanes, c.VenuesPerTransaction = lanes, 2 })
	var all sync.WaitGroup
	var mu sync.Mutex
	booked := make(map[booking.VenueID]int)
	for i := range venues * crowd {
		all.Go(func() {
			venue := numbered(venues)[i%venues]
			_, err := n.Book(t.Context(), anybody, in(venue, request(at(10, 0).Add(timeStep(i/venues%3)))))
			switch {
			case err == nil:
				mu.Lock()
				booked[venue]++
				mu.Unlock()
			case !errors.Is(err, booking.ErrSlotUnavailable):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if meeting.clash {
		t.Error("two transactions had the same venue at once")
	}
	for _, venue := range numbered(venues) {
		if got := booked[venue]; got != 2*3 {
			t.Errorf("%s: %d booked on 2 chairs at 3 times", venue, got)
		}
	}
}

// numbered are the names of so many venues.
func numbered(n int) []booking.VenueID {
	venues := make([]booking.VenueID, n)
	for i := range venues {
		venues[i] = booking.VenueID(fmt.Sprintf("venue-%d", i))
	}
	return venues
}

// One venue has more waiting than fits in a batch, and goes on having: each of the others has its turn before its next.
func TestLongQueueStarvesNobody(t *testing.T) {
	t.Parallel()
	const long = 1200 // two batches, and a part of a third
	s := newShop(t)
	record := newCrossing(hiddenDue{s.store}, 1)
	n := s.open(t, record, func(c *desk.Config) { c.VenuesPerTransaction, c.MaxWaiting = 1, 2*long })
	furnishVenues(t, n, 1, []booking.ResourceID{"a"}, "barber", "venue-0", "venue-1")
	release := n.hold(t)
	before := len(record.calls)
	wait := n.line(t, long+2, func(i int) error {
		venue := booking.VenueID("barber")
		if i >= long {
			venue = numbered(2)[i-long]
		}
		_, err := n.Book(t.Context(), anybody, in(venue, request(at(10, 0))))
		if errors.Is(err, booking.ErrSlotUnavailable) {
			return nil
		}
		return err
	})
	release()
	for _, err := range wait() {
		must(t, err)
	}
	var order []booking.VenueID
	for _, call := range record.calls[before:] {
		order = append(order, call...)
	}
	want := []booking.VenueID{"barber", "venue-0", "venue-1", "barber", "barber", "barber"}
	if fmt.Sprint(order) != fmt.Sprint(want) {
		t.Errorf("the transactions were of %v; want %v", order, want)
	}
}
