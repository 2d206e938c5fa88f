package live

import (
	"time"

	"vacancy/internal/booking"
)

// dateRange are the dates from first to last, both inclusive. It is empty if last is before first.
type dateRange struct{ first, last booking.Date }

func (r dateRange) contains(d booking.Date) bool {
	return d.Compare(r.first) >= 0 && d.Compare(r.last) <= 0
}

// intersect are the dates that are in both.
func (r dateRange) intersect(o dateRange) dateRange {
	if o.first.Compare(r.first) > 0 {
		r.first = o.first
	}
	if o.last.Compare(r.last) < 0 {
		r.last = o.last
	}
	return r
}

// days is how many dates there are.
func (r dateRange) days() int { return max(r.first.DaysUntil(r.last)+1, 0) }

// bookableDates are the dates that can have starts of a service now. All others are closed, whatever is booked: a day state is kept for
// these alone. There is a day more at either end, so that a day state is there before its date enters the horizon, and for clocks that
// are put back across midnight.
func bookableDates(zone *time.Location, horizonDays int, now time.Time) dateRange {
	today := booking.DateOf(now.In(zone))
	return dateRange{first: today.AddDays(-1), last: today.AddDays(horizonDays + 1)}
}

// entersAt is when a window should have a day state for a date beyond the horizon: half a day before the last moment at which that
// makes no difference. Noon, because no clock is changed then.
func entersAt(zone *time.Location, horizonDays int, date booking.Date) time.Time {
	d := date.AddDays(-horizonDays - 1)
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone)
}

// overAt is a time at which all starts of a date are past: the noon after it.
func overAt(zone *time.Location, date booking.Date) time.Time {
	d := date.AddDays(1)
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone)
}
