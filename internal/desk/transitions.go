package desk

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

// TransitionRequest asks for a transition of one booking to its next status.
type TransitionRequest struct {
	Venue       booking.VenueID
	ID          booking.BookingID
	Idempotency Idempotency
}

// Confirm makes a hold a confirmed booking. The customer, if given, replaces what the hold knew. Confirming what is confirmed
// already changes nothing. Errors: [booking.ErrHoldExpired], [booking.ErrWrongStatus], and those of access.
func (d *Desk) Confirm(ctx context.Context, a booking.Actor, r TransitionRequest, customer booking.Customer) (Outcome, error) {
	return d.transition(ctx, a, r, func(draft *draft, b booking.Booking) (booking.Booking, error) {
		switch b.Status {
		case booking.Held:
		case booking.Confirmed:
			if customer.IsZero() || customer == b.Customer {
				return b, nil
			}
			return b, fmt.Errorf("%w: it is confirmed for another customer's details", booking.ErrWrongStatus)
		case booking.Expired:
			return b, booking.ErrHoldExpired
		default:
			return b, fmt.Errorf("%w: it is %s", booking.ErrWrongStatus, b.Status)
		}
		if !customer.IsZero() {
			b.Customer = customer
		}
		if err := b.Customer.Validate(); err != nil {
			return b, err
		}
		b.Status, b.ExpiresAt = booking.Confirmed, time.Time{}
		return draft.transition(a, booking.BookingConfirmed, b, nil, nil), nil
	})
}

// Extend gives a hold its full time once more, at most [booking.MaxExtensions] times.
func (d *Desk) Extend(ctx context.Context, a booking.Actor, r TransitionRequest) (Outcome, error) {
	return d.transition(ctx, a, r, func(draft *draft, b booking.Booking) (booking.Booking, error) {
		switch {
		case b.Status == booking.Expired:
			return b, booking.ErrHoldExpired
		case b.Status != booking.Held:
			return b, fmt.Errorf("%w: it is %s, not held", booking.ErrWrongStatus, b.Status)
		case b.Extensions >= booking.MaxExtensions:
			return b, fmt.Errorf("%w: it was extended %d times already", booking.ErrWrongStatus, b.Extensions)
		}
		b.Extensions++
		b.ExpiresAt = holdDeadline(draft.now, draft.picture.Services[b.Service], b.Start)
		return draft.transition(a, booking.BookingExtended, b, nil, nil), nil
	})
}

// Cancel gives back what a hold or a confirmed booking claims. Cancelling what is cancelled already changes nothing. A customer
// may cancel until the start; staff also after it.
func (d *Desk) Cancel(ctx context.Context, a booking.Actor, r TransitionRequest) (Outcome, error) {
	return d.transition(ctx, a, r, func(draft *draft, b booking.Booking) (booking.Booking, error) {
		switch {
		case b.Status == booking.Cancelled:
			return b, nil
		case b.Status != booking.Held && b.Status != booking.Confirmed:
			return b, fmt.Errorf("%w: it is %s", booking.ErrWrongStatus, b.Status)
		case a.Kind != booking.Staff && !draft.now.Before(b.Start):
			return b, fmt.Errorf("%w: it has begun", booking.ErrWrongStatus)
		}
		return draft.end(a, booking.BookingCancelled, b, booking.Cancelled), nil
	})
}

// transition runs a command on one booking that the actor may manage.
func (d *Desk) transition(
	ctx context.Context, a booking.Actor, r TransitionRequest, decide func(*draft, booking.Booking) (booking.Booking, error),
) (Outcome, error) {
	return d.executeOnce(ctx, r.Venue, a, r.Idempotency, r.ID, func(draft *draft) (Outcome, error) {
		b, err := draft.managed(a, r.ID)
		if err != nil {
			return Outcome{}, err
		}
		if b, err = decide(draft, b); err != nil {
			return Outcome{}, err
		}
		return Outcome{Booking: b, Position: draft.position()}, nil
	})
}

// end ends a booking, and frees its claims.
func (d *draft) end(a booking.Actor, kind booking.EntryKind, b booking.Booking, to booking.Status) booking.Booking {
	b.Status, b.ExpiresAt, b.EndedBy = to, time.Time{}, a.Side()
	b.ClientTag, b.ContactTag = "", "" // nobody is counted for it any more
	return d.transition(a, kind, b, nil, b.Claims)
}

// expireDue ends the holds that have run out, before anything else is decided: they block nobody (I7).
func (d *draft) expireDue(due []booking.Booking) {
	for _, b := range due {
		d.end(booking.Actor{Kind: booking.System}, booking.BookingExpired, b, booking.Expired)
	}
}
