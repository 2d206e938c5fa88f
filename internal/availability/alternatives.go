package availability

import (
	"cmp"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// Alternatives are slots that the party can book now in place of the refused one: at most so many, the nearest in time first, the
// earlier of two equally near.
//
// If the customer chose a resource, each alternative names the one that it is for: the other members at the refused start come
// first, and any other start is with the chosen one if that is free, else with another.
func Alternatives(q Query, refused time.Time, party, most int) []booking.Alternative {
	if q.Validate(party) != nil || most < 1 {
		return nil
	}
	refused = refused.In(q.Zone)
	chosen := q.Resource
	q.Resource = ""
	s := search{
		pool:   newPool(q, refused.AddDate(0, 0, -searchDays-1), refused.AddDate(0, 0, searchDays+1)),
		chosen: chosen, party: party, most: most,
	}
	s.others(refused)
	for days := range searchDays {
		for _, start := range s.startsAround(refused, days) {
			if s.evaluatedStarts == searchStarts || len(s.found) == most {
				return s.found
			}
			s.evaluatedStarts++
			s.offer(start)
		}
	}
	return s.found
}

// search is one search for alternatives.
type search struct {
	pool            *pool // of all members, whichever was chosen
	chosen          booking.ResourceID
	party, most     int
	evaluatedStarts int
	found           []booking.Alternative
}

// startsAround are the candidates more than so many days away from the refused start and at most one more, the nearest first.
func (s *search) startsAround(refused time.Time, days int) []time.Time {
	const day = 24 * time.Hour
	near, far := time.Duration(days)*day, time.Duration(days+1)*day
	const instant = time.Nanosecond
	starts := s.pool.candidates(refused.Add(-far), refused.Add(-near))
	starts = slices.Concat(starts, s.pool.candidates(refused.Add(near+instant), refused.Add(far+instant)))
	slices.SortStableFunc(starts, func(a, b time.Time) int {
		return cmp.Compare(a.Sub(refused).Abs(), b.Sub(refused).Abs())
	})
	return starts
}

// others offers the members that were not chosen at the refused start itself.
func (s *search) others(refused time.Time) {
	if s.chosen == "" {
		return
	}
	for i := range s.pool.members {
		if len(s.found) < s.most && s.pool.members[i].id != s.chosen {
			s.offerWith(i, refused)
		}
	}
}

// offer adds a start if the party can book it: with the chosen resource, or else with any.
func (s *search) offer(start time.Time) {
	i := slices.IndexFunc(s.pool.members, func(m member) bool { return m.id == s.chosen })
	if i >= 0 && s.offerWith(i, start) {
		return
	}
	evaluated, err := s.pool.evaluate(start)
	if err != nil || s.party > evaluated.Largest {
		return
	}
	if s.chosen == "" {
		s.found = append(s.found, booking.Alternative{Slot: evaluated.Slot(s.pool.query.Service, s.party)})
		return
	}
	s.offerWith(s.pool.choose(evaluated, s.party), start)
}

// offerWith adds a start with the i-th member, if the party can book that.
func (s *search) offerWith(i int, start time.Time) bool {
	alone := s.pool.withOnly(i)
	evaluated, err := alone.evaluate(start)
	if err != nil || s.party > evaluated.Largest {
		return false
	}
	slot := evaluated.Slot(s.pool.query.Service, s.party)
	s.found = append(s.found, booking.Alternative{Slot: slot, Resource: alone.members[0].id})
	return true
}
