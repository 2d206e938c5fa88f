package desk_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// Staff book inside the notice, beyond the horizon, off the grid, and a customer who has just come in, if they say so: while the resource
// is open, and never more than there is room for. It is recorded in the change. Nobody else can.
func TestOverride(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, hiddenDue{s.store})
	furnish(t, n, "a")
	cut := service("a")
	cut.MinNotice = 4 * time.Hour
	_, err := n.PutService(t.Context(), staff, cut, desk.Condition{})
	must(t, err)
	s.clock.Advance(at(10, 0).Add(10 * time.Minute).Sub(monday)) // ten past ten
	for name, c := range map[string]struct {
		start     time.Time
		want, may error
	}{
		"inside the notice":   {at(11, 0), booking.ErrTooSoon, nil},
		"beyond the horizon":  {at(10, 0).AddDate(0, 0, 60), booking.ErrBeyondHorizon, nil},
		"off the grid":        {at(15, 0).AddDate(0, 0, 1).Add(7 * time.Minute), booking.ErrNotASlot, nil},
		"begun a moment ago":  {at(10, 0), booking.ErrTooSoon, nil},
		"over":                {at(9, 0), booking.ErrTooSoon, booking.ErrTooSoon},
		"before the opening":  {at(8, 45).AddDate(0, 0, 1), booking.ErrNotASlot, booking.ErrNotASlot},
		"over the closing":    {at(16, 45).AddDate(0, 0, 1), booking.ErrNotASlot, booking.ErrNotASlot},
		"between two seconds": {at(11, 30).AddDate(0, 0, 1).Add(time.Millisecond), booking.ErrNotASlot, booking.ErrNotASlot},
	} {
		if _, err := n.Book(t.Context(), staff, request(c.start)); !errors.Is(err, c.want) {
			t.Errorf("%s, without an override: %v", name, err)
		}
		r := request(c.start)
		r.Override = true
		for _, a := range []booking.Actor{anybody, holder("token")} {
			if _, err := n.Book(t.Context(), a, r); !errors.Is(err, booking.ErrForbidden) {
				t.Errorf("%s, by %s: %v", name, a.Name(), err)
			}
		}
		made, err := n.Book(t.Context(), staff, r)
		if !errors.Is(err, c.may) || err == nil && c.may != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if _, err := n.Book(t.Context(), staff, r); !errors.Is(err, booking.ErrSlotUnavailable) {
			t.Errorf("%s, where it is taken: %v", name, err)
		}
		changes, err := s.store.Changes(t.Context(), "barber", made.Position.Revision-1, 1)
		must(t, err)
		if step := changes[0].Entries[0].Booking; step == nil || !step.Override {
			t.Errorf("%s: the change does not tell of the override", name)
		}
	}
	plain, err := n.Book(t.Context(), staff, request(at(9, 0).AddDate(0, 0, 2)))
	must(t, err)
	changes, err := s.store.Changes(t.Context(), "barber", plain.Position.Revision-1, 1)
	must(t, err)
	if changes[0].Entries[0].Booking.Override {
		t.Error("the change of a plain booking tells of an override")
	}
}
