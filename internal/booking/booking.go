package booking

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"
)

// Status is where a booking is in its life: held -> confirmed -> completed or no_show; or expired, or cancelled.
type Status string

// The statuses of a booking.
const (
	// Held: not confirmed yet. It claims like any other, until ExpiresAt.
	Held      Status = "held"
	Confirmed Status = "confirmed"
	Completed Status = "completed"
	NoShow    Status = "no_show"
	Expired   Status = "expired"
	Cancelled Status = "cancelled"
)

// Valid tells whether s is one of the statuses.
func (s Status) Valid() bool {
	switch s {
	case Held, Confirmed, Completed, NoShow, Expired, Cancelled:
		return true
	}
	return false
}

// Claims tells whether a booking of this status takes its claims. A place once used stays taken: completed and no_show do.
func (s Status) Claims() bool { return s != Expired && s != Cancelled }

// Booking is one customer's reservation, with one id for its whole life.
type Booking struct {
	Venue   VenueID
	ID      BookingID
	Service ServiceID
	Status  Status
	// Start and End are what the customer came for, without buffers. [Start, End).
	Start, End time.Time
	// WallStart is what the venue's clock shows at Start, "2026-11-24T09:00:00". The instant rules; this is what was promised.
	WallStart string
	PartySize int
	Claims    []Claim
	// ExpiresAt is when a hold stops claiming; zero for any other status.
	ExpiresAt time.Time
	// Extensions counts how often a hold was extended; see [MaxExtensions].
	Extensions int
	Customer   Customer
	// TokenHash is the SHA-256 of the manage token. The token itself is never stored.
	TokenHash            [sha256.Size]byte
	CreatedAt, UpdatedAt time.Time
	// EndedBy is who ended it: a booking that is expired or cancelled. It may be empty of one that an older version ended.
	EndedBy Side
	// CancelledHold tells that it was cancelled while it was a hold; like one that expired, it is deleted after a while. A program that
	// does not know the field leaves it false, whatever it does to the booking, and what it has cancelled stays.
	CancelledHold bool
	// ClientTag and ContactTag stand for the client that made it and for the customer's contact, as long as they are counted by the
	// limits on places: while the booking is live, and the client's for [ClientTagTTL] at most. Empty is not counted. They are keyed,
	// and tell nobody who it was.
	ClientTag, ContactTag string
	// Revision is the last one that changed the booking.
	Revision Revision
}

// Side is one of those who can end a booking.
type Side string

// The sides.
const (
	// ByCustomer: with the booking's token.
	ByCustomer Side = "customer"
	// ByVenue: with a management key.
	ByVenue Side = "venue"
	// BySystem: a hold ran out.
	BySystem Side = "system"
)

// Due tells whether the booking is a hold that has run out at now.
func (b Booking) Due(now time.Time) bool { return b.Status == Held && !now.Before(b.ExpiresAt) }

// ManagedBy tells whether the actor may see and change the booking: staff, or whoever holds its manage token.
func (b Booking) ManagedBy(a Actor) bool {
	return a.Kind == Staff || a.Kind == TokenHolder && subtle.ConstantTimeCompare(a.TokenHash[:], b.TokenHash[:]) == 1
}

// Claim is what a booking takes of one resource: units over [Start, End), buffers included.
type Claim struct {
	Resource   ResourceID
	Start, End time.Time
	Units      int
}

// Customer is who the booking is for.
type Customer struct {
	Name, Email, Phone, Note string
}

// IsZero tells whether nothing is known of the customer.
func (c Customer) IsZero() bool { return c == Customer{} }

// Validate checks what a confirmed booking needs to know: a name, and an email address or a phone number.
func (c Customer) Validate() error {
	var ch checker
	ch.text("customer.name", c.Name, 1, MaxNameLength, false)
	ch.email("customer.email", c.Email)
	ch.phone("customer.phone", c.Phone)
	ch.require(c.Email != "" || c.Phone != "", "customer.email", "or customer.phone must be given")
	ch.text("customer.note", c.Note, 0, MaxTextLength, true)
	return ch.err()
}

// ActorKind says what kind of caller acts.
type ActorKind string

// The kinds of actors.
const (
	// Public is anybody without a token.
	Public ActorKind = "public"
	// TokenHolder came with a token that is no key: a booking's manage token, or nothing known.
	TokenHolder ActorKind = "token"
	// Staff came with a management key.
	Staff ActorKind = "staff"
	// System is the server itself: it expires holds.
	System ActorKind = "system"
)

// Actor is who acts, for the rules and for the audit trail.
type Actor struct {
	Kind ActorKind
	// Key names the management key of Staff.
	Key string
	// TokenHash is the SHA-256 of the token or key that the caller came with. It is never given to another: unlike the name of a key,
	// which stays when the key is replaced.
	TokenHash [sha256.Size]byte
	// Client is who is counted by limits: opaque, such as an address or its prefix. Empty is not counted.
	Client string
}

// Side is the actor's, for what they end.
func (a Actor) Side() Side {
	switch a.Kind {
	case Staff:
		return ByVenue
	case System:
		return BySystem
	default:
		return ByCustomer
	}
}

// Name is how the audit trail calls the actor. It holds no secret.
func (a Actor) Name() string {
	if a.Kind == Staff {
		return string(Staff) + ":" + a.Key
	}
	return string(a.Kind)
}
