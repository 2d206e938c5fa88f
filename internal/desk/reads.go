package desk

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Filter chooses bookings of a venue, and says where a page of them goes on. It is the store's own, for those who ask the desk and
// know no store.
type Filter = store.Filter

// Venues lists the venues by id, after the given one. They are public.
func (d *Desk) Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error) {
	return read(ctx, func(ctx context.Context) ([]booking.Venue, error) {
		return d.config.Store.Venues(ctx, after, min(limit, MaxPage))
	})
}

// Booking reads one booking for an actor that may manage it.
func (d *Desk) Booking(ctx context.Context, a booking.Actor, venue booking.VenueID, id booking.BookingID) (Outcome, error) {
	b, err := read(ctx, func(ctx context.Context) (booking.Booking, error) { return d.config.Store.Booking(ctx, venue, id) })
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
	return read(ctx, func(ctx context.Context) ([]booking.Booking, error) {
		return d.config.Store.Bookings(ctx, venue, filter)
	})
}

// read asks the store for something that a caller waits for, and tells the caller in time that it does not answer.
func read[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	asking, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	found, err := ask(asking)
	if err != nil && asking.Err() != nil && ctx.Err() == nil {
		return found, errSlowStore
	}
	return found, err
}

// errSlowStore: the store did not answer a read in time.
var errSlowStore = fmt.Errorf("%w: the store did not answer within %s", booking.ErrUnavailable, readTimeout)

// Writable tells whether the last write did not fail just now for want of a store. It asks nobody, so it is answered at once.
func (d *Desk) Writable() bool {
	at := d.outage.Load()
	return at == 0 || time.Since(time.Unix(0, at)) >= outageTTL
}
