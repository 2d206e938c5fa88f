package booking

import (
	"encoding/json"
	"fmt"
	"slices"
)

// MinutesPerDay is the length of a day as the clock on the wall counts it.
const MinutesPerDay = 24 * 60

// Period is a span of opening on one date, in minutes of the wall clock after that date's midnight. Close is beyond
// [MinutesPerDay] if the period runs over midnight. A period belongs to the date it starts on.
type Period struct {
	Open, Close int
}

// ParsePeriod reads "09:00-17:00". "22:00-02:00" runs over midnight; "00:00-24:00" is a whole day; opening and closing must
// differ.
func ParsePeriod(s string) (Period, error) {
	bad := fmt.Errorf("%q is not a period such as 09:00-17:00", s)
	if len(s) != len("09:00-17:00") || s[5] != '-' {
		return Period{}, bad
	}
	open, ok1 := parseClock(s[:5])
	end, ok2 := parseClock(s[6:])
	if !ok1 || !ok2 || open == MinutesPerDay {
		return Period{}, bad
	}
	if open == end {
		return Period{}, fmt.Errorf("%q closes when it opens: %s", s, wholeDay(open))
	}
	if end < open {
		end += MinutesPerDay
	}
	return Period{Open: open, Close: end}, nil
}

// wholeDay says how 24 hours from an opening on are written.
func wholeDay(open int) string {
	if open == 0 {
		return "a whole day is 00:00-24:00"
	}
	clock := fmt.Sprintf("%02d:%02d", open/60, open%60)
	return "24 hours are " + clock + "-24:00 on one day and 00:00-" + clock + " on the next"
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
