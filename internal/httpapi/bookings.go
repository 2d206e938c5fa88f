package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

func (a *api) addBookings() {
	const path = "/v1/venues/{venue}/bookings"
	a.add(&route{
		method: http.MethodPost, path: path, id: "book", tag: tagBookings,
		summary: "Book, or hold, a slot",
		description: "It claims all that the service requires, or nothing. First come, first served: what is answered 201 is yours, " +
			"and a 409 carries up to five alternatives. Send an Idempotency-Key, and the call can be repeated until an answer arrives.",
		access: anybody, crossOrigin: true,
		params:    []string{"Idempotency-Key"},
		successes: []success{{http.StatusCreated, "The booking, with the token to manage it.", Booking{}, "", []string{"Location"}}},
		errors: []string{
			"not_found", "invalid", "forbidden", "not_a_slot", "too_soon", "beyond_horizon", "slot_unavailable",
			"holds_limited", "bookings_limited", "contact_limited", "idempotency_mismatch", "busy",
		},
		handler: withBody((*requestContext).book),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/{booking}", id: "get-booking", tag: tagBookings,
		summary: "Read a booking", access: bookingOwn, crossOrigin: true,
		successes: []success{{http.StatusOK, "The booking.", Booking{}, "", nil}},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).getBooking),
	})
	a.addTransition("confirm", "Confirm a hold", "Confirming what is confirmed already changes nothing.",
		[]string{"invalid", "hold_expired", "wrong_status", "contact_limited"}, withOptionalBody((*requestContext).confirm))
	a.addTransition("extend", "Extend a hold", "Gives the hold its full time once more, at most three times.",
		[]string{"hold_expired", "wrong_status"}, withOptionalBody((*requestContext).extend))
	a.addTransition("cancel", "Cancel a booking or a hold",
		"Customers may until the start. Cancelling what is cancelled already changes nothing.",
		[]string{"wrong_status"}, withOptionalBody((*requestContext).cancel))
	a.addBookingsList(path)
}

// addTransition adds a route that moves a booking to another status.
func (a *api) addTransition(name, summary, description string, errors []string, h handler) {
	a.add(&route{
		method: http.MethodPost, path: "/v1/venues/{venue}/bookings/{booking}/" + name, id: name + "-booking", tag: tagBookings,
		summary: summary, description: description,
		access: bookingOwn, crossOrigin: true,
		params:    []string{"Idempotency-Key"},
		successes: []success{{http.StatusOK, "The booking as it is now.", Booking{}, "", nil}},
		errors:    append(errors, "not_found", "idempotency_mismatch", "busy"),
		handler:   h,
	})
}

func (c *requestContext) book(b BookingRequest) error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	party, start := valueOr(b.PartySize, 1), time.Time(b.Start)
	customer := b.Customer.customer()
	asked := []string{
		string(b.Service), strconv.FormatInt(start.Unix(), 10), string(b.Resource), strconv.Itoa(party),
		strconv.FormatBool(b.Hold), customer.Name, customer.Email, customer.Phone, customer.Note,
	}
	if b.Override { // behind the others, so that a key from before there were overrides still fits
		asked = append(asked, "override")
	}
	idempotency, err := c.idempotency(asked...)
	if err != nil {
		return err
	}
	undo, err := c.countBooking(venue, idempotency)
	if err != nil {
		return err
	}
	made, err := c.Desk.Book(c.r.Context(), c.actor, desk.BookRequest{
		Venue: venue, Service: b.Service, Start: start, Resource: b.Resource, PartySize: party, Hold: b.Hold,
		Override: b.Override, Customer: customer, Idempotency: idempotency,
	})
	if err != nil {
		if !errors.Is(err, booking.ErrOutcomeUnknown) { // nothing was made: a lost race costs a request, and no booking
			undo()
		}
		return err
	}
	c.w.Header()["Location"] = []string{c.r.URL.EscapedPath() + "/" + string(made.Booking.ID)}
	return c.bookingAnswer(http.StatusCreated, made)
}

func (c *requestContext) getBooking() error {
	venue, id, err := c.booking()
	if err != nil {
		return err
	}
	found, err := c.Desk.Booking(c.r.Context(), c.actor, venue, id)
	if err != nil {
		return err
	}
	return c.bookingAnswer(http.StatusOK, found)
}

func (c *requestContext) confirm(b ConfirmRequest) error {
	customer := b.Customer.customer()
	request, err := c.transitionRequest(customer.Name, customer.Email, customer.Phone, customer.Note)
	if err != nil {
		return err
	}
	made, err := c.Desk.Confirm(c.r.Context(), c.actor, request, customer)
	if err != nil {
		return err
	}
	return c.bookingAnswer(http.StatusOK, made)
}

func (c *requestContext) extend(Nothing) error { return c.transition(c.Desk.Extend) }

func (c *requestContext) cancel(Nothing) error { return c.transition(c.Desk.Cancel) }

// transition runs one that needs to know nothing but the booking.
func (c *requestContext) transition(transition func(context.Context, booking.Actor, desk.TransitionRequest) (desk.Outcome, error)) error {
	request, err := c.transitionRequest()
	if err != nil {
		return err
	}
	made, err := transition(c.r.Context(), c.actor, request)
	if err != nil {
		return err
	}
	return c.bookingAnswer(http.StatusOK, made)
}

// transitionRequest names the booking of the path, and makes the step repeatable. The parts are what else is asked.
func (c *requestContext) transitionRequest(parts ...string) (desk.TransitionRequest, error) {
	venue, id, err := c.booking()
	if err != nil {
		return desk.TransitionRequest{}, err
	}
	idempotency, err := c.idempotency(append(parts, string(id))...)
	return desk.TransitionRequest{Venue: venue, ID: id, Idempotency: idempotency}, err
}

// booking is the booking that the path names.
func (c *requestContext) booking() (booking.VenueID, booking.BookingID, error) {
	venue, err := c.venue()
	if err != nil {
		return "", "", err
	}
	id, err := c.id("booking")
	return venue, booking.BookingID(id), err
}

func isVisibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// bookingAnswer answers with a booking.
func (c *requestContext) bookingAnswer(status int, o desk.Outcome) error {
	c.w.Header()["Cache-Control"] = noStore
	return c.json(status, outcomeOf(o))
}
