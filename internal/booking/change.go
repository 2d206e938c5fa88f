package booking

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Change is the record of one revision of one venue, written in its transaction: the audit trail, and what other nodes catch up
// from. One without entries settles what became of a transaction before it, or holds
// answers of calls that changed nothing.
type Change struct {
	Venue    VenueID
	Revision Revision
	// Batch names the transaction's batch, so that a commit whose answer was lost can be looked for.
	Batch string
	// CommittedAt is the store's clock just before COMMIT, in microseconds.
	CommittedAt time.Time
	Entries     []Entry
}

// Entry is one thing that happened in a change: a transition of a booking, or an edit of the catalogue. Exactly one of Booking, Venue,
// Resource and Service is set.
type Entry struct {
	Kind  EntryKind
	Actor string
	// Booking is set for a transition of a booking.
	Booking *BookingTransition
	// Venue, Resource and Service are the new settings, whole but for what Omits names.
	Venue    *Venue
	Resource *Resource
	Service  *Service
	// Omits are settings that the entry does not state, since an older program has written it: one that did not know them and left them as
	// they were, or one that left out what has its default. The entry does not tell which; what the store has does. Entries that this
	// program makes omit nothing.
	Omits Omitted
}

// Omitted is a set of settings.
type Omitted uint8

// The settings that not every program knows, which may run beside this one. Each that a later version adds to a resource or a service
// and keeps in a column of its own is one more.
const (
	OmitsOrder Omitted = 1 << iota
	OmitsLimits
)

// BookingTransition is what a transition did to a booking, without personal data.
type BookingTransition struct {
	ID      BookingID
	Service ServiceID
	Status  Status
	// Start and End are the booking's. End is zero in what an older program has written.
	Start, End time.Time
	PartySize  int
	// ExpiresAt is when a hold stops claiming; zero of any other status, and in what an older program has written.
	ExpiresAt time.Time
	// Previous is the revision that changed the booking before, which is that of the same change if it did so already. 0: the booking is
	// new, or an older program has written this.
	Previous Revision
	// Override tells that staff set aside the rules of notice, horizon and grid.
	Override bool
	// Claimed are the claims that the transition added to the ledgers; Released those that it removed.
	Claimed  []Claim
	Released []Claim
	// Unchanged are the claims that a booking keeps through a transition that neither adds nor removes any. What an older program has
	// written has none.
	Unchanged []Claim
}

// Claims are what the booking claims after the transition; false if an older program has written it, and did not state them.
func (t *BookingTransition) Claims() (claims []Claim, known bool) {
	switch {
	case !t.Status.Claims():
		return nil, true
	case len(t.Claimed) > 0:
		return t.Claimed, true
	}
	return t.Unchanged, len(t.Unchanged) > 0
}

// EntryKind names what happened.
type EntryKind string

// The kinds of entries.
const (
	BookingHeld      EntryKind = "booking.held"
	BookingConfirmed EntryKind = "booking.confirmed"
	BookingExtended  EntryKind = "booking.extended"
	BookingExpired   EntryKind = "booking.expired"
	BookingCancelled EntryKind = "booking.cancelled"
	VenuePut         EntryKind = "venue.put"
	ResourcePut      EntryKind = "resource.put"
	ResourceArchived EntryKind = "resource.archived"
	ServicePut       EntryKind = "service.put"
	ServiceArchived  EntryKind = "service.archived"
	VenueArchived    EntryKind = "venue.archived"
)

// Resources are those whose claims or settings the change altered, sorted.
func (c Change) Resources() []ResourceID {
	var ids []ResourceID
	for _, e := range c.Entries {
		if e.Resource != nil {
			ids = append(ids, e.Resource.ID)
		}
		if e.Booking == nil {
			continue
		}
		for _, claims := range [2][]Claim{e.Booking.Claimed, e.Booking.Released} {
			for _, claim := range claims {
				ids = append(ids, claim.Resource)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// PutsVenue tells whether the change holds the venue's own settings.
func (c Change) PutsVenue() bool {
	return slices.ContainsFunc(c.Entries, func(e Entry) bool { return e.Venue != nil })
}

// AnswerKey identifies an idempotency key within its venue: the SHA-256 of the actor, the route and the key. See [NewAnswerKey].
type AnswerKey [sha256.Size]byte

// Answer is the stored outcome of a request with an idempotency key, so that a repeat gets the same.
type Answer struct {
	Key AnswerKey
	// Request is the SHA-256 of what was asked; a repeat that asks something else is refused.
	Request [sha256.Size]byte
	// Sealed is the answer, encrypted under the idempotency key itself, which the store does not have: it holds a manage token.
	Sealed    []byte
	CreatedAt time.Time
	// Revision is that of the change which the request made.
	Revision Revision
}

// NewAnswerKey scopes an idempotency key to its actor and route; the venue is the store's to add.
func NewAnswerKey(a Actor, route, key string) AnswerKey {
	h := sha256.New()
	for _, part := range []string{a.Name(), string(a.TokenHash[:]), route, key} {
		h.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		h.Write([]byte(part))
	}
	return AnswerKey(h.Sum(nil))
}
