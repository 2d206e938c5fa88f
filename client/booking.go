package client

import (
	"context"
	"net/http"
	"time"
)

// NewBooking is what a booking is made of.
type NewBooking struct {
	Service string    `json:"service"`
	Start   time.Time `json:"start"`
	// Resource is the member of a pool that the customer wants, or "" for any.
	Resource  string `json:"resource,omitempty"`
	PartySize int    `json:"party_size,omitempty"`
	// Customer may be nil for a hold; see [Client.Confirm].
	Customer *Customer `json:"customer,omitempty"`
	// Override, with a key, books inside the notice, beyond the horizon and off the grid of starts.
	Override bool `json:"override,omitempty"`
}

// Customer is who a booking is for: a name, and an email address or a phone number.
type Customer struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	Note  string `json:"note,omitempty"`
}

// Booking is one customer's reservation, with one id for its whole life.
type Booking struct {
	ID        string        `json:"id"`
	Status    BookingStatus `json:"status"`
	Venue     string        `json:"venue"`
	Service   string        `json:"service"`
	Start     time.Time     `json:"start"`
	End       time.Time     `json:"end"`
	PartySize int           `json:"party_size"`
	Claims    []Claim       `json:"claims"`
	// ExpiresAt is when a hold ends; zero for any other status.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// CancelledBy is who ended what is cancelled or expired: "customer", "venue", or "system" if a hold ran out.
	CancelledBy string   `json:"cancelled_by,omitempty"`
	Customer    Customer `json:"customer,omitzero"`
	// Code is the short form of the id that people read to each other.
	Code      string    `json:"code"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// Position includes the booking; see [Query].
	Position string `json:"position"`
	// ManageToken authorises later calls for this booking; see [Token]. Only the answer that created the booking has it.
	ManageToken string `json:"manage_token,omitempty"`
}

// Claim is what a booking takes of one resource.
type Claim struct {
	Resource string `json:"resource"`
	Units    int    `json:"units"`
}

// BookingStatus is where a booking is in its life.
type BookingStatus string

// The statuses of a booking: held -> confirmed -> completed or no_show; or expired, or cancelled.
const (
	Held      BookingStatus = "held"
	Confirmed BookingStatus = "confirmed"
	Completed BookingStatus = "completed"
	NoShow    BookingStatus = "no_show"
	Expired   BookingStatus = "expired"
	Cancelled BookingStatus = "cancelled"
)

// Book makes a confirmed booking. If the slot is taken, the [*Problem] has [CodeSlotUnavailable] and carries alternatives.
func (c *Client) Book(ctx context.Context, venue string, b NewBooking, options ...CallOption) (Booking, error) {
	return c.book(ctx, venue, b, false, options)
}

// Hold takes the place for a few minutes, until ExpiresAt of the answer. [Client.Confirm] makes a booking of it.
func (c *Client) Hold(ctx context.Context, venue string, b NewBooking, options ...CallOption) (Booking, error) {
	return c.book(ctx, venue, b, true, options)
}

func (c *Client) book(ctx context.Context, venue string, b NewBooking, hold bool, options []CallOption) (Booking, error) {
	body := struct {
		NewBooking
		Hold bool `json:"hold"`
	}{b, hold}
	return write[Booking](ctx, c, newCall(http.MethodPost, venuePath(venue, "bookings"), options), body)
}

// Booking gets a booking. It needs the booking's [Token] or a key, and so do the calls below.
func (c *Client) Booking(ctx context.Context, venue, id string, options ...CallOption) (Booking, error) {
	b, _, err := read[Booking](ctx, c, newCall(http.MethodGet, venuePath(venue, "bookings", id), options))
	return b, err
}

// Confirm turns a hold into a confirmed booking. The customer may be nil if the hold already has one.
func (c *Client) Confirm(ctx context.Context, venue, id string, customer *Customer, options ...CallOption) (Booking, error) {
	body := struct {
		Customer *Customer `json:"customer,omitempty"`
	}{customer}
	return write[Booking](ctx, c, newCall(http.MethodPost, venuePath(venue, "bookings", id, "confirm"), options), body)
}

// Extend gives a hold its whole time again, counted from now. The server allows it a few times for each hold.
func (c *Client) Extend(ctx context.Context, venue, id string, options ...CallOption) (Booking, error) {
	return write[Booking](ctx, c, newCall(http.MethodPost, venuePath(venue, "bookings", id, "extend"), options), struct{}{})
}

// Cancel gives the place back.
func (c *Client) Cancel(ctx context.Context, venue, id string, options ...CallOption) (Booking, error) {
	return write[Booking](ctx, c, newCall(http.MethodPost, venuePath(venue, "bookings", id, "cancel"), options), struct{}{})
}
