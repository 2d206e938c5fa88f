package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/client"
)

// ErrBroken is what a load returns when it saw something that must never happen. The report says what.
var ErrBroken = errors.New("the server broke a promise")

// Audit compares, after a run, what the server lists with what it acknowledged and with what there is room for.
type Audit struct {
	// Bookings are those that the API lists and that take places.
	Bookings int `json:"bookings"`
	// Oversold counts the places beyond capacity, over all slots.
	Oversold int `json:"oversold"`
	// Lost counts the bookings that were acknowledged and are not listed.
	Lost int `json:"lost"`
	// Wrong counts the slots whose availability is not their capacity less what is booked.
	Wrong int `json:"wrong_slots"`
}

// verdict is an error if the audit found what must never be.
func (a Audit) verdict() error {
	if a.Oversold > 0 || a.Lost > 0 || a.Wrong > 0 {
		return fmt.Errorf("%w: %d places oversold, %d bookings lost, %d slots shown wrong", ErrBroken, a.Oversold, a.Lost, a.Wrong)
	}
	return nil
}

const (
	// auditPage is how many bookings are read at a time: as many as the server allows.
	auditPage = 200
	// auditDays is the longest window of availability.
	auditDays = 62
)

// audit checks one venue. Acknowledged are the bookings that were made and not cancelled, by start.
func (s *session) audit(ctx context.Context, v stage, acknowledged map[int64]int) (Audit, error) {
	var a Audit
	taken := make(map[int64]int)
	for b, err := range s.client.Bookings(ctx, v.venue, client.BookingsQuery{Statuses: taking, PageSize: auditPage}) {
		if err != nil {
			return a, fmt.Errorf("list the bookings of %s: %w", v.venue, err)
		}
		a.Bookings++
		for _, claim := range b.Claims {
			taken[b.Start.Unix()] += claim.Units
		}
	}
	shown, err := s.shown(ctx, v)
	if err != nil {
		return a, err
	}
	for _, start := range v.starts {
		key := start.Unix()
		a.Oversold += max(0, taken[key]-v.capacity)
		a.Lost += max(0, acknowledged[key]-taken[key])
		slot, ok := shown[key]
		if !ok || slot.Capacity != v.capacity || slot.Remaining != v.capacity-taken[key] {
			a.Wrong++
		}
	}
	return a, nil
}

// taking are the statuses of bookings that take places.
var taking = []client.BookingStatus{client.Held, client.Confirmed, client.Completed, client.NoShow}

// shown is the availability of all of a venue's slots by start.
func (s *session) shown(ctx context.Context, v stage) (map[int64]client.Slot, error) {
	slots := make(map[int64]client.Slot)
	last := v.starts[len(v.starts)-1]
	for from := v.starts[0]; !from.After(last); from = from.AddDate(0, 0, auditDays) {
		q := v.query()
		q.From, q.To = from.Format(time.DateOnly), from.AddDate(0, 0, auditDays-1).Format(time.DateOnly)
		a, err := s.client.Availability(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("availability of %s: %w", v.venue, err)
		}
		for _, day := range a.Days {
			for _, slot := range day.Slots {
				slots[slot.Start.Unix()] = slot
			}
		}
	}
	return slots, nil
}

func (a Audit) plus(b Audit) Audit {
	return Audit{a.Bookings + b.Bookings, a.Oversold + b.Oversold, a.Lost + b.Lost, a.Wrong + b.Wrong}
}
