package verify

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// venue is the check of one venue: what is stored of it, and what its history has led to so far.
type venue struct {
	report *Report
	// counts are where what is read is counted: in the report, unless the venue is hidden.
	counts *Report
	now    time.Time
	stored store.Loaded

	// revision is that of the last change read.
	revision booking.Revision
	// audit is the last that is remembered of each booking before the checkpoint.
	audit map[booking.BookingID]audited
	// batches are the revisions by the hash of the batch that made them.
	batches map[uint64]booking.Revision
	seed    maphash.Seed

	catalogue catalogue
	histories histories
	// replayed is what the transitions of the history claim, at each moment of the replay.
	replayed ledgers
	// booked is what the stored bookings take.
	booked    ledgers
	wallTimes wallTimes
	// begins is when the first change was made of those that are read; zero if there are none.
	begins time.Time
	// overdue counts the holds that ran out long ago.
	overdue int
}

func newVenue(report *Report, now time.Time, stored store.Loaded) *venue {
	counts := report
	if stored.Venue.ID.Hidden() {
		counts = new(Report)
	}
	return &venue{
		report: report, counts: counts, now: now, stored: stored,
		batches: make(map[uint64]booking.Revision), seed: maphash.MakeSeed(),
		catalogue: newCatalogue(), histories: newHistories(), replayed: make(ledgers), booked: make(ledgers),
	}
}

// check reads all of the venue, each kind of thing to its end before the next.
func (v *venue) check(ctx context.Context, s store.Snapshot) error {
	v.counts.Venues++
	id := v.stored.Venue.ID
	if err := v.begin(ctx, s); err != nil {
		return err
	}
	if err := s.Changes(ctx, id, func(c booking.Change) error { v.change(c); return nil }); err != nil {
		return unread("changes", err)
	}
	v.endOfChanges()
	v.compareCatalogue()
	if err := s.Bookings(ctx, id, func(b booking.Booking) error { v.booking(b); return nil }); err != nil {
		return unread("bookings", err)
	}
	active := activeClaims{venue: v}
	if err := s.Active(ctx, id, func(b booking.BookingID, c booking.Claim) error { active.add(b, c); return nil }); err != nil {
		return unread("claims", err)
	}
	active.end()
	v.endOfBookings()
	v.endOfWallTimes()
	answers := answers{venue: v}
	if err := s.Answers(ctx, id, func(a booking.Answer) error { answers.add(a); return nil }); err != nil {
		return unread("answers", err)
	}
	answers.end()
	return nil
}

// unread is the error of what could not be read to its end. Damage says itself where it is.
func unread(what string, err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return err
	}
	return fmt.Errorf("read its %s: %w", what, err)
}

// problem adds a sentence about the venue.
func (v *venue) problem(format string, args ...any) {
	problem(v.report, "%s", v.sentence(format, args))
}

func (v *venue) warn(format string, args ...any) {
	list(&v.report.Warnings, &v.report.MoreWarnings, v.sentence(format, args))
}

func (v *venue) sentence(format string, args []any) string {
	return "venue " + name(v.stored.Venue.ID) + ": " + fmt.Sprintf(format, args...)
}
