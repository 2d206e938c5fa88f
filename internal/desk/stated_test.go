package desk_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// compareStated replays the changes of a venue: each transition names the one before of its booking, and the last states the whole booking
// as it is stored, but for personal data.
func compareStated(ctx context.Context, s store.Store, venue booking.VenueID) error {
	changes, err := s.Changes(ctx, venue, 0, 10_000)
	if err != nil {
		return err
	}
	last := make(map[booking.BookingID]booking.Revision)
	stated := make(map[booking.BookingID]*booking.BookingTransition)
	for _, c := range changes {
		for _, e := range c.Entries {
			b := e.Booking
			if b == nil {
				continue
			}
			if b.Previous != last[b.ID] {
				return fmt.Errorf("revision %d of booking %s says that %d was before, and it was %d", c.Revision, b.ID, b.Previous, last[b.ID])
			}
			last[b.ID], stated[b.ID] = c.Revision, b
		}
	}
	stored, err := s.Bookings(ctx, venue, store.Filter{Limit: 1000})
	if err != nil {
		return err
	}
	for _, b := range stored {
		t := stated[b.ID]
		if t == nil {
			return fmt.Errorf("no change is of booking %s", b.ID)
		}
		claims, known := t.Claims()
		want := b.Claims
		if !b.Status.Claims() {
			want = nil
		}
		if !known || !reflect.DeepEqual(claims, want) || !t.End.Equal(b.End) || !t.ExpiresAt.Equal(b.ExpiresAt) || t.Status != b.Status {
			return fmt.Errorf("the last change of booking %s states %+v, and it is %+v", b.ID, t, b)
		}
	}
	return nil
}

func TestChangesStateTheWholeBooking(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a", "b")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	must(t, compareStated(t.Context(), s.store, "barber"))
	_, err = n.Extend(t.Context(), holder(held.Token), transition(held.Booking))
	must(t, err)
	must(t, compareStated(t.Context(), s.store, "barber"))
	_, err = n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada)
	must(t, err)
	_, err = n.Book(t.Context(), anybody, request(at(11, 0)))
	must(t, err)
	must(t, compareStated(t.Context(), s.store, "barber"))
	_, err = n.Cancel(t.Context(), holder(held.Token), transition(held.Booking))
	must(t, err)
	must(t, compareStated(t.Context(), s.store, "barber"))
}

// What is not stated is noticed.
func TestChangesThatStateLess(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	_, err = n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada)
	must(t, err)
	for name, forget := range map[string]func(*booking.BookingTransition){
		"previous": func(t *booking.BookingTransition) { t.Previous = 0 },
		"claims":   func(t *booking.BookingTransition) { t.Unchanged = nil },
		"end":      func(t *booking.BookingTransition) { t.End = t.Start },
	} {
		if err := compareStated(t.Context(), forgetting{s.store, forget}, "barber"); err == nil {
			t.Errorf("that changes lack the %s was not noticed", name)
		}
	}
}

// forgetting reads transitions without something.
type forgetting struct {
	store.Store
	forget func(*booking.BookingTransition)
}

func (f forgetting) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) ([]booking.Change, error) {
	changes, err := f.Store.Changes(ctx, venue, after, limit)
	for _, c := range changes {
		for _, e := range c.Entries {
			if e.Booking != nil {
				f.forget(e.Booking)
			}
		}
	}
	return changes, err
}
