package availability

import "vacancy/internal/booking"

// Slot is the start as it looks to a party of that size.
func (s Start) Slot(service booking.Service, party int) booking.Slot {
	return booking.Slot{
		Start: s.Start, End: s.End,
		Remaining: s.Remaining, Capacity: s.Capacity,
		Status: s.status(service.LimitedBelow, party),
	}
}

func (s Start) status(limitedBelow *int, party int) booking.SlotStatus {
	last := s.Remaining == 1 && s.Capacity > 1
	limited := last || s.Remaining*2 < s.Capacity
	if limitedBelow != nil {
		limited = s.Remaining < *limitedBelow
	}
	switch {
	case s.Remaining == 0 || party > s.Largest:
		return booking.Full
	case limited:
		return booking.Limited
	}
	return booking.Available
}

// DayStatus is the best status of a day's slots; a day without any is closed.
func DayStatus(slots []booking.Slot) booking.SlotStatus {
	best := booking.Closed
	for _, slot := range slots {
		switch {
		case slot.Status == booking.Available:
			return booking.Available
		case slot.Status == booking.Limited, best == booking.Closed:
			best = slot.Status
		}
	}
	return best
}
