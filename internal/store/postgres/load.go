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
		loaded.Resources, err = collectResources(rows)
		return err
	})
	b.Queue(selectServices, string(venue)).Query(func(rows pgx.Rows) (err error) {
		loaded.Services, err = collectServices(rows)
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
