package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// BookRequest asks for one booking.
type BookRequest struct {
	Venue   booking.VenueID
	Service booking.ServiceID
	Start   time.Time
	// Resource is the customer's choice, or empty for any that serves.
	Resource  booking.ResourceID
	PartySize int
	// Override has staff book inside the notice, beyond the horizon and off the grid of starts. Nothing is oversold by it, and the
	// resource must be open. It is recorded in the change.
	Override bool
	// Hold makes a hold, which needs no customer yet; otherwise the booking is confirmed at once.
	Hold        bool
	Customer    booking.Customer
	Idempotency Idempotency
}

// Outcome is a booking after a command.
type Outcome struct {
	Booking booking.Booking
	// Token is the manage token: of a new booking only, and nowhere else to be read again.
	Token string
	// Position is where a reader must be to see what the command did.
	Position booking.Position
	// Zone is the venue's. It comes with the outcome: to show what was done nothing more need be read, which could fail.
	Zone *time.Location
}

// Book makes a booking: it claims all that the service requires, or fails. Errors: [booking.ErrNotFound], [booking.Invalid],
// [booking.ErrForbidden] for an override that is not staff's, those of the limits on places,
// and a [booking.Refused] for ErrNotASlot, ErrTooSoon, ErrBeyondHorizon and ErrSlotUnavailable.
func (d *Desk) Book(ctx context.Context, a booking.Actor, r BookRequest) (Outcome, error) {
	if r.Override && a.Kind != booking.Staff {
		return Outcome{}, booking.ErrForbidden
	}
	if !r.Hold || !r.Customer.IsZero() {
		if err := r.Customer.Validate(); err != nil {
			return Outcome{}, err
		}
	}
	who := d.requester(a, r.Venue, r.Customer)
	need := func(n *store.Need, p *view.Picture) { who.need(n, p, r) }
	made, err := d.executeOnce(ctx, r.Venue, a, r.Idempotency, need, func(draft *draft) (Outcome, error) { return draft.book(a, who, r) })
	if refusedForTheSlot(err) {
		return Outcome{}, d.refuse(ctx, err, r)
	}
	return made, err
}

func (d *draft) book(a booking.Actor, who requester, r BookRequest) (Outcome, error) {
	if err := d.requireActive(); err != nil {
		return Outcome{}, err
	}
	service, err := d.service(r.Service)
	if errors.Is(err, booking.ErrNotFound) {
		err = &booking.Missing{FieldError: booking.FieldError{Field: "service", Message: fmt.Sprintf("there is no service %q", r.Service)}}
	}
	if err != nil {
		return Outcome{}, err
	}
	fitter := d.fitter(service, r.Resource, r.Start)
	fit := fitter.Fit
	if r.Override {
		fit = fitter.FitAnyTime
	}
	claims, err := fit(r.PartySize)
	if err != nil {
		return Outcome{}, err
	}
	if err := d.admit(who, r, service); err != nil {
		return Outcome{}, err
	}
	token := newToken()
	start := r.Start.UTC()
	b := booking.Booking{
		Venue: r.Venue, ID: booking.NewBookingID(d.now), Service: service.ID, Status: booking.Confirmed,
		Start: start, End: start.Add(service.Duration), WallStart: start.In(d.picture.Zone).Format("2006-01-02T15:04:05"),
		PartySize: r.PartySize, Claims: claims, Customer: r.Customer, TokenHash: booking.HashToken(token),
		ClientTag: who.client, ContactTag: who.contact,
	}
	kind := booking.BookingConfirmed
	if r.Hold {
		b.Status, b.ExpiresAt, kind = booking.Held, holdDeadline(d.now, service, start), booking.BookingHeld
	}
	return Outcome{Booking: d.create(a, kind, b, r.Override), Token: token, Position: d.position()}, nil
}

// executeOnce runs a command that ends in a booking, once for each idempotency key. more adds to what it needs to know.
func (d *Desk) executeOnce(
	ctx context.Context, venue booking.VenueID, a booking.Actor, r Idempotency, more func(*store.Need, *view.Picture),
	decide func(*draft) (Outcome, error),
) (Outcome, error) {
	if err := r.validate(); err != nil {
		return Outcome{}, err
	}
	repeatable, err := r.repeatable(a)
	if err != nil {
		return Outcome{}, err
	}
	need := func(n *store.Need, p *view.Picture) {
		more(n, p)
		if repeatable != nil {
			n.Answers = append(n.Answers, repeatable.key)
		}
	}
	var made Outcome
	err = d.execute(ctx, venue, need, func(draft *draft) (err error) {
		if repeatable != nil {
			if answer, ok := draft.answers[repeatable.key]; ok {
				made, err = repeatable.decrypt(answer)
				made.Zone = draft.picture.Zone
				return err
			}
		}
		if made, err = decide(draft); err != nil {
			return err
		}
		made.Zone = draft.picture.Zone
		if repeatable == nil {
			return nil
		}
		return draft.storeAnswer(repeatable, made)
	})
	if err != nil {
		return Outcome{}, err
	}
	return made, nil
}

// refusedForTheSlot tells whether the customer should be shown other slots.
func refusedForTheSlot(err error) bool {
	return errors.Is(err, booking.ErrSlotUnavailable) || errors.Is(err, booking.ErrTooSoon) ||
		errors.Is(err, booking.ErrBeyondHorizon) || errors.Is(err, booking.ErrNotASlot)
}
