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
	// Wrong counts the slots whose availability is not their capacity less what is booked, on whatever node.
	Wrong int `json:"wrong_slots"`
}

// verdict is an error if the audit found what must never be.
func (a Audit) verdict() error {
	if a.Oversold > 0 || a.Lost > 0 || a.Wrong > 0 {
		return fmt.Errorf("%w: %d places oversold, %d bookings lost, %d slots shown wrong", ErrBroken, a.Oversold, a.Lost, a.Wrong)
	}
	return nil
}

// audit checks one venue, whose load has ended. Acknowledged are the bookings that were made and not cancelled, by start.
func (s *session) audit(ctx context.Context, v benchVenue, acknowledged map[int64]int) (Audit, error) {
	var a Audit
	taken := make(map[int64]int)
	for b, err := range s.nodes[0].client.Bookings(ctx, v.venue, client.BookingsQuery{
		To: v.to(), Statuses: claimingStatuses, PageSize: auditPage,
	}) {
		if err != nil {
			return a, fmt.Errorf("list the bookings of %s: %w", v.venue, err)
		}
		a.Bookings++
		for _, claim := range b.Claims {
			taken[b.Start.Unix()] += claim.Units
		}
	}
	for _, start := range v.starts {
		key := start.Unix()
		a.Oversold += max(0, taken[key]-v.capacity)
		a.Lost += max(0, acknowledged[key]-taken[key])
	}
	position, err := s.latestPosition(ctx, v)
	if err != nil {
		return a, err
	}
	for _, n := range s.nodes {
		shown, err := n.shown(ctx, v, position)
		if err != nil {
			return a, err
		}
		a.Wrong += v.wrong(taken, shown)
	}
	return a, nil
}

// wrong counts the slots that are not shown with the places that are left.
func (s benchVenue) wrong(taken map[int64]int, shown map[int64]client.Slot) int {
	wrong := 0
	for _, start := range s.starts {
		key := start.Unix()
		slot, ok := shown[key]
		if !ok || slot.Capacity != s.capacity || slot.Remaining != s.capacity-taken[key] {
			wrong++
		}
	}
	return wrong
}

// taking are the statuses of bookings that take places.
var claimingStatuses = []client.BookingStatus{client.Held, client.Confirmed, client.Completed, client.NoShow}

// latestPosition returns a position of the venue behind all that was booked before, which any node must show who is asked for it. It is
// that of one more booking, a day after the last slot. A single node has nobody to wait for, so it has no position.
func (s *session) latestPosition(ctx context.Context, v benchVenue) (position string, err error) {
	if len(s.nodes) == 1 {
		return "", nil
	}
	b, err := s.nodes[0].client.Book(ctx, v.venue, bookingOf(v.starts[len(v.starts)-1].AddDate(0, 0, 1)))
	if err != nil {
		return "", fmt.Errorf("book after the last slot of %s: %w", v.venue, err)
	}
	return b.Position, nil
}

// shown is the availability of all of a venue's slots by start, at a position or behind it.
func (n *node) shown(ctx context.Context, v benchVenue, atLeast string) (map[int64]client.Slot, error) {
	slots := make(map[int64]client.Slot)
	last := v.starts[len(v.starts)-1]
	for from := v.starts[0]; !from.After(last); from = from.AddDate(0, 0, auditDays) {
		q := v.query()
		q.From, q.To, q.AtLeast = from.Format(time.DateOnly), from.AddDate(0, 0, auditDays-1).Format(time.DateOnly), atLeast
		a, err := n.client.Availability(ctx, q)
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
