package availability

import (
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// pool is a query made ready to judge starts: the members that may serve it, and their hours. It is for one goroutine, because it
// keeps the latest judgement of each member.
type pool struct {
	query   Query
	rule    capacityRule
	members []member
	// horizon is the last local date that can be booked.
	horizon booking.Date
}

// member is one of the pool.
type member struct {
	id       booking.ResourceID
	capacity int
	hours    schedule.Hours
	// offers and free are the latest judgement: whether the start is one of the member's, and how many units are free for it.
	offers bool
	free   int
}

// newPool is the pool for starts in [from, to): all that can be booked, or the one that the customer chose.
func newPool(q Query, from, to time.Time) *pool {
	p := &pool{
		query:   q,
		rule:    ruleOf(q),
		horizon: today(q).AddDays(q.Service.HorizonDays),
	}
	ids := q.members()
	if q.Resource != "" {
		ids = slices.DeleteFunc(ids, func(id booking.ResourceID) bool { return id != q.Resource })
	}
	p.members = make([]member, len(ids))
	for i, id := range ids {
		r := q.Resources[id]
		hours := schedule.HoursOver(r.Schedule, q.Zone, from, to.Add(q.Service.Duration))
		p.members[i] = member{id: id, capacity: r.Capacity, hours: hours}
	}
	return p
}

// withOnly is the pool with no other than its i-th member. They share their judgements.
func (p *pool) withOnly(i int) *pool {
	alone := *p
	alone.members = p.members[i : i+1]
	return &alone
}

// today is the venue's date.
func today(q Query) booking.Date { return Today(q.Zone, q.Now) }

// Today is the latest date that a zone's clock has reached; horizons count from it. Only if the clock is put back across midnight, it shows
// an earlier one for a while; what could be booked stays bookable then.
func Today(zone *time.Location, now time.Time) booking.Date {
	date := booking.DateOf(now.In(zone))
	if next := date.AddDays(1); !now.Before(schedule.Midnight(zone, next)) {
		return next
	}
	return date
}

// candidates are the starts in [from, to) of any member's openings, ascending, each once. Whether a booking fits into the hours is
// for evaluate to say.
func (p *pool) candidates(from, to time.Time) []time.Time {
	var all []time.Time
	for i := range p.members {
		all = union(all, p.members[i].hours.Starts(p.query.Service.Step, from, to))
	}
	return all
}

// union merges two ascending lists without repeats into one. Members with the same hours, as most pools have, cost no copy.
func union(a, b []time.Time) []time.Time {
	if len(a) == 0 || slices.EqualFunc(a, b, time.Time.Equal) {
		return b
	}
	merged := make([]time.Time, 0, max(len(a), len(b))+len(b)/2)
	for len(a) > 0 && len(b) > 0 {
		order := a[0].Compare(b[0])
		if order <= 0 {
			merged = append(merged, a[0])
			a = a[1:]
		} else {
			merged = append(merged, b[0])
		}
		if order >= 0 {
			b = b[1:]
		}
	}
	return append(append(merged, a...), b...)
}
