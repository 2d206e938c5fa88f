package availability

import (
	"errors"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// Start is one start of a service that the rules of time allow to book now, with the room that is left: possibly none.
type Start struct {
	// Start and End are in the query's zone. Compare them with Equal: == also asks whether two zones were loaded at once.
	Start, End time.Time
	// Remaining and Capacity are as in [booking.Slot].
	Remaining, Capacity int
	// Largest is the largest party that one booking at this start can be for now; 0 if there is room for none.
	Largest int
}

// Day is what can be booked on one local date.
type Day struct {
	Date booking.Date
	// Starts are those whose local date it is, whichever date's period they belong to, ascending.
	Starts []Start
	// Boundary is the last instant, up to now, at which time alone changed Starts; Next is the next one. They are zero if there is
	// none. Time changes Starts when the date enters the horizon and when a start is inside the notice.
	Boundary, Next time.Time
}

// ForDay answers for one local date.
func ForDay(q Query, date booking.Date) Day { return ForDays(q, date, date)[0] }

// ForDays answers for the local dates from..to, both inclusive.
func ForDays(q Query, from, to booking.Date) []Day {
	days := make([]Day, max(from.DaysUntil(to)+1, 0))
	enters := make([]time.Time, len(days))
	for i := range days {
		days[i].Date = from.AddDays(i)
		enters[i] = schedule.Midnight(q.Zone, days[i].Date.AddDays(-q.Service.HorizonDays))
	}
	begin, end := schedule.DateBounds(q.Zone, from, to)
	p := newPool(q, begin, end)
	for _, start := range p.candidates(begin, end) {
		i := from.DaysUntil(booking.DateOf(start))
		if i < 0 || i >= len(days) {
			continue // the clock is put back across midnight, and shows a neighbour's date within the span
		}
		s, err := p.evaluate(start)
		if errors.Is(err, booking.ErrNotASlot) {
			continue
		}
		days[i].noteBoundaries(q.Now, enters[i], p.bookableUntil(start))
		if err == nil {
			days[i].Starts = append(days[i].Starts, s)
		}
	}
	return days
}

// noteBoundaries notes the times at which a start comes and goes. One that goes before it comes is never there.
func (d *Day) noteBoundaries(now, comes, goes time.Time) {
	if !comes.Before(goes) {
		return
	}
	for _, at := range [2]time.Time{comes, goes} {
		switch {
		case at.After(now):
			if d.Next.IsZero() || at.Before(d.Next) {
				d.Next = at
			}
		case at.After(d.Boundary):
			d.Boundary = at
		}
	}
}
