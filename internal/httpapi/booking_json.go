package httpapi

import (
	"bytes"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/clean"
	"vacancy/internal/desk"
)

// BookingRequest asks for a booking.
type BookingRequest struct {
	Service   booking.ServiceID  `json:"service" example:"haircut"`
	Start     Instant            `json:"start" format:"date-time" doc:"A start that availability lists. Any offset and any spelling of RFC 3339 will do: the instant counts." example:"2026-11-24T09:00:00+01:00"`
	Resource  booking.ResourceID `json:"resource,omitempty" doc:"The resource that the customer chose; left out, any that serves."`
	PartySize *int               `json:"party_size,omitempty" minimum:"1" maximum:"10000" default:"1" doc:"How many people it is for."`
	Override  bool               `json:"override,omitempty" doc:"With a key: book inside the notice, beyond the horizon and off the grid of starts, while the resource is open. Nothing is oversold by it."`
	Hold      bool               `json:"hold" required:"false" doc:"Make a hold, to be confirmed before expires_at. A hold needs no customer yet."`
	Customer  Customer           `json:"customer,omitzero" doc:"Needed unless it is a hold: a name, and an email address or a phone number."`
}

// ConfirmRequest confirms a hold.
type ConfirmRequest struct {
	Customer Customer `json:"customer,omitzero" doc:"Who the booking is for. May be left out if the hold knows."`
}

// Nothing is a body that has no fields: what steps need that need nothing.
type Nothing struct{}

// Customer is who a booking is for.
type Customer struct {
	Name  string `json:"name" required:"false" maxLength:"200" example:"Ada Lovelace"`
	Email string `json:"email" required:"false" maxLength:"254" example:"ada@example.com"`
	Phone string `json:"phone" required:"false" maxLength:"40" example:"+44 20 5550 1815"`
	Note  string `json:"note" required:"false" maxLength:"2000" example:"A window seat, please."`
}

// Booking is one customer's reservation. Its times have the venue's offset.
type Booking struct {
	ID        booking.BookingID `json:"id" example:"bk_06b3qk6w8r9v1zj5n0a7yd2mfc"`
	Status    booking.Status    `json:"status" enum:"held,confirmed,completed,no_show,expired,cancelled" example:"confirmed"`
	Venue     booking.VenueID   `json:"venue" example:"fade-house"`
	Service   booking.ServiceID `json:"service" example:"haircut"`
	Start     string            `json:"start" format:"date-time" example:"2026-11-24T09:00:00+01:00"`
	End       string            `json:"end" format:"date-time" example:"2026-11-24T09:30:00+01:00"`
	PartySize int               `json:"party_size" example:"1"`
	Claims    []Claim           `json:"claims" nullable:"false" doc:"What it takes, buffers aside."`
	ExpiresAt string            `json:"expires_at,omitempty" format:"date-time" doc:"When a hold ends unless it is confirmed; holds only."`
	EndedBy   booking.Side      `json:"cancelled_by,omitempty" enum:"customer,venue,system" doc:"Who ended it, of what is cancelled or expired: system, if a hold ran out."`
	Customer  Customer          `json:"customer"`
	Code      string            `json:"code" doc:"A short form of the id for people to read to each other. It gives no access." example:"D2MF-C0A7"`
	CreatedAt string            `json:"created_at" format:"date-time" example:"2026-11-20T18:04:11.532207+01:00"`
	UpdatedAt string            `json:"updated_at" format:"date-time" example:"2026-11-20T18:04:11.532207+01:00"`
	Position  string            `json:"position,omitempty" doc:"Where a reader must be to see this; not in listings."`
	Token     string            `json:"manage_token,omitempty" doc:"Gives access to this booking. Only the answer to its making has it." example:"q83vEjRWeJASNFZ4kKvN7xI0VnI"`
}

// Claim is what a booking takes of one resource.
type Claim struct {
	Resource booking.ResourceID `json:"resource" example:"mia"`
	Units    int                `json:"units" example:"1"`
}

// Bookings is a page of bookings.
type Bookings struct {
	Bookings []Booking `json:"bookings" nullable:"false"`
}

// instantLayout has microseconds where there are any: instants that no calendar gave, such as when something was made.
const instantLayout = "2006-01-02T15:04:05.999999Z07:00"

// customer is who was named, in clean spelling.
func (c Customer) customer() booking.Customer {
	return booking.Customer{
		Name: clean.Line(c.Name), Email: clean.Email(c.Email), Phone: clean.Phone(c.Phone), Note: clean.Text(c.Note),
	}
}

func bookingOf(b booking.Booking, zone *time.Location) Booking {
	document := Booking{
		ID: b.ID, Status: b.Status, Venue: b.Venue, Service: b.Service, PartySize: b.PartySize, Code: b.ID.Code(),
		Start: b.Start.In(zone).Format(time.RFC3339), End: b.End.In(zone).Format(time.RFC3339),
		CreatedAt: b.CreatedAt.In(zone).Format(instantLayout), UpdatedAt: b.UpdatedAt.In(zone).Format(instantLayout),
		EndedBy: b.EndedBy, Customer: Customer(b.Customer), Claims: make([]Claim, len(b.Claims)),
	}
	for i, claim := range b.Claims {
		document.Claims[i] = Claim{Resource: claim.Resource, Units: claim.Units}
	}
	if b.Status == booking.Held {
		document.ExpiresAt = b.ExpiresAt.In(zone).Format(instantLayout)
	}
	return document
}

func outcomeOf(o desk.Outcome) Booking {
	document := bookingOf(o.Booking, o.Zone)
	document.Position = o.Position.String()
	document.Token = o.Token
	return document
}

// BookingDocument is the body of GET for one booking.
func BookingDocument(o desk.Outcome) ([]byte, error) {
	o.Token = ""
	var buf bytes.Buffer
	if err := encode(&buf, outcomeOf(o)); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// startOfDay is the first instant of a date on the venue's clock.
func startOfDay(d booking.Date, zone *time.Location) time.Time {
	const quarter = 15 * time.Minute // no clock is changed at another time than a quarter
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
	// Where the clock is put forward at midnight, Go gives the hour before; where it is put back to midnight, the second of the two.
	for booking.DateOf(t).Compare(d) < 0 {
		t = t.Add(quarter)
	}
	for booking.DateOf(t.Add(-quarter)).Compare(d) >= 0 {
		t = t.Add(-quarter)
	}
	return t
}
