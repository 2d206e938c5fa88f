package availability

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// NewlyClosed is the time from the first instant to the last at which a schedule was open and the next one is not, from now on until a
// date: zero times if there is none.
func NewlyClosed(old, next booking.Schedule, zone *time.Location, now time.Time, until booking.Date) (from, to time.Time) {
	today := booking.DateOf(now.In(zone))
	for date := today.AddDays(-1); date.Compare(until) <= 0; date = date.AddDays(1) { // yesterday's periods may run over midnight
		for _, o := range schedule.Openings(old, zone, date, date) {
			if !o.End.After(now) || OpenThroughout(next, zone, o.Start, o.End) {
				continue
			}
			if from.IsZero() {
				from = o.Start
			}
			if o.End.After(to) {
				to = o.End
			}
		}
	}
	return from, to
}

// OpenThroughout tells whether a schedule is open during all of [start, end).
func OpenThroughout(s booking.Schedule, zone *time.Location, start, end time.Time) bool {
	start, end = start.In(zone), end.In(zone)
	return schedule.HoursOver(s, zone, start, end).Covers(start, end)
}
