package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const selectBatch = `SELECT batch FROM changes WHERE venue = ?1 AND revision = ?2`

const selectClaims = `
	SELECT resource, start, "end", units FROM claims INDEXED BY claims_active
	WHERE venue = ?1 AND active = 1 AND "end" > ?2`

// Load reads a whole venue in one snapshot.
func (s *Store) Load(ctx context.Context, venue booking.VenueID, since time.Time) (store.Loaded, error) {
	loaded := store.Loaded{Epoch: s.epoch}
	err := s.snapshot(ctx, func(c *connection) (err error) {
		exists := false
		err = readVenues(ctx, c, func(v booking.Venue, revision booking.Revision) {
			exists, loaded.Venue, loaded.Revision = true, v, revision
		}, selectVenue, string(venue))
		if err != nil {
			return err
		}
		if !exists {
			return booking.ErrNotFound
		}
		batch := func(rows *sql.Rows) error { return rows.Scan(&loaded.Batch) }
		if err := c.each(ctx, batch, selectBatch, string(venue), int64(loaded.Revision)); err != nil {
			return err
		}
		if err := c.readCatalogue(ctx, &loaded); err != nil {
			return err
		}
		loaded.Claims, err = readClaims(ctx, c, venue, since)
		return err
	})
	if err != nil {
		return store.Loaded{}, fmt.Errorf("load venue %s: %w", venue, err)
	}
	return loaded, nil
}

func readClaims(ctx context.Context, c *connection, venue booking.VenueID, since time.Time) (claims []booking.Claim, err error) {
	// A venue has few resources and many claims, which share the texts of their ids.
	ids := make(map[string]booking.ResourceID)
	err = c.each(ctx, func(rows *sql.Rows) error {
		var resource sql.RawBytes
		var start, end int64
		var claim booking.Claim
		if err := rows.Scan(&resource, &start, &end, &claim.Units); err != nil {
			return err
		}
		id, known := ids[string(resource)]
		if !known {
			id = booking.ResourceID(resource)
			ids[string(id)] = id
		}
		claim.Resource, claim.Start, claim.End = id, record.Instant(start), record.Instant(end)
		claims = append(claims, claim)
		return nil
	}, selectClaims, string(venue), record.Micros(since))
	return claims, err
}
