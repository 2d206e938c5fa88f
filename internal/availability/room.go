package availability

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// Room is how much of a service's local day is there, and free, in places: people if a requirement is per person, else bookings. A booking
// takes a place at each start that it overlaps, so the sums over the starts are divided by how many these are.
type Room struct {
	// Capacity is all that the day has, and Free what is not taken of it, whatever the time.
	Capacity, Free int
	// Left is the part of Free that can be booked now.
	Left int
	// Scarce tells whether half of the day, or more, is taken.
	Scarce bool
}

// RoomOn measures a service's local day, over all its resources.
func RoomOn(q Query, date booking.Date) Room {
	q.Resource = ""
	begin, end := schedule.DateBounds(q.Zone, date, date)
	p := newPool(q, begin, end)
	var capacity, free, left int
	for _, start := range p.candidates(begin, end) {
		s := Start{Start: start, End: start.Add(q.Service.Duration)}
		if booking.DateOf(start) != date || !p.offer(s, true) {
			continue
		}
		p.measure(&s)
		capacity += s.Capacity
		free += s.Remaining
		if p.timely(start) == nil {
			left += s.Remaining
		}
	}
	each := startsEach(q.Service)
	return Room{
		Capacity: ceilDiv(capacity, each), Free: ceilDiv(free, each), Left: ceilDiv(left, each), Scarce: 2*free <= capacity,
	}
}

// startsEach is how many starts a booking takes a place of: those that lie within its length, buffers included.
func startsEach(s booking.Service) int {
	return max(1, ceilDiv(int((s.BufferBefore+s.Duration+s.BufferAfter)/time.Minute), int(max(s.Step, time.Minute)/time.Minute)))
}

func ceilDiv(n, by int) int { return (n + by - 1) / by }

// DayBounds are the instants [from, to) of a local date.
func DayBounds(zone *time.Location, date booking.Date) (from, to time.Time) {
	return schedule.DateBounds(zone, date, date)
}
