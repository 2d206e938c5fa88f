package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
)

// The limits on places have codes of their own, and those that pass with time say when to come back. None is taken for want of room.
func TestLimitsOnPlacesHaveCodes(t *testing.T) {
	t.Parallel()
	for reason, want := range map[error]struct {
		status int
		code   string
		later  bool
	}{
		booking.ErrHoldsLimited:    {http.StatusTooManyRequests, "holds_limited", true},
		booking.ErrBookingsLimited: {http.StatusTooManyRequests, "bookings_limited", true},
		booking.ErrContactLimited:  {http.StatusConflict, "contact_limited", false},
	} {
		s := newServer(t, canFail)
		a := s.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), failing(reason)).want(t, want.status, want.code)
		if (a.header.Get("Retry-After") != "") != want.later {
			t.Errorf("%s: Retry-After is %q", want.code, a.header.Get("Retry-After"))
		}
		if a.problem.Alternatives != nil || strings.Contains(string(a.body), "slot_unavailable") {
			t.Errorf("%s: %s", want.code, a.body)
		}
	}
}

// A service sets its limits, and shows them; 0 is not the same as left out.
func TestServiceLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	with := func(limits string) string { return strings.TrimSuffix(cutBody, "}") + `,"limits":` + limits + `}` }
	cut := "/v1/venues/barber/services/cut"
	a := s.do(t, "PUT", cut, with(`{"holds_per_client":3,"bookings_per_contact":7}`), admin()).want(t, 200, "")
	if want := `"limits":{"holds_per_client":3,"bookings_per_contact":7}`; !strings.Contains(string(a.body), want) {
		t.Errorf("no %s in %s", want, a.body)
	}
	for _, field := range []string{"holds_per_client", "bookings_per_client", "bookings_per_contact"} {
		for _, n := range []string{"0", "-1", "1000001"} {
			s.do(t, "PUT", cut, with(fmt.Sprintf(`{%q:%s}`, field, n)), admin()).want(t, 422, "invalid", "limits."+field)
		}
	}
	if a := s.do(t, "PUT", cut, cutBody, admin()).want(t, 200, ""); strings.Contains(string(a.body), `"limits"`) {
		t.Errorf("limits that were left out are shown: %s", a.body)
	}
}

// An override needs a key, and then books where customers cannot.
func TestOverrideNeedsAKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	off := bookingAt("09:07", `,"override":true,`+ada)
	s.do(t, "POST", bookings, off).want(t, 403, "forbidden")
	s.do(t, "POST", bookings, bookingAt("09:07", `,`+ada), admin()).want(t, 422, "not_a_slot")
	s.do(t, "POST", bookings, off, admin()).want(t, 201, "")
}

// What an edit does to the bookings ahead is told: a service that would sell their places again is refused with them, and hours that leave
// them outside name them.
func TestEditsTellOfBookingsAhead(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	moved := strings.Replace(cutBody, `"any_of":["mia","jonas"]`, `"resource":"jonas"`, 1)
	p := s.do(t, "PUT", "/v1/venues/barber/services/cut", moved, admin()).want(t, 409, "in_use", "requires").problem
	if !slices.Equal(p.Bookings, []booking.BookingID{b.ID}) || p.More {
		t.Errorf("in the way are %v", p.Bookings)
	}
	closed := strings.TrimSuffix(chairBody, "}") + `,"exceptions":[{"date":"2026-11-23","closed":true}]}`
	for _, path := range []string{"/v1/venues/barber/resources/mia?dry_run=true", "/v1/venues/barber/resources/mia"} {
		a := s.do(t, "PUT", path, closed, admin()).want(t, 200, "")
		if want := fmt.Sprintf(`"bookings_outside":[%q]`, b.ID); !strings.Contains(string(a.body), want) {
			t.Errorf("%s: no %s in %s", path, want, a.body)
		}
	}
	a := s.do(t, "PUT", "/v1/venues/barber/resources/jonas", closed, admin()).want(t, 200, "")
	if strings.Contains(string(a.body), "outside") {
		t.Errorf("bookings of another are named: %s", a.body)
	}
}
