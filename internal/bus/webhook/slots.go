package webhook

import (
	"context"
	"sync"

	"vacancy/internal/booking"
)

// slots bound how many attempts are made at once: by the node, and of each venue.
type slots struct {
	node chan struct{}

	mu     sync.Mutex
	venues map[booking.VenueID]*venueSlots
}

// venueSlots are a venue's, as long as somebody has or waits for one.
type venueSlots struct {
	free  chan struct{}
	users int
}

func newSlots(node int) *slots {
	return &slots{node: make(chan struct{}, node), venues: make(map[booking.VenueID]*venueSlots)}
}

// acquire waits for a slot. A venue's own come first, so that one that waits for its own takes nobody else's.
func (s *slots) acquire(ctx context.Context, venue booking.VenueID) (release func(), err error) {
	v := s.use(venue)
	if err := enter(ctx, v.free); err != nil {
		s.leave(venue, v)
		return nil, err
	}
	if err := enter(ctx, s.node); err != nil {
		<-v.free
		s.leave(venue, v)
		return nil, err
	}
	return func() {
		<-s.node
		<-v.free
		s.leave(venue, v)
	}, nil
}

func enter(ctx context.Context, slots chan<- struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slots) use(venue booking.VenueID) *venueSlots {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.venues[venue]
	if v == nil {
		v = &venueSlots{free: make(chan struct{}, maxPerVenue)}
		s.venues[venue] = v
	}
	v.users++
	return v
}

func (s *slots) leave(venue booking.VenueID, v *venueSlots) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.users--; v.users == 0 {
		delete(s.venues, venue)
	}
}
