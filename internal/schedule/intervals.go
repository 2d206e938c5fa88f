package schedule

import (
	"sort"
	"time"
)

// Interval is a stretch of open time, [Start, End).
type Interval struct {
	Start, End time.Time
}

// Intervals are stretches of open time in ascending order, with closed time between any two.
type Intervals []Interval

// MergeOpenings merges openings, which must be in order of their starts, as [Openings] returns them. Those that touch or overlap become one
// interval: a booking may run across 12:00 in "09:00-12:00", "12:00-17:00", and over midnight from one date's period into the next
// date's.
func MergeOpenings(openings []Opening) Intervals {
	merged := make(Intervals, 0, len(openings))
	for _, o := range openings {
		last := len(merged) - 1
		switch {
		case last < 0 || merged[last].End.Before(o.Start):
			merged = append(merged, Interval{Start: o.Start, End: o.End})
		case merged[last].End.Before(o.End):
			merged[last].End = o.End
		}
	}
	return merged
}

// Covers tells whether it is open during all of [start, end).
func (is Intervals) Covers(start, end time.Time) bool {
	if !start.Before(end) {
		return true
	}
	i, found := is.at(start)
	return found && !is[i].End.Before(end)
}

// at is the index of the interval that holds t; false if none does.
func (is Intervals) at(t time.Time) (i int, found bool) {
	i = sort.Search(len(is), func(i int) bool { return t.Before(is[i].Start) }) - 1
	return i, i >= 0 && t.Before(is[i].End)
}
