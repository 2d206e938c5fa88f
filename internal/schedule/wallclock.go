package schedule

import (
	"math"
	"time"

	"vacancy/internal/booking"
)

const secondsPerDay = 24 * 60 * 60

// maxOffsetChange is more than any zone has ever been off UTC, or jumped: Manila and Alaska once skipped or repeated a whole day.
const maxOffsetChange = 2 * secondsPerDay

// segment is a stretch of time, [start, end), in which a zone keeps one offset from UTC: wall = instant + offset.
type segment struct {
	start, end, offset int64
}

func (s segment) has(instant int64) bool { return s.start <= instant && instant < s.end }

// segmentAt is the zone's segment around an instant.
func segmentAt(zone *time.Location, instant int64) segment {
	t := time.Unix(instant, 0).In(zone)
	_, offset := t.Zone()
	s := segment{start: math.MinInt64, end: math.MaxInt64, offset: int64(offset)}
	start, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		// Where a zone's rules, and no longer its table, say when it changes, package time reckons with years of 365 days: on the last
		// day of a leap year it gives that day's beginning for the end. No zone changes its clock then; a day later it knows the end.
		if _, end = t.Add(secondsPerDay * time.Second).ZoneBounds(); !end.After(t) {
			end = t.Add(secondsPerDay * time.Second)
		}
	}
	if !start.IsZero() {
		s.start = start.Unix()
	}
	if !end.IsZero() {
		s.end = end.Unix()
	}
	return s
}

// wallClock finds the instants at which a zone's clock shows a wall. It remembers the segment it was in, so that a run of questions
// about nearby dates costs a subtraction each.
type wallClock struct {
	zone   *time.Location
	cached segment
}

// instants are the first and the last instant at which the clock shows wall; they differ in a fold. If wall is in a gap, both are
// the end of the gap.
func (c *wallClock) instants(wall int64) (first, last int64) {
	if !c.steadyAround(wall) {
		c.cached = segmentAt(c.zone, wall)
	}
	if c.steadyAround(wall) {
		return wall - c.cached.offset, wall - c.cached.offset
	}
	return c.search(wall)
}

// steadyAround tells whether no clock change is near enough to wall to matter.
func (c *wallClock) steadyAround(wall int64) bool {
	t := wall - c.cached.offset
	return c.cached.has(t-maxOffsetChange) && c.cached.has(t+maxOffsetChange)
}

// search is instants, segment by segment.
func (c *wallClock) search(wall int64) (first, last int64) {
	var shown, skipped []int64
	s := segmentAt(c.zone, wall-maxOffsetChange)
	for {
		if t := wall - s.offset; s.has(t) {
			shown = append(shown, t)
		}
		if s.end > wall+maxOffsetChange {
			break
		}
		next := segmentAt(c.zone, s.end)
		if s.end+s.offset <= wall && wall < s.end+next.offset {
			skipped = append(skipped, s.end)
		}
		s = next
	}
	if len(shown) == 0 {
		shown = skipped // the clock got past wall somehow
	}
	return shown[0], shown[len(shown)-1]
}

// Skipped tells whether t, in its own zone, shows a time that another zone's clock skips: t has the offset that this zone had before its
// clock was put forward over that time, or has from then on.
func Skipped(zone *time.Location, t time.Time) bool {
	_, own := t.Zone()
	_, offset := t.In(zone).Zone()
	jump := own - offset
	_, beside := t.Add(time.Duration(jump) * time.Second).In(zone).Zone()
	return jump != 0 && beside == own
}

// at is the segment around an instant.
func (c *wallClock) at(instant int64) segment {
	if c.cached.has(instant) {
		return c.cached
	}
	return segmentAt(c.zone, instant)
}

// midnightWall is the wall at which the date begins.
func midnightWall(d booking.Date) int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix()
}

// Midnight is when the date begins on the zone's clock: the first instant that shows 00:00 of it or, if that is skipped, the end
// of the gap.
func Midnight(zone *time.Location, date booking.Date) time.Time {
	clock := wallClock{zone: zone}
	first, _ := clock.instants(midnightWall(date))
	return time.Unix(first, 0).In(zone)
}

// DateBounds is the shortest stretch of time, [start, end), that holds every instant of the dates from..to, both inclusive, on the
// zone's clock. It may hold some of their neighbours as well, if the clock is put back across midnight.
func DateBounds(zone *time.Location, from, to booking.Date) (start, end time.Time) {
	clock := wallClock{zone: zone}
	_, last := clock.instants(midnightWall(to.AddDays(1)))
	return Midnight(zone, from), time.Unix(last, 0).In(zone)
}
