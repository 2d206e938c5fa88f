package desk_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// counting counts transactions.
type counting struct {
	desk.Store
	calls *atomic.Int64
}

func (s counting) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	s.calls.Add(1)
	return s.Store.Update(ctx, needs, decide)
}

// A crowd waits for one slot with fewer places, and the store rejects what one of them would write. That one is found by halving:
// the others are served in order of arrival as if it had not come, and not at the price of a transaction each.
func TestOneRejectedAmongMany(t *testing.T) {
	t.Parallel()
	const crowd, places, poisoned = 500, 400, 123
	s := newShop(t)
	var calls atomic.Int64
	n := s.open(t, counting{rejecting{hiddenDue{s.store}, "poison"}, &calls})
	furnishVenues(t, n, places, []booking.ResourceID{"a"}, "barber")
	release := n.hold(t)
	wait := n.line(t, crowd, func(i int) error {
		r := request(at(10, 0))
		if i == poisoned {
			r.Customer.Name = "poison"
		}
		_, err := n.Book(t.Context(), anybody, r)
		return err
	})
	calls.Store(0)
	release()
	for i, err := range wait() {
		switch {
		case i == poisoned:
			if !errors.Is(err, store.ErrRejected) {
				t.Errorf("what the store rejects was answered with %v", err)
			}
		case i <= places:
			if err != nil {
				t.Errorf("booking %d of %d: %v", i, places, err)
			}
		case !errors.Is(err, booking.ErrSlotUnavailable):
			t.Errorf("booking %d, when all places were taken: %v", i, err)
		}
	}
	if taken := s.taken(t, "a", at(10, 0)); taken != places {
		t.Errorf("%d places are taken of %d", taken, places)
	}
	// The command that held the lane, all of them, and two halves for each of the nine times that 500 is halved.
	if most := int64(1 + 1 + 2*9); calls.Load() > most {
		t.Errorf("one rejected command among %d took %d transactions, more than %d", crowd, calls.Load(), most)
	}
}

// The same for a command that panics, in a transaction of several venues.
func TestPanicAmongVenues(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, hiddenDue{s.store})
	venues := []booking.VenueID{"barber", "east", "north", "south", "west"}
	furnishVenues(t, n, 1, []booking.ResourceID{"a"}, venues...)
	release := n.hold(t)
	wait := n.line(t, 4*len(venues), func(i int) error {
		venue := venues[i%len(venues)]
		if i == 8 {
			return n.Panic(t.Context(), venue)
		}
		_, err := n.Book(t.Context(), anybody, in(venue, request(at(10, 0).Add(timeStep(i/len(venues))))))
		return err
	})
	release()
	for i, err := range wait() {
		if (err != nil) != (i == 8) {
			t.Errorf("command %d: %v", i, err)
		}
	}
}

// A venue that cannot be read costs its own commands, and is read once more to find out which it is, however many wait.
func TestUnreadableVenue(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var tries atomic.Int64
	n := s.open(t, hiddenDue{s.store}, func(c *desk.Config) { c.View = blindView{c.View, "north", &tries} })
	furnishVenues(t, n, 1, []booking.ResourceID{"a"}, "barber", "south")
	release := n.hold(t)
	wait := n.line(t, 20, func(i int) error {
		if i%2 == 0 {
			_, err := n.Book(t.Context(), anybody, in("south", request(at(9, 0).Add(timeStep(i/2)))))
			return err
		}
		_, err := n.Book(t.Context(), anybody, in("north", request(at(9, 0))))
		return err
	})
	release()
	for i, err := range wait() {
		if errors.Is(err, errBlind) != (i%2 == 1) || i%2 == 0 && err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if tries.Load() != 2 {
		t.Errorf("a venue that cannot be read was tried %d times", tries.Load())
	}
}

var errBlind = errors.New("the venue's zone is unknown")

// blindView cannot read one venue.
type blindView struct {
	desk.View
	venue booking.VenueID
	tries *atomic.Int64
}

func (v blindView) Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	if id == v.venue {
		v.tries.Add(1)
		return nil, errBlind
	}
	return v.View.Picture(ctx, id)
}
