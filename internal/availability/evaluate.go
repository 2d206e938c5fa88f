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
	service := &p.query.Service
	s := Start{Start: start, End: start.Add(service.Duration)}
	offered := false
	for i := range p.members {
		m := &p.members[i]
		m.offers = m.hours.IsStart(start, service.Step) && m.hours.Covers(start, s.End)
		offered = offered || m.offers
	}
	switch {
	case !offered:
		return s, booking.ErrNotASlot
	case !p.query.Now.Before(p.bookableUntil(start)):
		return s, booking.ErrTooSoon
	case booking.DateOf(start).Compare(p.horizon) > 0:
		return s, booking.ErrBeyondHorizon
	}
	from, to := p.claimed(s)
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
	return s, nil
}

// bookableUntil is when the start stops being bookable: from that instant on, it is past or inside the notice.
func (p *pool) bookableUntil(start time.Time) time.Time { return start.Add(-p.query.Service.MinNotice) }

// claimed is what a booking at the start takes of its member: the buffers too.
func (p *pool) claimed(s Start) (from, to time.Time) {
	return s.Start.Add(-p.query.Service.BufferBefore), s.End.Add(p.query.Service.BufferAfter)
}
