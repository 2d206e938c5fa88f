package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// snapshot is the transaction that is open on a connection. Rows are handed on as they come, which is as fast as they are taken.
type snapshot struct{ *session }

// each runs a query and hands its rows to visit, which must close them.
func (s *snapshot) each(ctx context.Context, visit func(pgx.Rows) error, text string, args ...any) error {
	rows, err := s.conn.Query(ctx, text, args...)
	if err == nil {
		err = visit(rows)
	}
	return classify(err)
}

var inspectVenues = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE id > $1 ORDER BY id LIMIT $2`

// Loaded lists every venue with its catalogue.
func (s *snapshot) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	for after := booking.VenueID(""); ; {
		var page []store.Loaded
		err := s.each(ctx, func(rows pgx.Rows) error {
			return eachVenue(rows, func(v booking.Venue, revision booking.Revision) error {
				page = append(page, store.Loaded{Epoch: s.epoch, Revision: revision, Venue: v})
				return nil
			})
		}, inspectVenues, string(after), venuesPerPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, loaded := range page {
			after = loaded.Venue.ID
			if err := s.readCatalogue(ctx, &loaded); err != nil {
				return err
			}
			if err := visit(loaded); err != nil {
				return err
			}
		}
	}
}

func (s *snapshot) readCatalogue(ctx context.Context, loaded *store.Loaded) error {
	venue := loaded.Venue.ID
	err := s.each(ctx, func(rows pgx.Rows) (err error) {
		loaded.Resources, err = collectResources(rows)
		return err
	}, selectResources, string(venue))
	if err != nil {
		return err
	}
	err = s.each(ctx, func(rows pgx.Rows) (err error) {
		loaded.Services, err = collectServices(rows)
		return err
	}, selectServices, string(venue))
	if err != nil {
		return err
	}
	return s.each(ctx, func(rows pgx.Rows) (err error) {
		loaded.Touched, err = collectTouched(rows)
		return err
	}, selectTouched, string(venue))
}

// inspectSingles counts the rows of the tables that must have one.
const inspectSingles = `SELECT (SELECT count(*) FROM identity), (SELECT count(*) FROM meta)`

// SingleRows are the tables that must have one row.
func (s *snapshot) SingleRows(ctx context.Context, visit func(table string, rows int) error) error {
	var identities, metas int
	err := s.conn.QueryRow(ctx, inspectSingles).Scan(&identities, &metas)
	if err == nil {
		err = visit("identity", identities)
	}
	if err == nil {
		err = visit("meta", metas)
	}
	return classify(err)
}

var (
	inspectChanges = `SELECT ` + record.Changes.Names("") + ` FROM changes WHERE venue = $1 ORDER BY revision`

	inspectAudit = `SELECT ` + record.Audit.Names("") + ` FROM audit WHERE venue = $1 ORDER BY revision`

	inspectBookings = `SELECT ` + bookingColumns + ` FROM bookings b` + joinClaims + `WHERE b.venue = $1 ORDER BY b.id, c.place`

	inspectActive = `
		SELECT booking, resource, start, "end", units FROM claims WHERE venue = $1 AND active ORDER BY booking, place`

	inspectAnswers = `SELECT ` + record.Answers.Names("") + ` FROM answers WHERE venue = $1 ORDER BY key`
)

// Checkpoint is the one behind which a venue's changes begin.
func (s *snapshot) Checkpoint(ctx context.Context, venue booking.VenueID) (store.Checkpoint, error) {
	checkpoint, err := s.readCheckpoint(ctx, venue)
	return checkpoint, classify(err)
}

// Audit is what is remembered of a venue's changes that were deleted.
func (s *snapshot) Audit(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return s.each(ctx, func(rows pgx.Rows) error {
		return eachRow(rows, record.Audit, func(r *record.ChangeRow) error {
			change, err := r.Decoded()
			if err != nil {
				return err
			}
			return visit(change)
		})
	}, inspectAudit, string(venue))
}

// Changes are a venue's, by revision.
func (s *snapshot) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return s.each(ctx, func(rows pgx.Rows) error { return eachChange(rows, visit) }, inspectChanges, string(venue))
}

// Bookings are a venue's, by id.
func (s *snapshot) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return s.each(ctx, func(rows pgx.Rows) error { return eachBooking(rows, visit) }, inspectBookings, string(venue))
}

// Active are the claims of a venue that take room, by booking.
func (s *snapshot) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return s.each(ctx, func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			var id booking.BookingID
			var claim booking.Claim
			if err := rows.Scan(&id, &claim.Resource, &claim.Start, &claim.End, &claim.Units); err != nil {
				return err
			}
			if err := visit(id, claim); err != nil {
				return err
			}
		}
		return rows.Err()
	}, inspectActive, string(venue))
}

// Answers are a venue's, by key.
func (s *snapshot) Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	return s.each(ctx, func(rows pgx.Rows) error {
		return eachRow(rows, record.Answers, func(r *record.AnswerRow) error { return visit(r.Answer) })
	}, inspectAnswers, string(venue))
}
