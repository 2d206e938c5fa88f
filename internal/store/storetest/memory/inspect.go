package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Inspect shows the venues as they are now.
func (s *Store) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return visit(snapshot{s.config.Data.epoch, s.config.Data.now()})
}

// snapshot is a [store.Snapshot] of states, which never change.
type snapshot struct {
	epoch  booking.Epoch
	venues map[booking.VenueID]*state
}

// each visits items until one fails.
func each[T any](ctx context.Context, items []T, visit func(T) error) error {
	for _, item := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(item); err != nil {
			return err
		}
	}
	return nil
}

// of is the state of a venue; of one that does not exist, an empty one.
func (s snapshot) of(venue booking.VenueID) *state {
	if st := s.venues[venue]; st != nil {
		return st
	}
	return &state{}
}

// Loaded lists every venue.
func (s snapshot) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	return each(ctx, slices.Sorted(maps.Keys(s.venues)), func(id booking.VenueID) error {
		return visit(s.venues[id].loaded(s.epoch))
	})
}

// Checkpoint is a venue's.
func (s snapshot) Checkpoint(ctx context.Context, venue booking.VenueID) (store.Checkpoint, error) {
	return s.of(venue).checkpoint, ctx.Err()
}

// Audit is a venue's.
func (s snapshot) Audit(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return each(ctx, s.of(venue).audit, func(c booking.Change) error { return visit(ofChange(c)) })
}

// Changes are a venue's.
func (s snapshot) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return each(ctx, s.of(venue).changes, func(c booking.Change) error { return visit(ofChange(c)) })
}

// Bookings are a venue's.
func (s snapshot) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	bookings := s.of(venue).bookings
	return each(ctx, slices.Sorted(maps.Keys(bookings)), func(id booking.BookingID) error { return visit(ofBooking(bookings[id])) })
}

// Active are the claims of a venue that take room.
func (s snapshot) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return s.Bookings(ctx, venue, func(b booking.Booking) error {
		if !b.Status.Claims() {
			return nil
		}
		return each(ctx, b.Claims, func(c booking.Claim) error { return visit(b.ID, c) })
	})
}

// Orphans are none: what a venue has is in its state.
func (snapshot) Orphans(ctx context.Context, _ func(venue booking.VenueID, table string) error) error {
	return ctx.Err()
}

// SingleRows are none: there are no tables.
func (snapshot) SingleRows(ctx context.Context, _ func(table string, rows int) error) error {
	return ctx.Err()
}

// Answers are a venue's.
func (s snapshot) Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	answers := s.of(venue).answers
	byKey := slices.SortedFunc(maps.Keys(answers), func(a, b booking.AnswerKey) int { return bytes.Compare(a[:], b[:]) })
	return each(ctx, byKey, func(key booking.AnswerKey) error { return visit(ofAnswer(answers[key])) })
}
