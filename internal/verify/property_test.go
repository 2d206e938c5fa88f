package verify_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
	"vacancy/internal/verify"
)

// TestWhateverTheDeskDoesIsClean has a real desk do anything, in any order, and then falsifies one number or one thing of what it left:
// the first is always clean, and the second never.
func TestWhateverTheDeskDoesIsClean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		clock := storetest.NewClock()
		s := openShop(t, memory.Open(memory.Config{Data: memory.NewData(), Now: clock.Now}), clock, "")
		defer s.Close()
		s.furnish("barber")
		for range rapid.IntRange(0, 25).Draw(r, "commands") {
			s.command(r)
		}
		p := take(t, s.store)
		report := s.verify(p)
		if !report.Clean() {
			r.Fatalf("not clean:\n%s", report)
		}
		what := falsify(r, p.of("barber"))
		if what == "" {
			return
		}
		if report := must[verify.Report](t)(verify.Verify(t.Context(), p, verify.Options{Now: clock.Now()})); report.Clean() {
			r.Fatalf("clean, after %s was falsified:\n%s", what, report)
		}
	})
}

// command does one thing, which the desk may refuse.
func (s *shop) command(r *rapid.T) {
	ctx := s.Context()
	page, err := s.store.Bookings(ctx, "barber", store.Filter{Limit: 100})
	if err != nil {
		r.Fatal(err)
	}
	key := rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "key")
	request := desk.TransitionRequest{Venue: "barber", Idempotency: desk.Idempotency{Key: key, Route: "step"}}
	if len(page) > 0 {
		request.ID = rapid.SampledFrom(page).Draw(r, "booking").ID
	}
	start := slot(rapid.IntRange(0, 2).Draw(r, "day"), rapid.IntRange(0, 3).Draw(r, "slot"))
	switch rapid.IntRange(0, 9).Draw(r, "command") {
	case 0, 1, 2, 3:
		_, err = s.Book(ctx, public, desk.BookRequest{
			Venue: "barber", Service: rapid.SampledFrom([]booking.ServiceID{"cut", "class"}).Draw(r, "service"), Start: start,
			PartySize: rapid.IntRange(1, 5).Draw(r, "party"), Hold: rapid.Bool().Draw(r, "hold"), Customer: secret, Idempotency: request.Idempotency,
		})
	case 4:
		_, err = s.Confirm(ctx, staff, request, secret)
	case 5:
		_, err = s.Extend(ctx, staff, request)
	case 6:
		_, err = s.Cancel(ctx, staff, request)
	case 7:
		hall := resource("barber", "hall", rapid.IntRange(1, 12).Draw(r, "capacity"))
		_, err = s.PutResource(ctx, staff, hall, desk.Condition{})
	case 8:
		pool := []booking.ResourceID{"chair-1", "chair-2"}[rapid.IntRange(0, 1).Draw(r, "first"):]
		_, err = s.PutService(ctx, staff, service("barber", "cut", booking.Requirement{AnyOf: pool, Units: 1}), desk.Condition{})
	case 9:
		s.clock.Advance(rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, 13 * time.Hour}).Draw(r, "time"))
		_, err = s.ExpireDue(ctx)
	}
	_ = err // refusals are part of a desk's life
}

// forget takes the last transition of a booking out of the history.
func (r *record) forget(id booking.BookingID) {
	for i := len(r.changes) - 1; i >= 0; i-- {
		entries := r.changes[i].Entries
		for j, e := range slices.Backward(entries) {
			if e.Booking != nil && e.Booking.ID == id {
				r.changes[i].Entries = slices.Delete(slices.Clone(entries), j, j+1)
				return
			}
		}
	}
}

// falsify alters one thing, and says what; nothing if there is none of the kind that was drawn.
func falsify(r *rapid.T, of *record) string {
	n := rapid.IntRange(0, 1<<20).Draw(r, "which")
	type falsification struct {
		what  string
		among int
		do    func(i int)
	}
	var staying []int // bookings that no store deletes, whatever the time
	for i, b := range of.bookings {
		if b.Status.Claims() || b.Status == booking.Cancelled && !b.CancelledHold {
			staying = append(staying, i)
		}
	}
	all := []falsification{
		{"the revision", 1, func(int) { of.Revision++ }},
		{"a change", len(of.changes), func(i int) { of.changes = slices.Delete(of.changes, i, i+1) }},
		{"a transition", len(of.bookings), func(i int) { of.forget(of.bookings[i].ID) }}, // a later edit of settings covers an earlier one
		{"a resource's capacity", len(of.Resources), func(i int) { of.Resources[i].Capacity++ }},
		{"when a resource was touched", len(of.Resources), func(i int) { of.Touched[of.Resources[i].ID]++ }},
		{"a booking", len(staying), func(i int) { of.bookings = slices.Delete(of.bookings, staying[i], staying[i]+1) }},
		{"a booking's status", len(of.bookings), func(i int) {
			b := &of.bookings[i]
			b.Status = map[bool]booking.Status{true: booking.Cancelled, false: booking.Confirmed}[b.Status.Claims()]
		}},
		{"a booking's start", len(of.bookings), func(i int) { of.bookings[i].Start = of.bookings[i].Start.Add(time.Second) }},
		{"a booking's wall time", len(of.bookings), func(i int) {
			wall := of.bookings[i].WallStart // starts are at whole minutes
			of.bookings[i].WallStart = wall[:len(wall)-1] + "1"
		}},
		{"a booking's units", len(of.bookings), func(i int) { of.bookings[i].Claims[0].Units++ }},
		{"a booking's last change", len(of.bookings), func(i int) { of.bookings[i].Revision-- }},
		{"a claim", len(of.active), func(i int) { of.active = slices.Delete(of.active, i, i+1) }},
		{"a claim's end", len(of.active), func(i int) { of.active[i].End = of.active[i].End.Add(time.Second) }},
		{"an answer's revision", len(of.answers), func(i int) { of.answers[i].Revision = of.Revision + 1 }},
	}
	f := rapid.SampledFrom(all).Draw(r, "what")
	if f.among == 0 {
		return ""
	}
	f.do(n % f.among)
	return f.what
}
