package availability

import (
	"math"
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

// choose picks the member to serve the party, by its index, at a start that was just evaluated and has units left. It takes the tightest
// fit, so that larger parties still find room; among equals the one with the least to do around that time, so that work spreads;
// then the first in the pool's order.
func (p *pool) choose(s Start, party int) int {
	var tightest []int
	for i := range p.members {
		m := &p.members[i]
		if !m.offers || party > p.rule.largest(m.free) {
			continue
		}
		if len(tightest) > 0 && m.free < p.members[tightest[0]].free {
			tightest = tightest[:0]
		}
		if len(tightest) == 0 || m.free == p.members[tightest[0]].free {
			tightest = append(tightest, i)
		}
	}
	if len(tightest) == 1 {
		return tightest[0]
	}
	chosen, least := tightest[0], math.MaxInt
	for _, i := range tightest {
		if busy := p.workload(p.members[i].id, s.Start, least); busy < least {
			chosen, least = i, busy
		}
	}
	return chosen
}

// workload is a measure of a member's work around a start: the most units taken in each interval of about the length of a booking, added
// up. It stops counting once it reaches enough.
func (p *pool) workload(id booking.ResourceID, start time.Time, enough int) (sum int) {
	interval := min(max(p.query.Service.Duration, minWorkloadInterval), maxWorkloadInterval)
	for at := start.Add(-workloadWindow); at.Before(start.Add(workloadWindow)) && sum < enough; at = at.Add(interval) {
		sum += p.query.Ledgers.Taken(id, at, at.Add(interval))
	}
	return sum
}
