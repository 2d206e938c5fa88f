package availability

import (
	"cmp"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// WhyNotASlot explains a [booking.ErrNotASlot] of [Fit] or [Fitter.FitAnyTime]: why no slot starts then, and where the nearest starts are.
// It is nil if one does. A start in another zone than the venue's is read as a time of day there as well: the venue's clock may skip it.
//
// It is apart from [Fit], which callers wait for in line: only who was refused asks for the reason.
func WhyNotASlot(q Query, start time.Time) *booking.NotASlot {
	asked, step, duration := start, q.Service.Step, q.Service.Duration
	start = start.In(q.Zone)
	p := newPool(q, start.Add(-duration-step), start.Add(step))
	s := Start{Start: start, End: start.Add(duration)}
	if start.Nanosecond() == 0 && p.offer(s, true) {
		return nil
	}
	why := &booking.NotASlot{Asked: asked, Start: s.Start, End: s.End, Step: step}
	p.closing(why)
	switch {
	case why.Closing.IsZero():
		why.Reason = booking.ReasonClosed
		p.hoursOn(why)
	case s.End.After(why.Closing):
		// The latest that fits into the opening is within a step of the one that ends at the closing.
		why.Reason = booking.ReasonPastClosing
		why.Nearest = p.nearest(why.Closing.Add(-duration-step), start, start)
	default:
		why.Reason = booking.ReasonOffGrid
		why.FirstStart = p.firstStart(start)
		why.Nearest = p.nearest(start.Add(-step), start, start.Add(step))
	}
	if schedule.Skipped(q.Zone, asked) {
		why.Reason = booking.ReasonSkippedTime
	}
	return why
}

// closing finds when the member that is open longest from the start on closes.
func (p *pool) closing(why *booking.NotASlot) {
	for i := range p.members {
		if end, open := p.members[i].hours.OpenUntil(why.Start); open && end.After(why.Closing) {
			why.Closing = end
		}
	}
}

// hoursOn finds the hours of all members on the date of the start, merged.
func (p *pool) hoursOn(why *booking.NotASlot) {
	date := booking.DateOf(why.Start)
	all := make([]booking.Period, 0, len(p.members))
	for i := range p.members {
		s := p.query.Resources[p.members[i].id].Schedule
		all = append(all, s.On(date)...)
		why.Exception = why.Exception || slices.ContainsFunc(s.Exceptions, func(e booking.Exception) bool { return e.Date == date })
	}
	slices.SortFunc(all, func(a, b booking.Period) int {
		return cmp.Or(cmp.Compare(a.Open, b.Open), cmp.Compare(a.Close, b.Close))
	})
	for _, period := range all {
		if last := len(why.Hours) - 1; last >= 0 && period.Open < why.Hours[last].Close {
			why.Hours[last].Close = max(why.Hours[last].Close, period.Close)
		} else {
			why.Hours = append(why.Hours, period)
		}
	}
}

// firstStart is the time of day that the starts around an instant are counted from; "" if the members that are open then disagree.
func (p *pool) firstStart(at time.Time) (first string) {
	for i := range p.members {
		o, open := p.members[i].hours.OpeningAt(at)
		switch {
		case !open:
		case first != "" && first != o.Nominal():
			return ""
		default:
			first = o.Nominal()
		}
	}
	return first
}

// nearest are the last start before an instant and the first one behind it that any member offers, within [from, to].
func (p *pool) nearest(from, at, to time.Time) (starts []time.Time) {
	const instant = time.Nanosecond
	for _, start := range p.candidates(from, to.Add(instant)) {
		if start.Equal(at) || !p.offer(Start{Start: start, End: start.Add(p.query.Service.Duration)}, true) {
			continue
		}
		if start.After(at) {
			return append(starts, start)
		}
		starts = []time.Time{start}
	}
	return starts
}
