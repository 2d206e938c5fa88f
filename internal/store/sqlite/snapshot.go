package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// snapshot is one committed state of the file: what a connection sees in the transaction that it is in.
type snapshot struct {
	*connection
	epoch booking.Epoch
	// open ends when the database is to be closed; what is read then is cut short.
	open context.Context
	// answers are where each venue's are; nil until they are needed.
	answers map[booking.VenueID][]keyed
}

// keyed is the id of an answer, and how its key begins.
type keyed struct {
	start keyStart
	id    int64
}

var _ store.Snapshot = (*snapshot)(nil)

var (
	selectEveryVenue = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE id > ?1 ORDER BY id LIMIT ?2`

	// Only ids are sorted, and then the claims of each booking. The rows are in the file in nearly that order. Without a limit, even
	// none, SQLite would take the two selects for one, and sort whole rows.
	selectEveryBooking = `
		SELECT ` + bookingColumns + ` FROM (
			SELECT id, rowid AS n FROM bookings INDEXED BY bookings_by_start WHERE venue = ?1 ORDER BY id LIMIT -1
		) all_ids CROSS JOIN bookings b ON b.rowid = all_ids.n` + joinClaims + `ORDER BY all_ids.id, c.place`
)

const (
	// From the index that Load reads.
	selectEveryActive = `
		SELECT booking, resource, start, "end", units FROM claims INDEXED BY claims_active
		WHERE venue = ?1 AND active = 1 ORDER BY booking, place`

	selectEveryAnswer = `SELECT id, venue, substr(key, 1, 16) FROM answers`
)

// Loaded lists every venue with its catalogue.
func (s *snapshot) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		for after := ""; ; {
			var page []store.Loaded
			err := readVenues(ctx, s.connection, func(v booking.Venue, revision booking.Revision) {
				page = append(page, store.Loaded{Epoch: s.epoch, Revision: revision, Venue: v})
			}, selectEveryVenue, after, venuesPerPage)
			if err != nil {
				return err
			}
			for _, loaded := range page {
				if err := s.readCatalogue(ctx, &loaded); err != nil {
					return err
				}
				if err := visit(loaded); err != nil {
					return err
				}
			}
			if len(page) < venuesPerPage {
				return nil
			}
			after = string(page[len(page)-1].Venue.ID)
		}
	})
}

// SingleRows are the tables that must have one row.
func (s *snapshot) SingleRows(ctx context.Context, visit func(table string, rows int) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		return s.each(ctx, func(rows *sql.Rows) error {
			var n int
			if err := rows.Scan(&n); err != nil {
				return err
			}
			return visit("meta", n)
		}, `SELECT count(*) FROM meta`)
	})
}

// Checkpoint is the one behind which a venue's changes begin.
func (s *snapshot) Checkpoint(ctx context.Context, venue booking.VenueID) (checkpoint store.Checkpoint, err error) {
	err = s.read(ctx, func(ctx context.Context) (err error) {
		checkpoint, err = readCheckpoint(ctx, s.connection, venue)
		return err
	})
	return checkpoint, err
}

var selectAudit = `SELECT ` + record.Audit.Names("") + ` FROM audit WHERE venue = ?1 ORDER BY revision`

// Audit is what is remembered of a venue's changes that were deleted.
func (s *snapshot) Audit(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		return readRows(ctx, s.connection, record.Audit, func(r *record.ChangeRow) error {
			change, err := r.Decoded()
			if err != nil {
				return err
			}
			return visit(change)
		}, selectAudit, string(venue))
	})
}

// Changes are a venue's, by revision.
func (s *snapshot) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		const unlimited = -1
		return eachChange(ctx, s.connection, visit, venue, 0, unlimited)
	})
}

// Bookings are a venue's, by id, with their claims.
func (s *snapshot) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		return eachBooking(ctx, s.connection, visit, selectEveryBooking, string(venue))
	})
}

// Active are the claims of a venue that take room.
func (s *snapshot) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		return s.each(ctx, func(rows *sql.Rows) error {
			var id booking.BookingID
			var claim booking.Claim
			var start, end int64
			if err := rows.Scan(&id, &claim.Resource, &start, &end, &claim.Units); err != nil {
				return err
			}
			claim.Start, claim.End = record.Instant(start), record.Instant(end)
			return visit(id, claim)
		}, selectEveryActive, string(venue))
	})
}

// Answers are a venue's, by key. Nothing in the file has them in that order, so their ids are sorted here, those of all venues at the
// first call: 24 bytes for each answer of the last day.
func (s *snapshot) Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		if err := s.readAnswerIDs(ctx); err != nil {
			return err
		}
		slices.SortFunc(s.answers[venue], func(a, b keyed) int { return bytes.Compare(a.start[:], b.start[:]) })
		for _, of := range s.answers[venue] {
			answer, err := readAnswer(ctx, s.connection, of.id)
			if err == nil {
				err = visit(answer)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *snapshot) readAnswerIDs(ctx context.Context) error {
	if s.answers != nil {
		return nil
	}
	answers := make(map[booking.VenueID][]keyed)
	err := s.each(ctx, func(rows *sql.Rows) error {
		var of keyed
		var venue, start sql.RawBytes
		if err := rows.Scan(&of.id, &venue, &start); err != nil {
			return err
		}
		copy(of.start[:], start)
		answers[booking.VenueID(venue)] = append(answers[booking.VenueID(venue)], of)
		return nil
	}, selectEveryAnswer)
	if err == nil {
		s.answers = answers
	}
	return err
}

// read runs f until it ends, its caller leaves, or the database is to be closed.
func (s *snapshot) read(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.open, cancel)
	defer stop()
	err := f(ctx)
	if s.open.Err() != nil && errors.Is(err, context.Canceled) {
		return errClosed
	}
	return classify(err)
}
