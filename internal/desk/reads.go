package desk

import (
	"context"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Filter chooses bookings of a venue, and says where a page of them goes on. It is the store's own, for those who ask the desk and
// know no store.
type Filter = store.Filter

// Venues lists the venues by id, after the given one. They are public.
func (d *Desk) Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error) {
	return d.config.Store.Venues(ctx, after, min(limit, MaxPage))
}

// Booking reads one booking for an actor that may manage it.
func (d *Desk) Booking(ctx context.Context, a booking.Actor, venue booking.VenueID, id booking.BookingID) (Outcome, error) {
	b, err := d.config.Store.Booking(ctx, venue, id)
	if err != nil {
		return Outcome{}, err
	}
	if err := mayManage(a, b); err != nil {
		return Outcome{}, err
	}
	p, err := d.config.View.Picture(ctx, venue)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Booking: b, Position: booking.Position{Epoch: p.Epoch, Revision: b.Revision}, Zone: p.Zone}, nil
}

// Bookings lists a venue's bookings by start, for staff.
func (d *Desk) Bookings(
	ctx context.Context, a booking.Actor, venue booking.VenueID, filter Filter,
) ([]booking.Booking, error) {
	if err := staffOnly(a); err != nil {
		return nil, err
	}
	if _, err := d.config.View.Picture(ctx, venue); err != nil {
		return nil, err
	}
	filter.Limit = min(filter.Limit, MaxPage)
	return d.config.Store.Bookings(ctx, venue, filter)
}

// Writable tells whether a write would be likely to succeed: the store answers, and the last write did not fail just now.
func (d *Desk) Writable(ctx context.Context) bool {
	if at := d.outage.Load(); at != 0 && time.Since(time.Unix(0, at)) < outageTTL {
		return false
	}
	_, _, err := d.config.Store.Due(ctx, 1)
	return err == nil
}
