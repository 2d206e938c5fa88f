package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// expires tells whether a node on such a store expires a hold of the barber's within some seconds, when it has run out.
func expires(t *testing.T, decorate func(desk.Store) desk.Store) (expired bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		n := s.open(t, hiddenDue{s.store})
		furnishVenues(t, n, 1, []booking.ResourceID{"a"}, "barber", "stuck")
		_, err := n.Book(t.Context(), anybody, in("stuck", hold(at(10, 0))))
		must(t, err)
		s.clock.Advance(time.Second) // so that it is due later
		held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
		must(t, err)
		s.clock.Advance(time.Hour)
		s.open(t, decorate(s.store), func(c *desk.Config) { c.Lanes, c.VenuesPerTransaction = 2, 32 })
		<-time.After(8 * time.Second)
		b, err := s.store.Booking(t.Context(), "barber", held.Booking.ID)
		must(t, err)
		expired = b.Status == booking.Expired
	})
	return expired
}

// inTurn tells of one due venue at a time, as an expirer would see it that goes from one to the next.
type inTurn struct{ desk.Store }

func (s inTurn) Due(ctx context.Context, _ int) ([]booking.VenueID, time.Time, error) {
	return s.Store.Due(ctx, 1)
}

// The transactions of one venue take too long, as when it is settled what became of a commit. Holds of others expire meanwhile.
func TestStuckVenueDelaysNoExpiry(t *testing.T) {
	t.Parallel()
	if !expires(t, func(s desk.Store) desk.Store { return contendedStore{s, "stuck", true} }) {
		t.Error("a hold was not expired while another venue was stuck")
	}
	if expires(t, func(s desk.Store) desk.Store { return inTurn{contendedStore{s, "stuck", true}} }) {
		t.Error("negative control: one after the other it was expired too, so the check proves nothing")
	}
}

// slowSweep has so much to delete that it never comes to an end.
type slowSweep struct{ desk.Store }

func (s slowSweep) SweepAnswers(ctx context.Context, _ int) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// A first cleaning of a large database takes long. Holds expire meanwhile.
func TestSweepDelaysNoExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		n := s.open(t, hiddenDue{s.store})
		furnishVenues(t, n, 1, []booking.ResourceID{"a"}, "barber")
		s.open(t, slowSweep{s.store})
		<-time.After(2 * time.Minute) // it has begun to delete
		held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
		must(t, err)
		s.clock.Advance(time.Hour)
		<-time.After(3 * time.Second)
		b, err := s.store.Booking(t.Context(), "barber", held.Booking.ID)
		must(t, err)
		if b.Status != booking.Expired {
			t.Errorf("a hold that ran out while much was deleted is %s", b.Status)
		}
	})
}

var errSpoilt = errors.New("a row cannot be read")

// spoilt has venues with due holds in front of all others, more than are looked up at once, and fails for each of them.
type spoilt struct {
	desk.Store
	// most is the most that it lists.
	most int
}

func (s spoilt) Due(ctx context.Context, limit int) (due []booking.VenueID, _ time.Time, _ error) {
	limit = min(limit, s.most)
	for i := range min(limit, 150) {
		due = append(due, booking.VenueID(fmt.Sprintf("spoilt-%d", i)))
	}
	if len(due) == limit {
		return due, time.Time{}, nil
	}
	rest, next, err := s.Store.Due(ctx, limit-len(due))
	return append(due, rest...), next, err
}

func (s spoilt) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	for _, need := range needs {
		if strings.HasPrefix(string(need.Venue), "spoilt") {
			return errSpoilt
		}
	}
	return s.Store.Update(ctx, needs, decide)
}

func TestVenuesThatFailAreNotAllThatIsSeen(t *testing.T) {
	t.Parallel()
	if !expires(t, func(s desk.Store) desk.Store { return spoilt{s, 1000} }) {
		t.Error("a hold was not expired for many venues that fail")
	}
	if expires(t, func(s desk.Store) desk.Store { return spoilt{s, 100} }) {
		t.Error("negative control: when no more are listed, it was expired too, so the check proves nothing")
	}
}
