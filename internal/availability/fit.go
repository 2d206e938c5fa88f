package availability

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
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
	s, err := p.decide(start)
	if err != nil {
		return nil, err
	}
	if party > s.Largest {
		return nil, booking.ErrSlotUnavailable
	}
	from, to := p.claimed(s)
	return []booking.Claim{{
		Resource: p.members[p.choose(s, party)].id,
		Start:    from,
		End:      to,
		Units:    q.requirement().UnitsFor(party),
	}}, nil
}

// choose picks the member to serve the party, by its index, at a start that was just decided and has room. It takes the tightest
// fit, so that larger parties still find room; among equals the least busy on that date, so that work spreads; then the first in
// the pool's order.
func (p *pool) choose(s Start, party int) int {
	var tightest []int
	for i := range p.members {
		m := &p.members[i]
		if !m.offers || party > p.room.largest(m.free) {
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
	begin, end := schedule.Span(p.query.Zone, booking.DateOf(s.Start), booking.DateOf(s.Start))
	chosen, least := -1, 0
	for _, i := range tightest {
		if busy := p.busy(&p.members[i], begin, end); chosen < 0 || busy < least {
			chosen, least = i, busy
		}
	}
	return chosen
}

// busy is a measure of the member's work during [begin, end): the most units taken in each hour of it, added up.
func (p *pool) busy(m *member, begin, end time.Time) (sum int) {
	for hour := begin; hour.Before(end); hour = hour.Add(time.Hour) {
		sum += p.query.Ledgers.Taken(m.id, hour, hour.Add(time.Hour))
	}
	return sum
}
