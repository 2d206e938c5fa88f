package booking_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	for status, claims := range map[booking.Status]bool{
		booking.Held: true, booking.Confirmed: true, booking.Completed: true, booking.NoShow: true,
		booking.Expired: false, booking.Cancelled: false,
	} {
		if !status.Valid() || status.Claims() != claims {
			t.Errorf("%s: valid %v, claims %v, want %v", status, status.Valid(), status.Claims(), claims)
		}
	}
	if booking.Status("paid").Valid() || booking.Status("").Valid() {
		t.Error("a status that there is not")
	}
}

// A hold runs out at the instant that it names; nothing else runs out.
func TestDue(t *testing.T) {
	t.Parallel()
	expiry := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	hold := booking.Booking{Status: booking.Held, ExpiresAt: expiry}
	if hold.Due(expiry.Add(-1)) || !hold.Due(expiry) || !hold.Due(expiry.Add(time.Hour)) {
		t.Error("a hold is due from its expiry on")
	}
	hold.Status = booking.Confirmed
	if hold.Due(expiry) {
		t.Error("a confirmed booking does not run out")
	}
}

func TestManagedBy(t *testing.T) {
	t.Parallel()
	hash := booking.HashToken("secret")
	b := booking.Booking{TokenHash: hash}
	for _, tt := range []struct {
		actor booking.Actor
		want  bool
	}{
		{booking.Actor{Kind: booking.Staff, Key: "desk"}, true},
		{booking.Actor{Kind: booking.TokenHolder, TokenHash: hash}, true},
		{booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken("guess")}, false},
		{booking.Actor{Kind: booking.TokenHolder}, false},
		{booking.Actor{Kind: booking.Public, TokenHash: hash}, false},
		{booking.Actor{Kind: booking.System}, false},
		{booking.Actor{}, false},
	} {
		if got := b.ManagedBy(tt.actor); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.actor, got, tt.want)
		}
	}
}

// The names of actors go into the audit trail: no secret is in them.
func TestActorName(t *testing.T) {
	t.Parallel()
	for want, actor := range map[string]booking.Actor{
		"staff:desk": {Kind: booking.Staff, Key: "desk"},
		"token":      {Kind: booking.TokenHolder, TokenHash: booking.HashToken("secret")},
		"public":     {Kind: booking.Public},
		"system":     {Kind: booking.System},
	} {
		if got := actor.Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Keys of answers differ in anything that scopes them, also when the parts could be read as one.
func TestNewAnswerKey(t *testing.T) {
	t.Parallel()
	anna, ben := booking.Actor{Kind: booking.Staff, Key: "anna"}, booking.Actor{Kind: booking.Staff, Key: "ben"}
	token := booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken("a")}
	other := booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken("b")}
	seen := map[booking.AnswerKey]int{}
	for i, key := range []booking.AnswerKey{
		booking.NewAnswerKey(anna, "POST /bookings", "1"),
		booking.NewAnswerKey(ben, "POST /bookings", "1"),
		booking.NewAnswerKey(token, "POST /bookings", "1"),
		booking.NewAnswerKey(other, "POST /bookings", "1"),
		booking.NewAnswerKey(anna, "POST /bookings", "2"),
		booking.NewAnswerKey(anna, "POST /bookings1", ""),
		booking.NewAnswerKey(anna, "POST /booking", "s1"),
	} {
		if j, twice := seen[key]; twice {
			t.Errorf("keys %d and %d are the same", j, i)
		}
		seen[key] = i
	}
	if _, known := seen[booking.NewAnswerKey(anna, "POST /bookings", "1")]; !known {
		t.Error("the same request has another key")
	}
}

func TestChangeResources(t *testing.T) {
	t.Parallel()
	claims := func(ids ...booking.ResourceID) (cs []booking.Claim) {
		for _, id := range ids {
			cs = append(cs, booking.Claim{Resource: id})
		}
		return cs
	}
	c := booking.Change{Entries: []booking.Entry{
		{Booking: &booking.BookingTransition{Claimed: claims("ben")}},
		{Booking: &booking.BookingTransition{Released: claims("cem", "ben")}},
		{Booking: &booking.BookingTransition{}},
		{Resource: &booking.Resource{ID: "anna"}},
		{Service: &booking.Service{ID: "cut"}},
		{Venue: &booking.Venue{ID: "salon"}},
	}}
	if got := c.Resources(); !slices.Equal(got, []booking.ResourceID{"anna", "ben", "cem"}) {
		t.Errorf("%v", got)
	}
}

func TestServiceUses(t *testing.T) {
	t.Parallel()
	s := goodService()
	if !s.Uses("anna") || !s.Uses("ben") || s.Uses("cem") || s.Uses("") {
		t.Error("a service uses the members of its pool")
	}
	fixed, each := booking.Requirement{Units: 3}, booking.Requirement{Units: 3, PerPerson: true}
	if fixed.UnitsFor(4) != 3 || each.UnitsFor(4) != 12 {
		t.Errorf("%d and %d units, want 3 and 12", fixed.UnitsFor(4), each.UnitsFor(4))
	}
}

// A refusal is its reason, with somewhere to go.
func TestRefused(t *testing.T) {
	t.Parallel()
	var err error = &booking.Refused{Reason: booking.ErrSlotUnavailable}
	if !errors.Is(err, booking.ErrSlotUnavailable) || errors.Is(err, booking.ErrTooSoon) || err.Error() != booking.ErrSlotUnavailable.Error() {
		t.Errorf("%v", err)
	}
	in := &booking.InUse{Bookings: []booking.BookingID{"a", "b"}, More: true}
	if !strings.Contains(in.Error(), "2") || !strings.Contains(in.Error(), "more") {
		t.Errorf("%v", in)
	}
}
