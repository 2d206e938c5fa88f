package schedule

import (
	"slices"
	"sort"
	"time"

	"vacancy/internal/booking"
)

// Hours are the openings of one schedule over a span of time, ready to be asked about many starts.
type Hours struct {
	openings  []Opening
	intervals Intervals
	// longestOpening is the length of the longest opening: how far back one that holds an instant can have begun.
	longestOpening time.Duration
}

// HoursOver are the hours of [start, end): every opening that touches it is among them. What lies outside is incomplete.
func HoursOver(s booking.Schedule, zone *time.Location, start, end time.Time) Hours {
	// A period ends on its own date or the next one. On the date after that, and on the date before its own, it can be open only
	// where the clock is put back across midnight.
	from, to := booking.DateOf(start.In(zone)).AddDays(-2), booking.DateOf(end.In(zone)).AddDays(1)
	h := Hours{openings: Openings(s, zone, from, to)}
	h.intervals = MergeOpenings(h.openings)
	for _, o := range h.openings {
		h.longestOpening = max(h.longestOpening, o.End.Sub(o.Start))
	}
	return h
}

// Starts are the starts of all openings that are in [from, to), ascending, each once.
func (h Hours) Starts(step time.Duration, from, to time.Time) []time.Time {
	var starts []time.Time
	ascending := true
	for _, o := range h.openings[h.firstOpenAt(from):] {
		if !o.Start.Before(to) {
			break
		}
		before := len(starts)
		starts = o.appendStarts(starts, step, from, to)
		if 0 < before && before < len(starts) && !starts[before-1].Before(starts[before]) {
			ascending = false
		}
	}
	if !ascending { // openings overlap: in a fold, or where an exception runs into the next date's hours
		slices.SortFunc(starts, time.Time.Compare)
		starts = slices.CompactFunc(starts, time.Time.Equal)
	}
	return starts
}

// IsStart tells whether t is a start of any of the openings.
func (h Hours) IsStart(t time.Time, step time.Duration) bool {
	for i := h.firstOpenAt(t); i < len(h.openings) && !t.Before(h.openings[i].Start); i++ {
		if h.openings[i].IsStart(t, step) {
			return true
		}
	}
	return false
}

// Covers tells whether it is open during all of [start, end).
func (h Hours) Covers(start, end time.Time) bool { return h.intervals.Covers(start, end) }

// OpenUntil is when it closes after t; false if it is not open at t.
func (h Hours) OpenUntil(t time.Time) (end time.Time, open bool) {
	if i, found := h.intervals.at(t); found {
		return h.intervals[i].End, true
	}
	return time.Time{}, false
}

// OpeningAt is the latest opening that is open at t; false if there is none.
func (h Hours) OpeningAt(t time.Time) (found Opening, open bool) {
	for i := h.firstOpenAt(t); i < len(h.openings) && !t.Before(h.openings[i].Start); i++ {
		if t.Before(h.openings[i].End) {
			found, open = h.openings[i], true
		}
	}
	return found, open
}

// firstOpenAt is the index of the first opening that can still be open at t.
func (h Hours) firstOpenAt(t time.Time) int {
	t = t.Add(-h.longestOpening)
	return sort.Search(len(h.openings), func(i int) bool { return t.Before(h.openings[i].Start) })
}
