package desk

import (
	"time"

	"vacancy/internal/booking"
)

// holdDeadline is when a hold made or extended at now runs out. A hold does not outlive the start of what it holds.
func holdDeadline(now time.Time, s booking.Service, start time.Time) time.Time {
	deadline := now.Add(s.HoldFor)
	if start.Before(deadline) {
		deadline = start
	}
	return deadline.Truncate(time.Microsecond)
}

// lastHoldDeadline is when a hold ends at the latest, however often it is extended.
func lastHoldDeadline(b booking.Booking, s booking.Service) time.Time {
	return b.CreatedAt.Add(max(booking.MaxTotalHold, s.HoldFor)).Truncate(time.Microsecond)
}
