package booking

import "time"

// SlotStatus says in one word how much room a slot has.
type SlotStatus string

// The statuses of a slot, and of a day as the best of its slots.
const (
	Available SlotStatus = "available"
	// Limited: less than half is left, or the last one of several. If the service sets LimitedBelow: less than that is left.
	Limited SlotStatus = "limited"
	// Full: a booking of the size asked for does not fit.
	Full SlotStatus = "full"
	// Closed: there is no such start (any more). A day without slots is closed.
	Closed SlotStatus = "closed"
)

// Slot is one start of a service that could be booked. It is computed, never stored; its key is Start.
type Slot struct {
	Start, End time.Time
	// Remaining is the most that could still be placed at this start: people if the requirement is per person, else bookings.
	Remaining int
	// Capacity is what Remaining would be if nothing were claimed.
	Capacity int
	Status   SlotStatus
}
