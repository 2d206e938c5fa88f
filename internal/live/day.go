package live

import (
	"slices"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// start is one start of a day state.
type start struct {
	availability.Start
	// changed is the last revision that touched the start, and the last boundary at which it came or went.
	changed version
	// gone: it is no start any more. Its tombstone tells readers that still have it.
	gone bool
}

// slot is the start as readers see it.
func (s *start) slot(service booking.Service, party int) booking.Slot {
	if s.gone {
		return booking.Slot{Start: s.Start.Start, End: s.End, Status: booking.Closed}
	}
	return s.Slot(service, party)
}

// day is a day state at one moment. It never changes.
type day struct {
	date booking.Date
	// starts ascend in time, those that are gone among them. There are never more than the date ever had under one catalogue.
	starts []start
	// since is how far a reader must have seen the day for its starts to tell what the reader lacks.
	since version
	// last is how far one has seen who has seen all of it.
	last version
	// boundary is the last one that passed, next the next; zero: none.
	boundary, nextBoundary time.Time
	// committed is when the latest change of the day was committed.
	committed time.Time
}

// closedDay stands for the day state of every date that cannot have starts.
var closedDay = new(day)

// newDay is a day state of which nothing is remembered. touched is the last revision that may have changed it.
func newDay(computed availability.Day, touched booking.Revision) *day {
	at := version{revision: touched, boundary: seconds(computed.Boundary)}
	d := &day{
		date: computed.Date, since: at, last: at, boundary: computed.Boundary, nextBoundary: computed.Next,
		starts: make([]start, 0, len(computed.Starts)),
	}
	for _, s := range computed.Starts {
		d.starts = append(d.starts, start{Start: s})
	}
	return d
}

// next is the day state after changes that touched the starts in an interval, after time that passed, or both. The catalogue must be
// the same.
func (d *day) next(computed availability.Day, touched booking.Revision, dirty interval) *day {
	next := &day{
		date: d.date, since: d.since, last: d.last, boundary: computed.Boundary, nextBoundary: computed.Next,
		starts: make([]start, 0, max(len(d.starts), len(computed.Starts))),
	}
	boundary := seconds(computed.Boundary)
	if !computed.Boundary.Equal(d.boundary) && !computed.Boundary.Equal(d.nextBoundary) {
		// More than one boundary passed since the last look. A start may have come at one and gone at the next, and nothing here
		// tells a reader who saw it elsewhere.
		next.since.boundary = boundary
	}
	next.last.boundary = max(next.last.boundary, boundary)
	old := d.starts
	for _, s := range computed.Starts {
		for len(old) > 0 && old[0].Start.Start.Before(s.Start) {
			next.add(old[0].tombstone(boundary))
			old = old[1:]
		}
		if len(old) == 0 || !old[0].Start.Start.Equal(s.Start) || old[0].gone {
			// It came at the boundary. What touched it before, nobody remembers; so it counts as touched by the last that may have.
			next.add(start{Start: s, changed: version{revision: touched, boundary: boundary}})
		} else {
			next.add(old[0].updated(s, touched, dirty))
		}
		if len(old) > 0 && old[0].Start.Start.Equal(s.Start) {
			old = old[1:]
		}
	}
	for i := range old {
		next.add(old[i].tombstone(boundary))
	}
	return next
}

func (d *day) add(s start) {
	d.starts = append(d.starts, s)
	d.last = d.last.merge(s.changed)
}

// updated is the start with the room that is left of it now.
func (s *start) updated(now availability.Start, touched booking.Revision, dirty interval) start {
	next := *s
	same := s.Remaining == now.Remaining && s.Capacity == now.Capacity && s.Largest == now.Largest
	next.Start = now
	if !same || dirty.contains(now.Start) {
		next.changed.revision = touched
	}
	return next
}

// tombstone is the start's tombstone.
func (s *start) tombstone(boundary int64) start {
	next := *s
	if !s.gone {
		next.gone = true
		next.changed.boundary = boundary
	}
	return next
}

// overlaps tells whether any start that is still there lies in the interval.
func (d *day) overlaps(s interval) bool {
	i, _ := slices.BinarySearchFunc(d.starts, s.after, func(st start, t time.Time) int { return st.Start.Start.Compare(t) })
	for ; i < len(d.starts) && d.starts[i].Start.Start.Before(s.before); i++ {
		if !d.starts[i].gone && d.starts[i].Start.Start.After(s.after) {
			return true
		}
	}
	return false
}

// due tells whether a boundary of the day has passed at now.
func (d *day) due(now time.Time) bool { return !d.nextBoundary.IsZero() && !now.Before(d.nextBoundary) }
