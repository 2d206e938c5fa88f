package desk

import (
	"encoding/json"
	"time"

	"vacancy/internal/booking"
)

// storedOutcome is an outcome as it is stored with its idempotency key: short, since one is written with nearly every booking. Times are
// Unix microseconds. It names its fields itself, so that renaming one in the domain does not change what is stored.
type storedOutcome struct {
	Venue      booking.VenueID   `json:"v"`
	ID         booking.BookingID `json:"i"`
	Service    booking.ServiceID `json:"s"`
	Status     booking.Status    `json:"st"`
	Start      int64             `json:"b"`
	End        int64             `json:"e"`
	WallStart  string            `json:"w"`
	PartySize  int               `json:"p"`
	Claims     []storedClaim     `json:"c,omitempty"`
	ExpiresAt  int64             `json:"x,omitempty"`
	Extensions int               `json:"ex,omitempty"`
	Name       string            `json:"n,omitempty"`
	Email      string            `json:"m,omitempty"`
	Phone      string            `json:"ph,omitempty"`
	Note       string            `json:"no,omitempty"`
	TokenHash  []byte            `json:"h"`
	CreatedAt  int64             `json:"ca"`
	UpdatedAt  int64             `json:"ua"`
	EndedBy    booking.Side      `json:"eb,omitempty"`
	Revision   booking.Revision  `json:"r"`
	Token      string            `json:"t,omitempty"`
	Epoch      booking.Epoch     `json:"pe"`
	Seen       booking.Revision  `json:"pr"`
}

type storedClaim struct {
	Resource booking.ResourceID `json:"r"`
	Start    int64              `json:"b"`
	End      int64              `json:"e"`
	Units    int                `json:"u"`
}

// encodeOutcome writes what [decodeOutcome] reads.
func encodeOutcome(o Outcome) ([]byte, error) {
	b := &o.Booking
	r := storedOutcome{
		Venue: b.Venue, ID: b.ID, Service: b.Service, Status: b.Status, Start: b.Start.UnixMicro(), End: b.End.UnixMicro(),
		WallStart: b.WallStart, PartySize: b.PartySize, Extensions: b.Extensions,
		Name: b.Customer.Name, Email: b.Customer.Email, Phone: b.Customer.Phone, Note: b.Customer.Note, TokenHash: b.TokenHash[:],
		CreatedAt: b.CreatedAt.UnixMicro(), UpdatedAt: b.UpdatedAt.UnixMicro(), EndedBy: b.EndedBy, Revision: b.Revision, Token: o.Token,
		Epoch: o.Position.Epoch, Seen: o.Position.Revision,
	}
	if !b.ExpiresAt.IsZero() {
		r.ExpiresAt = b.ExpiresAt.UnixMicro()
	}
	for _, c := range b.Claims {
		r.Claims = append(r.Claims, storedClaim{c.Resource, c.Start.UnixMicro(), c.End.UnixMicro(), c.Units})
	}
	return json.Marshal(&r)
}

func decodeOutcome(data []byte) (Outcome, error) {
	var r storedOutcome
	if err := json.Unmarshal(data, &r); err != nil {
		return Outcome{}, err
	}
	b := booking.Booking{
		Venue: r.Venue, ID: r.ID, Service: r.Service, Status: r.Status, Start: instant(r.Start), End: instant(r.End),
		WallStart: r.WallStart, PartySize: r.PartySize, Extensions: r.Extensions,
		Customer:  booking.Customer{Name: r.Name, Email: r.Email, Phone: r.Phone, Note: r.Note},
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), EndedBy: r.EndedBy, Revision: r.Revision,
	}
	copy(b.TokenHash[:], r.TokenHash)
	if r.ExpiresAt != 0 {
		b.ExpiresAt = instant(r.ExpiresAt)
	}
	for _, c := range r.Claims {
		b.Claims = append(b.Claims, booking.Claim{Resource: c.Resource, Start: instant(c.Start), End: instant(c.End), Units: c.Units})
	}
	return Outcome{Booking: b, Token: r.Token, Position: booking.Position{Epoch: r.Epoch, Revision: r.Seen}}, nil
}

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }
