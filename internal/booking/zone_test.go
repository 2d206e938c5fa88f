package booking_test

import (
	"testing"
	"time"

	"vacancy/internal/booking"
)

func TestSameZoneRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Asia/Calcutta", "Asia/Kolkata", true},
		{"Europe/Kiev", "Europe/Kyiv", true},
		{"US/Eastern", "America/New_York", true},
		{"America/Godthab", "America/Nuuk", true},
		{"Europe/Berlin", "Europe/Paris", true}, // two zones that agree
		{"UTC", "Etc/UTC", true},
		{"Europe/Berlin", "Africa/Lagos", false}, // the same in winter
		{"America/Phoenix", "America/Denver", false},
		{"Australia/Sydney", "Australia/Brisbane", false},
		{"Europe/Berlin", "Europe/Chisinau", false},
		{"Asia/Kolkata", "Asia/Colombo", true},
		{"Asia/Kolkata", "Asia/Kathmandu", false}, // a quarter of an hour
		{"Europe/Berlin", "Mars/Olympus", false},
		{"Mars/Olympus", "Mars/Tharsis", false},
	} {
		if got := booking.SameZoneRules(c.a, c.b, now); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
		if got := booking.SameZoneRules(c.b, c.a, now); got != c.want {
			t.Errorf("%s and %s: %v", c.b, c.a, got)
		}
	}
	// Two that part for one week of the year only: they change their clocks in the same season on other dates.
	if !booking.SameZoneRules("Europe/Berlin", "Africa/Ceuta", now) || booking.SameZoneRules("America/Havana", "America/New_York", now) {
		t.Error("zones that differ for some hours a year are the same, or those that never do are not")
	}
}
