package events

import (
	"encoding/json"
	"strconv"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/view"
)

// BookingData is the data of an event of a booking: its whole state, without personal data.
type BookingData struct {
	Booking Booking `json:"booking"`
	// Previous is the revision of the booking's event before. It is left out if there is none, and if it is not known, since an older
	// program made the change.
	Previous booking.Revision `json:"previous,omitempty"`
}

// Booking is a booking without personal data. Its times have the venue's offset.
type Booking struct {
	ID        booking.BookingID `json:"id"`
	Service   booking.ServiceID `json:"service"`
	Status    booking.Status    `json:"status"`
	Start     string            `json:"start"`
	End       string            `json:"end,omitempty"`
	PartySize int               `json:"party_size"`
	// Claims are what it takes now: none of a booking that has ended. They are left out if they are not known, since an older program made
	// the change; they are what they were.
	Claims []Claim `json:"claims,omitzero"`
	// ExpiresAt is left out of all but holds.
	ExpiresAt string `json:"expires_at,omitempty"`
}

// Claim is what a booking takes of a resource, buffers included.
type Claim struct {
	Resource booking.ResourceID `json:"resource"`
	Start    string             `json:"start"`
	End      string             `json:"end"`
	Units    int                `json:"units"`
}

// bookingEvent is the event of the change's i-th entry. Its name is the entry's kind, also if that is one of a later program.
func bookingEvent(p *view.Picture, c *booking.Change, i int) bus.Event {
	e := c.Entries[i]
	return bus.Event{
		ID:    string(c.Venue) + "/" + string(p.Epoch) + "/" + strconv.FormatUint(uint64(c.Revision), 10) + "/" + strconv.Itoa(i),
		Venue: c.Venue, Name: bus.Name(e.Kind), Subject: string(e.Booking.ID), Time: c.CommittedAt,
		Epoch: p.Epoch, Revision: c.Revision, Index: i,
		Data: encode(BookingData{Booking: bookingOf(p, e.Booking), Previous: e.Booking.Previous}),
	}
}

func bookingOf(p *view.Picture, t *booking.BookingTransition) Booking {
	b := Booking{
		ID: t.ID, Service: t.Service, Status: t.Status, Start: inZone(p, t.Start), End: inZone(p, endOf(p, t)), PartySize: t.PartySize,
	}
	if t.Status == booking.Held {
		b.ExpiresAt = inZone(p, t.ExpiresAt)
	}
	if claims, known := t.Claims(); known {
		b.Claims = make([]Claim, len(claims))
		for i, c := range claims {
			b.Claims[i] = Claim{Resource: c.Resource, Start: inZone(p, c.Start), End: inZone(p, c.End), Units: c.Units}
		}
	}
	return b
}

// endOf is when the booking ends. Where the transition does not state it, it is what its claims and its service tell: an older program
// made the change, and the service is most likely as it was. It is zero if they tell nothing.
func endOf(p *view.Picture, t *booking.BookingTransition) time.Time {
	if !t.End.IsZero() {
		return t.End
	}
	service, known := p.Services[t.Service]
	if !known {
		return time.Time{}
	}
	for _, claims := range [2][]booking.Claim{t.Claimed, t.Released} {
		for _, c := range claims {
			if end := c.End.Add(-service.BufferAfter); end.After(t.Start) {
				return end
			}
		}
	}
	return t.Start.Add(service.Duration)
}

// inZone is the instant with the venue's offset; empty if it is zero.
func inZone(p *view.Picture, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Zone).Format(time.RFC3339)
}

// encode is the JSON of a value that always has one.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic("events: " + err.Error()) // a type of this room that has no JSON
	}
	return data
}
