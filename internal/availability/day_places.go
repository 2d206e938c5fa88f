package availability

import (
	"slices"
	"sort"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// DayPlaces is how many places a service's local day has, and how many are free: people if a requirement is per person, else bookings. A
// booking takes a place at each start that it overlaps, so the sums over the starts are divided by how many these are.
type DayPlaces struct {
	// Capacity is all that the day has, and Free what is not taken of it, whatever the time.
	Capacity, Free int
	// Left is the part of Free that can be booked now.
	Left int
}

// ScarceAfter tells whether less than half of the day is free once so many more places are taken.
func (d DayPlaces) ScarceAfter(places int) bool { return 2*(d.Free-places) < d.Capacity }

// PlacesOn measures a service's local day, over all its resources.
func PlacesOn(q Query, date booking.Date) DayPlaces { return MeasureDay(q, date).DayPlaces() }

// MeasuredDay counts the places of a service's local day. It is measured once, which takes all starts of all members, and is then kept
// right by [MeasuredDay.Update]. It is good for the query that it was measured with: its time, its catalogue, and its ledgers as they
// change. It is for one goroutine.
type MeasuredDay struct {
	pool    *pool
	members []measuredMember
	// capacity, free and left are the sums over the starts of all members.
	capacity, free, left int
}

// measuredMember is the part of one member.
type measuredMember struct {
	member *member
	// starts are those that the member offers on the day, ascending. From the soonest on they can be booked now.
	starts  []time.Time
	soonest int
	// unoccupied is what a start has when nothing is taken, and remaining what each start has now; nil: the same.
	unoccupied int
	remaining  []int
}

// MeasureDay measures a service's local day, over all its resources. A member of which nothing is taken costs the list of its starts only.
func MeasureDay(q Query, date booking.Date) *MeasuredDay {
	q.Resource = ""
	begin, end := schedule.DateBounds(q.Zone, date, date)
	p := newPool(q, begin, end)
	r := &MeasuredDay{pool: p, members: make([]measuredMember, 0, len(p.members))}
	for i := range p.members {
		m := &p.members[i]
		starts := slices.DeleteFunc(m.hours.Starts(q.Service.Step, begin, end), func(start time.Time) bool {
			return booking.DateOf(start) != date || !m.hours.Covers(start, start.Add(q.Service.Duration))
		})
		if len(starts) == 0 {
			continue
		}
		if n := len(r.members); n > 0 && slices.EqualFunc(starts, r.members[n-1].starts, time.Time.Equal) {
			starts = r.members[n-1].starts // most members of a pool have the same hours
		}
		r.members = append(r.members, measuredMember{
			member: m, starts: starts, unoccupied: p.rule.remaining(m.capacity),
			// All starts are of one date, so the horizon has all of them or none.
			soonest: sort.Search(len(starts), func(i int) bool { return p.timely(starts[i]) == nil }),
		})
		r.measure(&r.members[len(r.members)-1])
	}
	return r
}

// measure adds a member to the sums.
func (r *MeasuredDay) measure(m *measuredMember) {
	r.capacity += m.unoccupied * len(m.starts)
	r.free += m.unoccupied * len(m.starts)
	r.left += m.unoccupied * (len(m.starts) - m.soonest)
	from, _ := r.claimed(m.starts[0])
	_, to := r.claimed(m.starts[len(m.starts)-1])
	r.update(m, from, to)
}

// Update takes in that the claim was added to the query's ledgers, or removed from them. Only the starts are measured again that it
// overlaps.
func (r *MeasuredDay) Update(c booking.Claim) {
	for i := range r.members {
		if m := &r.members[i]; m.member.id == c.Resource {
			r.update(m, c.Start, c.End)
		}
	}
}

// update measures the starts of a member again that overlap [from, to).
func (r *MeasuredDay) update(m *measuredMember, from, to time.Time) {
	ledgers := r.pool.query.Ledgers
	if m.remaining == nil {
		if ledgers.Taken(m.member.id, from, to) == 0 {
			return
		}
		m.remaining = slices.Repeat([]int{m.unoccupied}, len(m.starts))
	}
	first := sort.Search(len(m.starts), func(i int) bool {
		_, end := r.claimed(m.starts[i])
		return end.After(from)
	})
	for i := first; i < len(m.starts); i++ {
		begin, end := r.claimed(m.starts[i])
		if !begin.Before(to) {
			return
		}
		now := r.pool.rule.remaining(m.member.capacity - ledgers.Taken(m.member.id, begin, end))
		r.free += now - m.remaining[i]
		if i >= m.soonest {
			r.left += now - m.remaining[i]
		}
		m.remaining[i] = now
	}
}

// claimed is what a booking at the start takes of its member.
func (r *MeasuredDay) claimed(start time.Time) (from, to time.Time) {
	return r.pool.claimed(Start{Start: start, End: start.Add(r.pool.query.Service.Duration)})
}

// DayPlaces is how much of the day is there, and free, now.
func (r *MeasuredDay) DayPlaces() DayPlaces {
	each := startsEach(r.pool.query.Service)
	return DayPlaces{Capacity: ceilDiv(r.capacity, each), Free: ceilDiv(r.free, each), Left: ceilDiv(r.left, each)}
}

// UnitSeconds is how much a claim takes of what can be booked now of the day, in seconds times units, whichever service it is a claim of.
func (r *MeasuredDay) UnitSeconds(c booking.Claim) int64 {
	for i := range r.members {
		m := &r.members[i]
		if m.member.id != c.Resource || m.soonest == len(m.starts) {
			continue
		}
		from, _ := r.claimed(m.starts[m.soonest])
		_, to := r.claimed(m.starts[len(m.starts)-1])
		if from.Before(c.Start) {
			from = c.Start
		}
		if c.End.Before(to) {
			to = c.End
		}
		return int64(c.Units) * max(0, int64(to.Sub(from)/time.Second))
	}
	return 0
}

// Places is how many places of the service so many unit seconds are worth, rounded up. A booking of the service itself is worth those that
// it takes.
func (r *MeasuredDay) Places(unitSeconds int64) int {
	s := r.pool.query.Service
	each := int64(max(r.pool.rule.units, 1)) * int64((s.BufferBefore+s.Duration+s.BufferAfter)/time.Second)
	return int((unitSeconds + each - 1) / each)
}

// startsEach is how many starts a booking takes a place of: those that lie within its length, buffers included.
func startsEach(s booking.Service) int {
	return max(1, ceilDiv(int((s.BufferBefore+s.Duration+s.BufferAfter)/time.Minute), int(max(s.Step, time.Minute)/time.Minute)))
}

func ceilDiv(n, by int) int { return (n + by - 1) / by }

// MostPlaces is more than a service's local day can have, whichever date and hours, and cheap to know: there are so many steps in a day
// of 25 hours, and one start more in each opening. An opening of the day before may run over all of it, and has starts of its own.
func MostPlaces(s booking.Service, resources map[booking.ResourceID]booking.Resource) (places int) {
	q := Query{Service: s, Resources: resources}
	rule := ruleOf(q)
	for _, id := range q.members() {
		places += rule.remaining(resources[id].Capacity)
	}
	starts := 2*int(longestDay/max(s.Step, time.Minute)) + booking.MaxPeriodsPerDay + 2
	return ceilDiv(places*starts, startsEach(s))
}

// DayBounds are the instants [from, to) of a local date.
func DayBounds(zone *time.Location, date booking.Date) (from, to time.Time) {
	return schedule.DateBounds(zone, date, date)
}
