package availability

import (
	"time"

	"vacancy/internal/booking"
)

// evaluate judges a start: everything that says yes or no to a booking asks here, so that they cannot disagree.
//
// The error is [booking.ErrNotASlot] if the start is no member's, else [booking.ErrTooSoon] or [booking.ErrBeyondHorizon] if the
// rules of time forbid it now. Without error the Start tells how much room is left, which may be none, and each member keeps its own
// part of the judgement.
func (p *pool) evaluate(start time.Time) (Start, error) {
	s := Start{Start: start, End: start.Add(p.query.Service.Duration)}
	if !p.offer(s, true) {
		return s, booking.ErrNotASlot
	}
	if err := p.timely(start); err != nil {
		return s, err
	}
	p.measure(&s)
	return s, nil
}

// offer judges for each member whether it is open for the start, which may have to be on its grid, and tells whether any is.
func (p *pool) offer(s Start, onGrid bool) (offered bool) {
	for i := range p.members {
		m := &p.members[i]
		m.offers = (!onGrid || m.hours.IsStart(s.Start, p.query.Service.Step)) && m.hours.Covers(s.Start, s.End)
		offered = offered || m.offers
	}
	return offered
}

// timely is nil if the start is neither too soon nor beyond the horizon.
func (p *pool) timely(start time.Time) error {
	switch {
	case !p.query.Now.Before(p.bookableUntil(start)):
		return booking.ErrTooSoon
	case booking.DateOf(start).Compare(p.horizon) > 0:
		return booking.ErrBeyondHorizon
	}
	return nil
}

// measure finds how much room the members that offer a start have.
func (p *pool) measure(s *Start) {
	from, to := p.claimed(*s)
	for i := range p.members {
		m := &p.members[i]
		if !m.offers {
			continue
		}
		m.free = m.capacity - p.query.Ledgers.Taken(m.id, from, to)
		s.Capacity += p.rule.remaining(m.capacity)
		s.Remaining += p.rule.remaining(m.free)
		s.Largest = max(s.Largest, p.rule.largest(m.free))
	}
}

func (p *pool) bookableUntil(start time.Time) time.Time { return BookableUntil(p.query.Service, start) }

// BookableUntil is when a start of a service stops being bookable: from that instant on, it is past or inside the notice.
func BookableUntil(service booking.Service, start time.Time) time.Time {
	return start.Add(-service.MinNotice)
}

// claimed is what a booking at the start takes of its member: the buffers too.
func (p *pool) claimed(s Start) (from, to time.Time) {
	return s.Start.Add(-p.query.Service.BufferBefore), s.End.Add(p.query.Service.BufferAfter)
}
