package verify

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// venue is the check of one venue: what is stored of it, and what its history has led to so far.
type venue struct {
	report *Report
	now    time.Time
	stored store.Loaded

	// revision is that of the last change read.
	revision booking.Revision
	// batches are the revisions by the hash of the batch that made them.
	batches map[uint64]booking.Revision
	seed    maphash.Seed

	catalogue catalogue
	histories histories
	// taken is what the steps of the history take, at each moment of the replay.
	taken ledgers
	// booked is what the stored bookings take.
	booked ledgers
	// overdue counts the holds that ran out long ago.
	overdue int
}

func newVenue(report *Report, now time.Time, stored store.Loaded) *venue {
	return &venue{
		report: report, now: now, stored: stored,
		batches: make(map[uint64]booking.Revision), seed: maphash.MakeSeed(),
		catalogue: newCatalogue(), histories: newHistories(), taken: make(ledgers), booked: make(ledgers),
	}
}

// check reads all of the venue, each kind of thing to its end before the next.
func (v *venue) check(ctx context.Context, s store.Snapshot) error {
	v.report.Venues++
	id := v.stored.Venue.ID
	if err := s.Changes(ctx, id, func(c booking.Change) error { v.change(c); return nil }); err != nil {
		return fmt.Errorf("read its changes: %w", err)
	}
	v.endOfChanges()
	v.compareCatalogue()
	if err := s.Bookings(ctx, id, func(b booking.Booking) error { v.booking(b); return nil }); err != nil {
		return fmt.Errorf("read its bookings: %w", err)
	}
	active := activeClaims{venue: v}
	if err := s.Active(ctx, id, func(b booking.BookingID, c booking.Claim) error { active.add(b, c); return nil }); err != nil {
		return fmt.Errorf("read its claims: %w", err)
	}
	active.end()
	v.endOfBookings()
	answers := answers{venue: v}
	if err := s.Answers(ctx, id, func(a booking.Answer) error { answers.add(a); return nil }); err != nil {
		return fmt.Errorf("read its answers: %w", err)
	}
	answers.end()
	return nil
}

// problem adds a sentence about the venue.
func (v *venue) problem(format string, args ...any) {
	list(&v.report.Problems, &v.report.MoreProblems, v.sentence(format, args))
}

func (v *venue) warn(format string, args ...any) {
	list(&v.report.Warnings, &v.report.MoreWarnings, v.sentence(format, args))
}

func (v *venue) sentence(format string, args []any) string {
	return "venue " + name(v.stored.Venue.ID) + ": " + fmt.Sprintf(format, args...)
}
