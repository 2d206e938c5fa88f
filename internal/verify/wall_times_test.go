package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/verify"
)

// shift alters the wall times of the bookings that a test chooses.
func (r *record) shift(by time.Duration, chosen func(booking.Booking) bool) {
	for i, b := range r.bookings {
		if wall, err := time.Parse("2006-01-02T15:04:05", b.WallStart); err == nil && chosen(b) {
			r.bookings[i].WallStart = wall.Add(by).Format("2006-01-02T15:04:05")
		}
	}
}

// TestOtherRulesOfAZone: when a government changes the clock, what was booked before keeps the time that was promised. That is warned of.
// It is a problem if a booking made later, or one alone, differs, or if no such change is possible.
func TestOtherRulesOfAZone(t *testing.T) {
	t.Parallel()
	s := history(t)
	moved := s.clock.Now().Add(-12 * time.Hour) // between the first bookings and the last
	before := func(b booking.Booking) bool { return b.CreatedAt.Before(moved) }
	for name, c := range map[string]struct {
		by      time.Duration
		chosen  func(booking.Booking) bool
		problem bool
	}{
		"all bookings":             {time.Hour, func(booking.Booking) bool { return true }, false},
		"all that were made first": {time.Hour, before, false},
		"all that were made last":  {time.Hour, func(b booking.Booking) bool { return !before(b) }, true},
		"one":                      {time.Hour, func(b booking.Booking) bool { return b.Start.Equal(slot(0, 4)) }, true},
		"by half an hour":          {30 * time.Minute, before, true},
		"by a day":                 {24 * time.Hour, before, true},
	} {
		p := take(t, s.store)
		clean(t, s.verify(p))
		p.of("barber").shift(c.by, c.chosen)
		report := s.verify(p)
		if report.Clean() == c.problem || !strings.Contains(report.String(), "its wall time is") {
			t.Errorf("%s: got the report\n%s", name, report)
		}
	}
}

// TestMovedVenue: a venue that has moved had another clock before. Behind a checkpoint the audit trail tells of it, while it reaches so
// far; then a past booking's wall time only has to be one that some clock could show.
func TestMovedVenue(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.furnish("barber")
	s.book("barber", "class", slot(0, 4), 10, "")
	s.clock.Advance(40 * 24 * time.Hour)
	tokyo := booking.Venue{ID: "barber", Name: "Shop", TimeZone: "Asia/Tokyo", Contact: booking.Contact{Email: "shop@example.com"}}
	must[desk.Saved[booking.Venue]](t)(s.PutVenue(t.Context(), staff, tokyo, desk.Condition{}))
	ahead := time.Date(2027, time.January, 20, 1, 0, 0, 0, time.UTC)
	s.book("barber", "cut", ahead, 1, "")
	past, next := func(b booking.Booking) bool { return b.Start.Before(ahead) }, func(b booking.Booking) bool { return b.Start.Equal(ahead) }
	trimmed := func(r *record) { r.trim(len(r.changes)) }
	forgotten := func(r *record) { trimmed(r); r.audit = nil }
	for name, c := range map[string]struct {
		edit   func(r *record)
		by     time.Duration
		chosen func(booking.Booking) bool
		want   string
	}{
		"all changes":                       {func(*record) {}, 0, past, ""},
		"a checkpoint":                      {trimmed, 0, past, ""},
		"a checkpoint, and no audit trail":  {forgotten, 0, past, ""},
		"all changes, past":                 {func(*record) {}, 8 * time.Hour, past, "the clock of Europe/Berlin shows 2026-11-24T11:00:00"},
		"all changes, ahead":                {func(*record) {}, -8 * time.Hour, next, "the clock of Asia/Tokyo shows 2027-01-20T10:00:00"},
		"a checkpoint, ahead":               {trimmed, -9 * time.Hour, next, "the clock of Asia/Tokyo shows 2027-01-20T10:00:00"},
		"no audit trail, ahead":             {forgotten, -8 * time.Hour, next, "the clock of Asia/Tokyo shows 2027-01-20T10:00:00"},
		"no audit trail, past, by a second": {forgotten, time.Second, past, "which no clock shows"},
		"no audit trail, past, by a day":    {forgotten, 24 * time.Hour, past, "which no clock shows"},
	} {
		p := take(t, s.store)
		c.edit(p.of("barber"))
		p.of("barber").shift(c.by, c.chosen)
		report := must[verify.Report](t)(verify.Verify(t.Context(), p, verify.Options{Now: s.clock.Now()}))
		if c.want == "" {
			clean(t, report)
		} else if !slices.ContainsFunc(report.Problems, func(problem string) bool { return strings.Contains(problem, c.want) }) {
			t.Errorf("%s: the report does not say %q:\n%s", name, c.want, report)
		}
	}
}
