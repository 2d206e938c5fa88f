package availability

import "vacancy/internal/booking"

// capacityRule does the sums of one requirement: what fits into so many free units of one member. A booking is served by one member, so
// each member counts by itself.
type capacityRule struct {
	units     int // of a booking, or of each person
	perPerson bool
	party     booking.PartySize
}

func ruleOf(q Query) capacityRule {
	need := q.requirement()
	return capacityRule{units: need.Units, perPerson: need.PerPerson, party: q.Service.PartySize}
}

// remaining is the most that could still be placed in the free units: bookings or, per person, people.
func (r capacityRule) remaining(free int) int {
	places := r.places(free)
	if !r.perPerson {
		return places
	}
	// People come in parties. The most parties that fit take the fewest each, and grow until the places or the parties are full.
	parties := places / r.party.Min
	return min(places, parties*r.party.Max)
}

// largest is the size of the largest party that one booking could bring; 0 if none fits.
func (r capacityRule) largest(free int) int {
	places := r.places(free)
	switch {
	case !r.perPerson && places > 0:
		return r.party.Max
	case r.perPerson && places >= r.party.Min:
		return min(places, r.party.Max)
	}
	return 0
}

// places is how many bookings or, per person, people the free units are for.
func (r capacityRule) places(free int) int { return max(free, 0) / max(r.units, 1) }
