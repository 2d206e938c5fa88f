package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
)

// A start that is no slot is refused with the reason, for programs and for people, and with the starts beside it: without an override and,
// where one does not help, with it. The same where the key's answer is asked for again.
func TestNotASlotSaysWhy(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, c := range map[string]struct {
		start    string
		override bool
		reason   booking.NotASlotReason
		says     string
		nearest  []string
	}{
		"off the grid": {
			"2026-11-23T09:10:00+01:00", false, booking.ReasonOffGrid, "every 30 minutes from 09:00",
			[]string{"2026-11-23T09:00:00+01:00", "2026-11-23T09:30:00+01:00"},
		},
		"past the closing": {
			"2026-11-23T11:45:00+01:00", true, booking.ReasonPastClosing, "after the closing at 2026-11-23T12:00:00+01:00",
			[]string{"2026-11-23T11:30:00+01:00"},
		},
		"at lunch":          {"2026-11-23T12:00:00+01:00", true, booking.ReasonClosed, "2026-11-23 are 09:00-12:00, 13:00-17:00", nil},
		"when closed":       {"2026-11-25T09:00:00+01:00", false, booking.ReasonClosed, "no opening begins on 2026-11-25", nil},
		"a time that skips": {"2027-03-28T02:30:00+01:00", false, booking.ReasonSkippedTime, "skips 02:30 on 2027-03-28", nil},
	} {
		more := `,` + ada
		if c.override {
			more = `,"override":true` + more
		}
		for _, key := range []option{admin(), header("Idempotency-Key", "sixteen-and-more-"+strings.ReplaceAll(name, " ", "-"))} {
			a := s.do(t, "POST", bookings, `{"service":"cut","start":"`+c.start+`"`+more+`}`, admin(), key).want(t, 422, "not_a_slot")
			p := a.problem
			if p.Reason != c.reason || !strings.Contains(p.Detail, c.says) || !slices.Equal(p.Nearest, c.nearest) {
				t.Errorf("%s: %s", name, a.body)
			}
			if !strings.HasPrefix(p.Detail, "No slot starts at ") || !strings.HasSuffix(p.Detail, ".") {
				t.Errorf("%s: no sentence: %s", name, p.Detail)
			}
		}
	}
	// What the refusal names can be booked.
	for _, start := range []string{"09:00", "09:30"} {
		s.book(t, bookingAt(start, `,`+ada))
	}
	// Another refusal has none of it.
	s.book(t, bookingAt("09:00", `,`+ada))
	taken := s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada)).want(t, 409, "slot_unavailable")
	if taken.problem.Reason != "" || taken.problem.Nearest != nil {
		t.Errorf("a refusal for want of room: %s", taken.body)
	}
}
