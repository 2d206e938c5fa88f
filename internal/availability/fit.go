package availability

import (
	"time"

	"vacancy/internal/booking"
)

// Fit is what a booking of the party at the start would claim now, or why there can be none: a [booking.Invalid] for the size of
// the party or the choice of the resource, else [booking.ErrNotASlot], [booking.ErrTooSoon], [booking.ErrBeyondHorizon] or
// [booking.ErrSlotUnavailable], the first that applies.
func Fit(q Query, start time.Time, party int) ([]booking.Claim, error) {
	if err := q.Validate(party); err != nil {
		return nil, err
	}
	start = start.In(q.Zone)
	p := newPool(q, start, start)
	s, err := p.evaluate(start)
	if err != nil {
		return nil, err
	}
	return p.fit(s, party)
}

// FitAnyTime is [Fit] without the rules of time that a service sets its customers: notice, horizon and the grid of starts. What is taken
// and when a resource is open still count, and a booking that is over by now makes no sense: that is [booking.ErrTooSoon].
func FitAnyTime(q Query, start time.Time, party int) ([]booking.Claim, error) {
	if err := q.Validate(party); err != nil {
		return nil, err
	}
	start = start.In(q.Zone)
	p := newPool(q, start, start)
	s := Start{Start: start, End: start.Add(q.Service.Duration)}
	switch {
	case start.Nanosecond() != 0 || !p.offer(s, false):
		return nil, booking.ErrNotASlot
	case !q.Now.Before(s.End):
		return nil, booking.ErrTooSoon
	}
	p.measure(&s)
	return p.fit(s, party)
}

// fit is what a party claims at a start that was just judged.
func (p *pool) fit(s Start, party int) ([]booking.Claim, error) {
	if party > s.Largest {
		return nil, booking.ErrSlotUnavailable
	}
	from, to := p.claimed(s)
	return []booking.Claim{{
		Resource: p.members[p.choose(s, party)].id,
		Start:    from,
		End:      to,
		Units:    p.query.requirement().UnitsFor(party),
	}}, nil
}
