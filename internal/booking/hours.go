package booking

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// MinutesPerDay is the length of a day as the clock on the wall counts it.
const MinutesPerDay = 24 * 60

// Period is a span of opening on one date, in minutes of the wall clock after that date's midnight. Close is beyond
// [MinutesPerDay] if the period runs over midnight. A period belongs to the date it starts on.
type Period struct {
	Open, Close int
}

// ParsePeriod reads "09:00-17:00". "22:00-02:00" runs over midnight; "00:00-24:00" is a whole day; opening and closing must differ.
func ParsePeriod(s string) (Period, error) {
	bad := fmt.Errorf("%q is not a period such as 09:00-17:00", s)
	if len(s) != len("09:00-17:00") || s[5] != '-' {
		return Period{}, bad
	}
	open, ok1 := parseClock(s[:5])
	end, ok2 := parseClock(s[6:])
	if !ok1 || !ok2 || open == MinutesPerDay || open == end {
		return Period{}, bad
	}
	if end < open {
		end += MinutesPerDay
	}
	return Period{Open: open, Close: end}, nil
}

// parseClock reads "00:00" to "24:00" as minutes.
func parseClock(s string) (int, bool) {
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	hours, minutes := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	total := hours*60 + minutes
	return total, s[2] == ':' && minutes < 60 && total <= MinutesPerDay
}

// String is what [ParsePeriod] reads.
func (p Period) String() string {
	end := p.Close
	if end > MinutesPerDay {
		end -= MinutesPerDay
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", p.Open/60, p.Open%60, end/60, end%60)
}

// MarshalText writes the period as [Period.String] does.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParsePeriod] reads.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}

// Weekdays in the order and the words of the API.
var Weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// WeeklyHours are the periods of each day of the week, indexed by [time.Weekday].
type WeeklyHours [7][]Period

// MarshalJSON writes {"mon":["09:00-17:00"], ...}, without the days that have no periods.
func (w WeeklyHours) MarshalJSON() ([]byte, error) {
	days := make(map[string][]Period, len(w))
	for day, periods := range w {
		if len(periods) > 0 {
			days[Weekdays[day]] = periods
		}
	}
	return json.Marshal(days)
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses words that are no weekday.
func (w *WeeklyHours) UnmarshalJSON(data []byte) error {
	var days map[string][]Period
	if err := json.Unmarshal(data, &days); err != nil {
		return err
	}
	*w = WeeklyHours{}
	for word, periods := range days {
		day := slices.Index(Weekdays[:], word)
		if day < 0 {
			return fmt.Errorf("%q is not a weekday", word)
		}
		w[day] = periods
	}
	return nil
}

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

// Bounds of a schedule.
const (
	MaxPeriodsPerDay = 24
	MaxExceptions    = 1000
)

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

// zoneForm is how names of the database look. They begin with a capital: what a system keeps beside them does not, such as localtime,
// posixrules and right/... (which counts leap seconds). No part is empty or a dot, for a file would be found all the same.
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

// LoadZone is the zone of an IANA name such as "Europe/Berlin". It refuses "", "Local", and whatever is no name of the
// database, paths among it.
func LoadZone(name string) (*time.Location, error) {
	if name == "Local" || name == "Factory" || !zoneForm.MatchString(name) { // Factory is the database's word for "not set up"
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	return zone, nil
}
