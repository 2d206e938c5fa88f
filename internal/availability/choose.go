package availability

import (
	"math"
	"time"

	"vacancy/internal/booking"
)

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
