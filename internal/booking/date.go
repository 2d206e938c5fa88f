package booking

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, in no zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-11-24". It refuses dates that the calendar does not have.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-11-24", s)
	}
	return DateOf(t), nil
}

// DateOf is the date that t's clock shows, in t's zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// String is "2026-11-24".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// AddDays moves d by n days, which may be negative.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n)) }

// Weekday is d's day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare is negative if d is before e, zero if they are the same day, positive if d is after e.
func (d Date) Compare(e Date) int { return d.utc().Compare(e.utc()) }

// DaysUntil counts the days from d to e; it is negative if e comes first.
func (d Date) DaysUntil(e Date) int {
	const secondsPerDay = 24 * 60 * 60 // a time.Duration ends after 292 years
	return int((e.utc().Unix() - d.utc().Unix()) / secondsPerDay)
}

// valid tells whether the calendar has the date.
func (d Date) valid() bool { return d.Year >= 1 && d == DateOf(d.utc()) }

// MarshalText writes the date as [Date.String] does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}
