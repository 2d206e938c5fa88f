package booking_test

import (
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
)

func TestValidID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "0", "court-1", "a_b", "x--", strings.Repeat("a", 64)} {
		if !booking.ValidID(id) {
			t.Errorf("%q is refused", id)
		}
	}
	for _, id := range []string{"", "-a", "_a", "A", "a b", "a/b", "a.b", "ä", "a\n", "a\x00", strings.Repeat("a", 65), "..", "a%20"} {
		if booking.ValidID(id) {
			t.Errorf("%q is accepted", id)
		}
	}
}

func FuzzValidID(f *testing.F) {
	for _, seed := range []string{"court-1", "", "-", "a\n", "ａ", "a/../b", strings.Repeat("z", 65)} {
		f.Add(seed)
	}
	const letters, others = "abcdefghijklmnopqrstuvwxyz0123456789", "-_"
	f.Fuzz(func(t *testing.T, id string) {
		want := len(id) >= 1 && len(id) <= 64 && strings.Trim(id, letters+others) == "" && strings.Contains(letters, id[:1])
		for i := range len(id) {
			want = want && strings.IndexByte(letters+others, id[i]) >= 0
		}
		if got := booking.ValidID(id); got != want {
			t.Errorf("%q: %v, want %v", id, got, want)
		}
	})
}

// The ids of bookings are valid ids, sort by time, and never repeat.
func TestNewBookingID(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	seen := map[booking.BookingID]bool{}
	last := booking.BookingID("")
	for i := range 1000 {
		id := booking.NewBookingID(now.Add(time.Duration(i) * time.Millisecond))
		if !booking.ValidID(string(id)) || !strings.HasPrefix(string(id), "bk_") {
			t.Fatalf("%q is no id", id)
		}
		if id <= last || seen[id] {
			t.Fatalf("%q does not sort after %q", id, last)
		}
		seen[id], last = true, id
	}
	if a, b := booking.NewBookingID(now), booking.NewBookingID(now); a == b {
		t.Errorf("%q was made twice", a)
	}
	if id := booking.NewBookingID(time.Time{}); !booking.ValidID(string(id)) {
		t.Errorf("%q is no id", id)
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for id, want := range map[booking.BookingID]string{
		"bk_0123456789abcdefgh": "ABCD-EFGH", "short": "SHORT", "": "", "12345678": "1234-5678",
	} {
		if got := id.Code(); got != want {
			t.Errorf("code of %q is %q, want %q", id, got, want)
		}
	}
}

func TestReservedIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []booking.VenueID{"v1", "docs", "console", "widget", "assets", "live", "healthz", "readyz", "metrics"} {
		if !id.ServerPath() || !id.Reserved() {
			t.Errorf("%s is not the server's", id)
		}
	}
	for _, id := range []booking.VenueID{
		"admin", "login", "api", "auth", "account", "webhooks", "status", "settings", "signup", "support", "waitlist", "static", "mcp", "ical",
	} {
		if !id.Reserved() || id.ServerPath() {
			t.Errorf("%s: reserved %v, the server's now %v", id, id.Reserved(), id.ServerPath())
		}
	}
	if booking.VenueID("barber").Reserved() {
		t.Error("a venue's word is reserved")
	}
}
