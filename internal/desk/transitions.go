package desk

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
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
	who := d.requester(a, r.Venue, customer)
	return d.transition(ctx, a, r, who, func(draft *draft, b booking.Booking) (booking.Booking, error) {
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
		if err := draft.admitConfirmed(who, &b); err != nil {
			return b, err
		}
		b.Status, b.ExpiresAt = booking.Confirmed, time.Time{}
		return draft.transition(a, booking.BookingConfirmed, b, nil, nil), nil
	})
}

// Extend gives a hold its full time once more, at most [booking.MaxExtensions] times.
func (d *Desk) Extend(ctx context.Context, a booking.Actor, r TransitionRequest) (Outcome, error) {
	who := d.requester(a, r.Venue, booking.Customer{})
	return d.transition(ctx, a, r, requester{}, func(draft *draft, b booking.Booking) (booking.Booking, error) {
		switch {
		case b.Status == booking.Expired:
			return b, booking.ErrHoldExpired
		case b.Status != booking.Held:
			return b, fmt.Errorf("%w: it is %s, not held", booking.ErrWrongStatus, b.Status)
		case b.Extensions >= booking.MaxExtensions:
			return b, fmt.Errorf("%w: it was extended %d times already", booking.ErrWrongStatus, b.Extensions)
		}
		service := draft.picture.Services[b.Service]
		deadline := holdDeadline(draft.now, service, b.Start)
		if last := lastHoldDeadline(b, service); who.counted && last.Before(deadline) {
			if deadline = last; !b.ExpiresAt.Before(deadline) {
				return b, fmt.Errorf("%w: it was held for as long as a hold may be", booking.ErrWrongStatus)
			}
		}
		b.Extensions++
		b.ExpiresAt = deadline
		return draft.transition(a, booking.BookingExtended, b, nil, nil), nil
	})
}

// Cancel gives back what a hold or a confirmed booking claims. Cancelling what is cancelled already changes nothing. A customer
// may cancel until the start; staff also after it.
func (d *Desk) Cancel(ctx context.Context, a booking.Actor, r TransitionRequest) (Outcome, error) {
	return d.transition(ctx, a, r, requester{}, func(draft *draft, b booking.Booking) (booking.Booking, error) {
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

// admitConfirmed is nil if the limits on places allow the hold to be confirmed, and has it counted for its contact. One that staff
// confirm is counted for nobody.
func (d *draft) admitConfirmed(who requester, b *booking.Booking) error {
	if !who.counted {
		b.ClientTag, b.ContactTag = "", ""
		return nil
	}
	if who.contact == "" || who.contact == b.ContactTag {
		return nil // it was counted when it was made
	}
	if err := d.admitContact(who.contact, d.picture.Services[b.Service].Limits.OrDefaults()); err != nil {
		return err
	}
	b.ContactTag = who.contact
	return nil
}

// transition runs a command on one booking that the actor may manage, and that is counted for whom it names.
func (d *Desk) transition(
	ctx context.Context, a booking.Actor, r TransitionRequest, who requester, decide func(*draft, booking.Booking) (booking.Booking, error),
) (Outcome, error) {
	need := func(n *store.Need, _ *view.Picture) {
		n.Bookings = append(n.Bookings, r.ID)
		if who.contact != "" {
			n.Contacts = append(n.Contacts, who.contact)
		}
	}
	return d.executeOnce(ctx, r.Venue, a, r.Idempotency, need, func(draft *draft) (Outcome, error) {
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
