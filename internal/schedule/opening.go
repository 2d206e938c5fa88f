package schedule

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// Opening is one period of one date as instants: open during [Start, End), both in the venue's zone.
type Opening struct {
	Start, End time.Time
	// nominal is the wall that the period names as its opening. Steps count from it even if the clock never shows it.
	nominal int64
	// first is the segment that Start is in. Nearly always it holds all of the opening.
	first segment
}

// Openings are the periods that start on the dates from..to, both inclusive, in order of their starts. A period that lies in a
// gap of the clock is left out.
func Openings(s booking.Schedule, zone *time.Location, from, to booking.Date) []Opening {
	days := periods(s, from, to)
	clock := wallClock{zone: zone}
	midnight := midnightWall(from)
	openings := make([]Opening, 0, count(days))
	for _, day := range days {
		for _, p := range day {
			if o := clock.opening(midnight, p); o.Start.Before(o.End) {
				openings = append(openings, o)
			}
		}
		midnight += secondsPerDay
	}
	slices.SortStableFunc(openings, func(a, b Opening) int { return cmp.Compare(a.Start.Unix(), b.Start.Unix()) })
	return openings
}

// opening is a period of the date that begins at the wall midnight; it is empty if the period lies in a gap.
func (c *wallClock) opening(midnight int64, p booking.Period) Opening {
	nominal := midnight + int64(p.Open)*60
	start, _ := c.instants(nominal)
	first := c.at(start)
	_, end := c.instants(midnight + int64(p.Close)*60)
	return Opening{
		Start:   time.Unix(start, 0).In(c.zone),
		End:     time.Unix(end, 0).In(c.zone),
		nominal: nominal,
		first:   first,
	}
}

// periods is [booking.Schedule.On] for each of the dates from..to, with one pass over the exceptions instead of one a date.
func periods(s booking.Schedule, from, to booking.Date) [][]booking.Period {
	days := make([][]booking.Period, max(from.DaysUntil(to)+1, 0))
	weekday := int(from.Weekday())
	for i := range days {
		days[i] = s.Weekly[(weekday+i)%len(s.Weekly)]
	}
	lowest, highest := ordinal(from), ordinal(to)
	for i := range s.Exceptions {
		e := &s.Exceptions[i]
		if o := ordinal(e.Date); lowest <= o && o <= highest {
			days[from.DaysUntil(e.Date)] = e.Hours
		}
	}
	return days
}

// ordinal orders dates as the calendar does, cheaply: exceptions are many, and nearly all of them are of other dates.
func ordinal(d booking.Date) int { return (d.Year*16+int(d.Month))*32 + d.Day }

func count(days [][]booking.Period) (n int) {
	for _, day := range days {
		n += len(day)
	}
	return n
}

// Starts yields the opening's starts, ascending: the instants of [o.Start, o.End) at which the clock shows the nominal opening
// plus a whole number of steps. Step is a whole number of seconds; there are no starts if it is less than one.
func (o Opening) Starts(step time.Duration) iter.Seq[time.Time] {
	return slices.Values(o.appendStarts(nil, step, o.Start, o.End))
}

// Nominal is the time of day that the steps are counted from, such as "09:00", even if the clock never shows it on that date.
func (o Opening) Nominal() string { return time.Unix(o.nominal, 0).UTC().Format("15:04") }

// EvenStarts tells whether the starts are Start and each whole number of steps after it: the clock is not changed during the opening,
// nor skips its nominal beginning.
func (o Opening) EvenStarts() bool {
	return o.first.has(o.End.Unix()-1) && o.Start.Unix()+o.first.offset == o.nominal
}

// appendStarts appends those of Starts that are in [from, to).
func (o Opening) appendStarts(starts []time.Time, step time.Duration, from, to time.Time) []time.Time {
	every := int64(step / time.Second)
	if every < 1 {
		return starts
	}
	zone := o.Start.Location()
	at, stop := max(ceil(from), o.Start.Unix()), min(ceil(to), o.End.Unix())
	for at < stop {
		s := o.segmentAt(at)
		end := min(s.end, stop)
		for t := o.nextStart(at, s.offset, every); t < end; t += every {
			starts = append(starts, time.Unix(t, 0).In(zone))
		}
		at = end
	}
	return starts
}

// ceil is the first whole second at t or after it.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// nextStart is the first instant from at on whose wall is a start, as long as the offset lasts.
func (o Opening) nextStart(at, offset, every int64) int64 {
	elapsed := at + offset - o.nominal // on the wall; negative if a fold shows the time before the opening again
	steps := max((elapsed+every-1)/every, 0)
	return o.nominal + steps*every - offset
}

// IsStart tells whether t is one of Starts.
func (o Opening) IsStart(t time.Time, step time.Duration) bool {
	at, every := t.Unix(), int64(step/time.Second)
	if every <= 0 || t.Nanosecond() != 0 || at < o.Start.Unix() || at >= o.End.Unix() {
		return false
	}
	elapsed := at + o.segmentAt(at).offset - o.nominal
	return elapsed >= 0 && elapsed%every == 0
}

func (o Opening) segmentAt(instant int64) segment {
	if o.first.has(instant) {
		return o.first
	}
	return segmentAt(o.Start.Location(), instant)
}
