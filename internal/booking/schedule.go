package booking

import "fmt"

// Exception replaces the weekly hours of one date: closed, or open in other hours.
type Exception struct {
	Date   Date     `json:"date"`
	Closed bool     `json:"closed,omitempty"`
	Hours  []Period `json:"hours,omitempty"`
}

// Schedule says when a resource is open, in the clock of the venue's zone. At most one exception stands for each date.
type Schedule struct {
	Weekly     WeeklyHours `json:"hours"`
	Exceptions []Exception `json:"exceptions,omitempty"`
}

// On is what the schedule says of one date: the periods that start on it.
func (s Schedule) On(date Date) []Period {
	for _, e := range s.Exceptions {
		if e.Date == date {
			return e.Hours
		}
	}
	return s.Weekly[date.Weekday()]
}

func (s Schedule) check(c *checker) {
	for day := range s.Weekly {
		field := "hours." + Weekdays[day]
		c.periods(field, s.Weekly[day])
		// A period that runs over midnight meets the next day's; the week is a ring.
		next := (day + 1) % 7
		c.require(!overlapsNext(s.Weekly[day], s.Weekly[next]), field, "runs over midnight into the hours of %s", Weekdays[next])
	}
	c.require(len(s.Exceptions) <= MaxExceptions, "exceptions", "must be at most %d", MaxExceptions)
	seen := make(map[Date]bool, len(s.Exceptions))
	for i, e := range s.Exceptions {
		field := fmt.Sprintf("exceptions[%d]", i)
		c.require(e.Date.valid(), field+".date", "must be a date such as 2026-11-24")
		c.require(!seen[e.Date], field+".date", "is given twice")
		c.require(e.Closed == (len(e.Hours) == 0), field, "must have either closed or hours")
		c.periods(field+".hours", e.Hours)
		seen[e.Date] = true
	}
}

func (c *checker) periods(field string, periods []Period) {
	c.require(len(periods) <= MaxPeriodsPerDay, field, "must have at most %d periods", MaxPeriodsPerDay)
	for i, p := range periods {
		at := fmt.Sprintf("%s[%d]", field, i)
		valid := p.Open >= 0 && p.Open < MinutesPerDay && p.Close > p.Open &&
			(p.Close-p.Open < MinutesPerDay || p == Period{Open: 0, Close: MinutesPerDay}) // others of 24 hours cannot be written
		c.require(valid, at, "must open before it closes, within a day")
		for _, q := range periods[:i] {
			c.require(p.Close <= q.Open || q.Close <= p.Open, at, "overlaps %s", q)
		}
	}
}

func overlapsNext(today, tomorrow []Period) bool {
	for _, p := range today {
		for _, q := range tomorrow {
			if p.Close-MinutesPerDay > q.Open {
				return true
			}
		}
	}
	return false
}
