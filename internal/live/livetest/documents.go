package livetest

import (
	"context"

	"vacancy/internal/booking"
)

// nothing is a [live.Documents] without bookings.
type nothing struct{}

func (nothing) Booking(context.Context, booking.VenueID, booking.BookingID, string) ([]byte, error) {
	return nil, booking.ErrNotFound
}
