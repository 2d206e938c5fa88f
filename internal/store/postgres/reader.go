package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const selectBatch = `SELECT batch FROM changes WHERE venue = $1 AND revision = (SELECT revision FROM venues WHERE id = $1)`

const selectClaims = `SELECT resource, start, "end", units FROM claims WHERE venue = $1 AND active AND "end" > $2`

// Load reads a whole venue in one snapshot: a transaction that is sent at once, whatever there is to read.
func (s *Store) Load(ctx context.Context, venue booking.VenueID, since time.Time) (loaded store.Loaded, err error) {
	err = s.use(ctx, func(c *session) error {
		loaded, err = loadVenue(ctx, c, venue, since)
		return err
	})
	if err != nil {
		return store.Loaded{}, fmt.Errorf("load venue %s: %w", venue, classify(err))
	}
	return loaded, nil
}

func loadVenue(ctx context.Context, c *session, venue booking.VenueID, since time.Time) (store.Loaded, error) {
	loaded := store.Loaded{Epoch: c.epoch}
	exists := false
	var b pgx.Batch
	b.Queue(beginReading)
	b.Queue(selectVenue, string(venue)).Query(func(rows pgx.Rows) error {
		return eachVenue(rows, func(v booking.Venue, revision booking.Revision) error {
			exists, loaded.Venue, loaded.Revision = true, v, revision
			return nil
		})
	})
	b.Queue(selectBatch, string(venue)).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&loaded.Batch); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	b.Queue(selectResources, string(venue)).Query(func(rows pgx.Rows) (err error) {
		loaded.Resources, err = collectResources(rows, venue)
		return err
	})
	b.Queue(selectServices, string(venue)).Query(func(rows pgx.Rows) (err error) {
		loaded.Services, err = collectServices(rows, venue)
		return err
	})
	b.Queue(selectTouched, string(venue)).Query(func(rows pgx.Rows) (err error) {
		loaded.Touched, err = collectTouched(rows)
		return err
	})
	b.Queue(selectClaims, string(venue), since).Query(func(rows pgx.Rows) (err error) {
		loaded.Claims, err = collectClaims(rows)
		return err
	})
	b.Queue(`COMMIT`)
	if err := c.conn.SendBatch(ctx, &b).Close(); err != nil {
		return store.Loaded{}, err
	}
	if !exists {
		return store.Loaded{}, booking.ErrNotFound
	}
	return loaded, nil
}

func collectClaims(rows pgx.Rows) (claims []booking.Claim, err error) {
	defer rows.Close()
	// A venue has few resources and many claims, which share the texts of their ids.
	ids := make(map[string]booking.ResourceID)
	var (
		resource   pgtype.DriverBytes
		start, end pgtype.Timestamptz
		units      int32
	)
	for rows.Next() {
		if err := rows.Scan(&resource, &start, &end, &units); err != nil {
			return nil, err
		}
		id, known := ids[string(resource)]
		if !known {
			id = booking.ResourceID(resource)
			ids[string(id)] = id
		}
		claims = append(claims, booking.Claim{Resource: id, Start: start.Time, End: end.Time, Units: int(units)})
	}
	return claims, rows.Err()
}

// There is a row for each venue that exists, and one without a venue if there is none. $1 is [Store.clock]. The batch is asked for by
// itself so that the planner cannot join all changes.
const selectCurrent = `
	SELECT clock.shows, v.id, v.revision, (SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = v.revision)
	FROM (SELECT coalesce($1::timestamptz, statement_timestamp()) AS shows) clock LEFT JOIN venues v ON v.id = ANY ($2::text[])`

// Revisions reads the last change of each of the venues that exist.
func (s *Store) Revisions(ctx context.Context, venues []booking.VenueID) (store.Revisions, error) {
	revisions := store.Revisions{Of: make(map[booking.VenueID]store.Last, len(venues))}
	err := s.useReserved(ctx, func(c *session) error {
		revisions.Epoch = c.epoch
		rows, err := c.conn.Query(ctx, selectCurrent, s.clock(), texts(venues))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var venue, batch pgtype.Text
			var revision pgtype.Int8
			if err := rows.Scan(&revisions.Now, &venue, &revision, &batch); err != nil {
				return err
			}
			if venue.Valid {
				revisions.Of[booking.VenueID(venue.String)] = store.Last{Revision: booking.Revision(revision.Int64), Batch: batch.String}
			}
		}
		return rows.Err()
	})
	if err != nil {
		return store.Revisions{}, fmt.Errorf("revisions: %w", classify(err))
	}
	return revisions, nil
}

// Venues lists the venues that are not archived.
func (s *Store) Venues(ctx context.Context, after booking.VenueID, limit int) (venues []booking.Venue, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectVenues, string(after), max(limit, 0))
		if err != nil {
			return err
		}
		return eachVenue(rows, func(v booking.Venue, _ booking.Revision) error {
			venues = append(venues, v)
			return nil
		})
	})
	return venues, classify(err)
}

// Both answers come from one statement, and so from one snapshot. $1 is [Store.clock].
const selectDueVenues = `
	(SELECT true AS due, venue, min(expires_at) AS expires FROM bookings
		WHERE status = 'held' AND expires_at <= coalesce($1::timestamptz, statement_timestamp())
		GROUP BY venue ORDER BY expires, venue LIMIT $2)
	UNION ALL
	(SELECT false, '', expires_at FROM bookings
		WHERE status = 'held' AND expires_at > coalesce($1::timestamptz, statement_timestamp())
		ORDER BY expires_at LIMIT 1)
	ORDER BY due DESC, expires, venue`

// Due lists venues that have due holds, those with the longest overdue first, and the expiry of the next hold that is not due yet.
func (s *Store) Due(ctx context.Context, limit int) (venues []booking.VenueID, next time.Time, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectDueVenues, s.clock(), max(limit, 0))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var due bool
			var venue booking.VenueID
			var expires time.Time
			if err := rows.Scan(&due, &venue, &expires); err != nil {
				return err
			}
			if due {
				venues = append(venues, venue)
			} else {
				next = expires
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("due holds: %w", classify(err))
	}
	return venues, next, nil
}
