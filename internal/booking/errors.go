package booking

import (
	"errors"
	"fmt"
	"strings"
)

// Errors by meaning. The HTTP API has one table that turns each into a status and a code.
var (
	// ErrNotFound: there is no such venue, resource, service or booking, or it is archived.
	ErrNotFound = errors.New("not found")
	// ErrNotASlot: the service has no slot that starts then.
	ErrNotASlot = errors.New("no slot starts then")
	// ErrTooSoon: the start is past, or nearer than the service's minimum notice.
	ErrTooSoon = errors.New("the start is past or too soon")
	// ErrBeyondHorizon: the start is later than the service can be booked yet.
	ErrBeyondHorizon = errors.New("the start cannot be booked yet")
	// ErrSlotUnavailable: there is not enough room left at the start.
	ErrSlotUnavailable = errors.New("not enough room is left at this start")
	// ErrHoldExpired: the hold ran out before it was confirmed or extended.
	ErrHoldExpired = errors.New("the hold has expired")
	// ErrWrongStatus: the booking's status does not allow the transition, such as confirming a cancelled booking.
	ErrWrongStatus = errors.New("the booking's status does not allow this")
	// ErrHoldsLimited: the client, or all clients together, hold as much of what little is left as they may. Booking at once works.
	ErrHoldsLimited = errors.New("too many holds for what is left")
	// ErrBookingsLimited: the client has made as many bookings lately as it may while little is left.
	ErrBookingsLimited = errors.New("too many bookings from one client for what is left")
	// ErrContactLimited: the contact has as many live bookings as it may have.
	ErrContactLimited = errors.New("the contact has too many bookings already")
	// ErrUnauthenticated: the call needs a key or a booking's token and has none.
	ErrUnauthenticated = errors.New("a bearer token is needed")
	// ErrForbidden: the caller is known, or its token is, but may not do this.
	ErrForbidden = errors.New("not allowed with this token")
	// ErrPrecondition: an If-Match or If-None-Match condition does not hold.
	ErrPrecondition = errors.New("the thing has changed since it was read")
	// ErrIdempotencyMismatch: the idempotency key was used before, for another request.
	ErrIdempotencyMismatch = errors.New("the idempotency key was used for another request")
	// ErrBusy: too many commands wait; the caller should come back a little later.
	ErrBusy = errors.New("too many requests are waiting")
	// ErrUnavailable: the store cannot be reached, or the server is stopping. Nothing was done.
	ErrUnavailable = errors.New("the service is unavailable")
	// ErrOutcomeUnknown: the store was lost while it committed, and did not come back in time to be asked. What was wished may be
	// done or not. A repeat with the same idempotency key is safe.
	ErrOutcomeUnknown = errors.New("it is not known whether this was done")
)

// Missing is an ErrNotFound of something that a field of the request names, not its address.
type Missing struct{ FieldError }

func (e *Missing) Error() string { return e.Field + ": " + e.Message }

// Unwrap makes it an ErrNotFound.
func (*Missing) Unwrap() error { return ErrNotFound }

// Refused is a refusal that leaves the customer somewhere to go: other slots, and people to speak to. Reason is one of the
// sentinel errors above, or a [NotASlot].
type Refused struct {
	Reason       error
	Alternatives []Alternative
	Contact      Contact
}

func (e *Refused) Error() string { return e.Reason.Error() }
func (e *Refused) Unwrap() error { return e.Reason }

// Alternative is a slot offered in place of the one that was refused.
type Alternative struct {
	Slot
	// Resource is set when the slot is free with this resource only, and the customer had asked for another or for this one.
	Resource ResourceID
}

// InUse refuses an edit of the catalogue because of bookings that it would break, or of services that it would leave without a resource.
type InUse struct {
	// Field is the setting that cannot change, in the API's words; "" for the thing as a whole.
	Field string
	// Bookings in the way, at most [MaxInUse] of them.
	Bookings []BookingID
	// More says that there are others besides.
	More bool
	// Services in the way; there are no bookings then.
	Services []ServiceID
}

func (e *InUse) Error() string {
	switch {
	case len(e.Services) > 0:
		names := make([]string, len(e.Services))
		for i, id := range e.Services {
			names[i] = string(id)
		}
		if len(names) == 1 {
			return "the service " + names[0] + " requires it"
		}
		return "the services " + strings.Join(names, ", ") + " require it"
	case e.More && len(e.Bookings) == 0:
		return "future bookings need it"
	case e.More:
		return fmt.Sprintf("more than %d future bookings need it", len(e.Bookings))
	case len(e.Bookings) == 1:
		return "one future booking needs it"
	}
	return fmt.Sprintf("%d future bookings need it", len(e.Bookings))
}
