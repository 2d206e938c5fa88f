package desk

import "vacancy/internal/booking"

// Who may see and change a booking: staff, and whoever has its manage token.

// managed finds a booking that the actor may see and change.
func (d *draft) managed(a booking.Actor, id booking.BookingID) (booking.Booking, error) {
	b, ok := d.bookings[id]
	if !ok {
		return booking.Booking{}, booking.ErrNotFound
	}
	return b, mayManage(a, b)
}

// mayManage is nil if the actor may see and change the booking.
func mayManage(a booking.Actor, b booking.Booking) error {
	switch {
	case b.ManagedBy(a):
		return nil
	case a.Kind == booking.Public:
		return booking.ErrUnauthenticated
	default:
		return booking.ErrForbidden
	}
}
