package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
	"vacancy/internal/verify"
)

// trim deletes so many of the oldest changes, as a store does, once there are enough others.
func (r *record) trim(n int) {
	last := r.changes[len(r.changes)-1].CommittedAt
	for i := range store.RetainedChanges {
		r.Revision++
		r.changes = append(r.changes, booking.Change{
			Venue: r.Venue.ID, Revision: r.Revision, Batch: fmt.Sprint("another ", i), CommittedAt: last,
		})
	}
	r.checkpoint = r.checkpoint.Advance(r.changes[:n])
	for _, c := range r.changes[:n] {
		r.audit = append(r.audit, store.Audited(c))
	}
	r.changes = r.changes[n:]
}

// TestEveryCutIsClean deletes the oldest changes of histories of every kind, up to any of them. What is left is clean, and whatever is
// falsified afterwards is noticed, but for the one thing that nobody remembers: what a booking had taken that had ended by then.
func TestEveryCutIsClean(t *testing.T) {
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
		of := p.of("barber")
		of.trim(rapid.IntRange(1, len(of.changes)).Draw(r, "cut"))
		if report := s.verify(p); !report.Clean() {
			r.Fatalf("not clean behind change %d:\n%s", of.checkpoint.Revision, report)
		}
		bookings := slices.Clone(of.bookings)
		for i := range bookings {
			bookings[i].Claims = slices.Clone(bookings[i].Claims)
		}
		count := of.countTransitions()
		what := falsify(r, of)
		if what == "" || what == "a booking's units" && endedBefore(bookings, of) || what == "a transition" && of.countTransitions() == count {
			return
		}
		if report := must[verify.Report](t)(verify.Verify(t.Context(), p, verify.Options{Now: clock.Now()})); report.Clean() {
			r.Fatalf("clean behind change %d, after %s was falsified:\n%s", of.checkpoint.Revision, what, report)
		}
	})
}

// countTransitions is how many transitions there are in the changes.
func (r *record) countTransitions() (n int) {
	for _, c := range r.changes {
		n += len(c.Entries)
	}
	return n
}

// endedBefore tells whether the booking that was altered had ended before the checkpoint.
func endedBefore(before []booking.Booking, of *record) bool {
	for i, b := range of.bookings {
		if b.Claims[0].Units != before[i].Claims[0].Units {
			return !b.Status.Claims() && b.Revision <= of.checkpoint.Revision
		}
	}
	return true // falsify altered the list that both share
}

// TestDamageOfACheckpoint falsifies what a check begins with.
func TestDamageOfACheckpoint(t *testing.T) {
	t.Parallel()
	s := history(t)
	for _, d := range []damage{
		{"no checkpoint", func(r *record) { r.checkpoint = store.Checkpoint{} }, "and no checkpoint"},
		{"a checkpoint that is early", func(r *record) { r.checkpoint.Revision-- }, "is missing"},
		{"a checkpoint that is late", func(r *record) { r.checkpoint.Revision++ }, "it comes again"},
		{"too few changes", func(r *record) { r.changes = r.changes[3:]; r.checkpoint.Revision += 3 }, "must stay"},
		{"a gap in the audit trail", func(r *record) { r.audit = slices.Delete(r.audit, 2, 3) }, "the audit trail goes from change 2 to 4"},
		{"an audit trail that ends early", func(r *record) { r.audit = r.audit[:5] }, "the audit trail ends with change 5"},
		{"a booking that is gone", func(r *record) {
			i := slices.IndexFunc(r.bookings, func(b booking.Booking) bool {
				return b.Status == booking.Confirmed && b.Revision <= r.checkpoint.Revision
			})
			r.bookings = slices.Delete(r.bookings, i, i+1)
		}, "the audit trail tells of it, but it is not stored"},
		{"another status", func(r *record) {
			i := slices.IndexFunc(r.bookings, func(b booking.Booking) bool { return b.Status == booking.Expired })
			r.bookings[i].Status = booking.Cancelled
		}, "it is not what the audit trail says of it"},
		{"another capacity", func(r *record) {
			for i, e := range r.checkpoint.Entries {
				if e.Resource != nil && e.Resource.ID == "chair-2" {
					other := *e.Resource
					other.Capacity++
					r.checkpoint.Entries[i].Resource = &other
				}
			}
		}, "resource chair-2: what is stored is not what change"},
	} {
		p := take(t, s.store)
		of := p.of("barber")
		of.trim(len(of.changes) - 2)
		clean(t, s.verify(p))
		d.do(of)
		if report := s.verify(p); !slices.ContainsFunc(report.Problems, func(text string) bool { return strings.Contains(text, d.want) }) {
			t.Errorf("%s: the report does not say %q:\n%s", d.name, d.want, report)
		}
	}
}

// TestTrimmedDatabaseIsClean has a store delete all that is past its time, of a life of two venues, and then goes on.
func TestTrimmedDatabaseIsClean(t *testing.T) {
	t.Parallel()
	s := history(t)
	for range store.RetainedChanges {
		s.fence("barber")
	}
	s.clock.Advance(store.DefaultRetention.Changes + time.Hour)
	before := s.verify(s.store)
	deleted := must[int](t)(s.store.Trim(t.Context(), store.DefaultRetention, 10_000))
	report := s.verify(s.store)
	if deleted == 0 || report.Changes >= before.Changes || report.Bookings >= before.Bookings {
		t.Errorf("%d were deleted; before:\n%s\nafter:\n%s", deleted, before, report)
	}
	if !report.Clean() {
		t.Errorf("not clean:\n%s", report)
	}
	must[time.Time](t)(s.ExpireDue(t.Context()))
	s.book("barber", "class", slot(12, 0), 3, "later")
	clean(t, s.verify(s.store))
}
