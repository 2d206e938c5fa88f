package availability

import (
	"time"

	"vacancy/internal/booking"
)

// Fit is what a booking of the party at the start would claim now, or why there can be none: a [booking.Invalid] for the size of
// the party or the choice of the resource, else [booking.ErrNotASlot], [booking.ErrTooSoon], [booking.ErrBeyondHorizon] or
// [booking.ErrSlotUnavailable], the first that applies.
func Fit(q Query, start time.Time, party int) ([]booking.Claim, error) {
	return NewFitter(q, start).Fit(party)
}

// Fitter fits bookings into one start, one after the other. The hours around it are looked up once; what is taken is asked of the ledgers
// each time. It is for one goroutine.
type Fitter struct {
	pool  *pool
	start time.Time
}

// NewFitter makes a fitter for a start.
func NewFitter(q Query, start time.Time) *Fitter {
	start = start.In(q.Zone)
	return &Fitter{pool: newPool(q, start, start), start: start}
}

// Fit is [Fit] for a party at the start.
func (f *Fitter) Fit(party int) ([]booking.Claim, error) {
	if err := f.pool.query.Validate(party); err != nil {
		return nil, err
	}
	s, err := f.pool.evaluate(f.start)
	if err != nil {
		return nil, err
	}
	return f.pool.fit(s, party)
}

// FitAnyTime is Fit without the rules of time that a service sets its customers: notice, horizon and the grid of starts. What is taken
// and when a resource is open still count, and a booking that is over by now makes no sense: that is [booking.ErrTooSoon].
func (f *Fitter) FitAnyTime(party int) ([]booking.Claim, error) {
	p := f.pool
	if err := p.query.Validate(party); err != nil {
		return nil, err
	}
	s := Start{Start: f.start, End: f.start.Add(p.query.Service.Duration)}
	switch {
	case f.start.Nanosecond() != 0 || !p.offer(s, false):
		return nil, booking.ErrNotASlot
	case !p.query.Now.Before(s.End):
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
