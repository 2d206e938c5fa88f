package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// timeline is the naive reading of a zone that the package is compared with: what the clock shows at every minute (or second) of a
// stretch of time, one by one. All that it knows of zones is how to convert an instant to wall time.
type timeline struct {
	zone  *time.Location
	begin int64 // Unix seconds
	unit  int64
	walls []int64 // what the clock shows at begin + i*unit, as seconds of a UTC clock that shows the same
}

func wallOf(t time.Time) int64 {
	_, offset := t.Zone()
	return t.Unix() + int64(offset)
}

// newTimeline holds all that the periods of the dates from..to can touch.
func newTimeline(zone *time.Location, from, to booking.Date, unit time.Duration) *timeline {
	begin := wallOf(time.Date(from.Year, from.Month, from.Day-2, 0, 0, 0, 0, time.UTC))
	end := wallOf(time.Date(to.Year, to.Month, to.Day+4, 0, 0, 0, 0, time.UTC))
	tl := &timeline{zone: zone, begin: begin, unit: int64(unit / time.Second)}
	for at := begin; at < end; at += tl.unit {
		tl.walls = append(tl.walls, wallOf(time.Unix(at, 0).In(zone)))
	}
	return tl
}

func (tl *timeline) instant(i int) time.Time {
	return time.Unix(tl.begin+int64(i)*tl.unit, 0).In(tl.zone)
}

// index is where an instant stands; it must be one of the timeline's.
func (tl *timeline) index(t time.Time) int { return int((t.Unix() - tl.begin) / tl.unit) }

// reached are the first and the last moment at which the clock shows the wall or, if it never does, jumps over it.
func (tl *timeline) reached(wall int64) (first, last int) {
	var shown, jumped []int
	for i, w := range tl.walls {
		if w == wall {
			shown = append(shown, i)
		}
		if i > 0 && tl.walls[i-1] < wall && wall < w {
			jumped = append(jumped, i)
		}
	}
	if len(shown) == 0 {
		shown = jumped
	}
	return shown[0], shown[len(shown)-1]
}

// naiveOpening is a period as moments of the timeline, [start, end).
type naiveOpening struct {
	start, end int
	wall       int64 // that the period names as its opening
}

func (tl *timeline) openings(s booking.Schedule, from, to booking.Date) []naiveOpening {
	var all []naiveOpening
	for date := from; date.Compare(to) <= 0; date = date.AddDays(1) {
		midnight := time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, time.UTC).Unix()
		for _, p := range s.On(date) {
			o := naiveOpening{wall: midnight + int64(p.Open)*60}
			o.start, _ = tl.reached(o.wall)
			_, o.end = tl.reached(midnight + int64(p.Close)*60)
			if o.start < o.end {
				all = append(all, o)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b naiveOpening) int { return a.start - b.start })
	return all
}

// isStart looks at one moment: is it open, and is it a whole number of steps after the opening on the clock?
func (tl *timeline) isStart(o naiveOpening, i int, step time.Duration) bool {
	elapsed := time.Duration(tl.walls[i]-o.wall) * time.Second
	return o.start <= i && i < o.end && elapsed >= 0 && elapsed%step == 0
}

func (tl *timeline) starts(openings []naiveOpening, step time.Duration) []time.Time {
	var starts []time.Time
	for i := range tl.walls {
		if slices.ContainsFunc(openings, func(o naiveOpening) bool { return tl.isStart(o, i, step) }) {
			starts = append(starts, tl.instant(i))
		}
	}
	return starts
}

// covers looks at every moment of [i, j).
func (tl *timeline) covers(openings []naiveOpening, i, j int) bool {
	for ; i < j; i++ {
		if !slices.ContainsFunc(openings, func(o naiveOpening) bool { return o.start <= i && i < o.end }) {
			return false
		}
	}
	return true
}

// question is one comparison of the package with the oracle.
type question struct {
	zone     *time.Location
	schedule booking.Schedule
	from, to booking.Date
	step     time.Duration
	// spans are asked whether they are covered, as moments after the first midnight.
	spans [][2]int
}

func (q question) String() string {
	return fmt.Sprintf("%s %s..%s step %s hours %v exceptions %v", q.zone, q.from, q.to, q.step, q.schedule.Weekly, q.schedule.Exceptions)
}

// answers is what is judged: the package itself, or a mutant of it that the oracle must catch.
type answers struct {
	openings func(booking.Schedule, *time.Location, booking.Date, booking.Date) []schedule.Opening
	starts   func(o schedule.Opening, step time.Duration) []time.Time
	cover    func([]schedule.Opening) schedule.Intervals
}

var genuine = answers{
	openings: schedule.Openings,
	starts:   func(o schedule.Opening, step time.Duration) []time.Time { return slices.Collect(o.Starts(step)) },
	cover:    schedule.MergeOpenings,
}

// differ says where the answers are not the oracle's.
func (q question) differ(tl *timeline, a answers) error {
	want, got := tl.openings(q.schedule, q.from, q.to), a.openings(q.schedule, q.zone, q.from, q.to)
	if len(got) != len(want) {
		return fmt.Errorf("%d openings, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		if !got[i].Start.Equal(tl.instant(w.start)) || !got[i].End.Equal(tl.instant(w.end)) {
			return fmt.Errorf("opening %v to %v, want %v to %v", got[i].Start, got[i].End, tl.instant(w.start), tl.instant(w.end))
		}
		if got[i].Start.Location() != q.zone || got[i].End.Location() != q.zone {
			return fmt.Errorf("opening %v is not in the zone", got[i])
		}
		starts, expected := a.starts(got[i], q.step), tl.starts([]naiveOpening{w}, q.step)
		if !slices.EqualFunc(starts, expected, time.Time.Equal) {
			return fmt.Errorf("starts of %v to %v: %v, want %v", got[i].Start, got[i].End, starts, expected)
		}
	}
	return q.differInCover(tl, want, a.cover(got))
}

func (q question) differInCover(tl *timeline, want []naiveOpening, got schedule.Intervals) error {
	first := tl.index(schedule.Midnight(q.zone, q.from))
	for _, span := range q.spans {
		i, j := first+span[0], first+span[1]
		if start, end := tl.instant(i), tl.instant(j); got.Covers(start, end) != tl.covers(want, i, j) {
			return fmt.Errorf("covers %v to %v: %v", start, end, !tl.covers(want, i, j))
		}
	}
	for i := 1; i < len(got); i++ {
		if !got[i-1].End.Before(got[i].Start) {
			return fmt.Errorf("intervals %v and %v are not apart", got[i-1], got[i])
		}
	}
	return nil
}

func loadZone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	zone, err := booking.LoadZone(name)
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

// clockChanges are the instants in [from, to) at which the zone's offset changes, found hour by hour and then by halving.
func clockChanges(zone *time.Location, from, to time.Time) []time.Time {
	offset := func(t int64) int {
		_, o := time.Unix(t, 0).In(zone).Zone()
		return o
	}
	var changes []time.Time
	for t := from.Unix(); t < to.Unix(); t += 3600 {
		before, after := t, t+3600
		if offset(before) == offset(after) {
			continue
		}
		for before+1 < after {
			if middle := (before + after) / 2; offset(middle) == offset(before) {
				before = middle
			} else {
				after = middle
			}
		}
		changes = append(changes, time.Unix(after, 0).In(zone))
	}
	return changes
}
