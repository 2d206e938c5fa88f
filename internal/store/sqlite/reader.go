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

const (
	selectRevisions = `
		SELECT v.id, v.revision, coalesce((SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = v.revision), '')
		FROM json_each(?1) need CROSS JOIN venues v ON v.id = need.value`

	selectBatch = `SELECT batch FROM changes WHERE venue = ?1 AND revision = ?2`
)

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
		if err := c.catalogue(ctx, &loaded); err != nil {
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

// Revisions reads the last change of each of the venues that exist.
func (s *Store) Revisions(ctx context.Context, venues []booking.VenueID) (store.Revisions, error) {
	if err := s.inPlace(); err != nil {
		return store.Revisions{}, err
	}
	revisions := store.Revisions{Epoch: s.epoch, Now: s.now(), Of: make(map[booking.VenueID]store.Last, len(venues))}
	err := s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var venue booking.VenueID
			var last store.Last
			err := rows.Scan(&venue, &last.Revision, &last.Batch)
			revisions.Of[venue] = last
			return err
		}, selectRevisions, record.List(venues))
	})
	if err != nil {
		return store.Revisions{}, fmt.Errorf("revisions: %w", err)
	}
	return revisions, nil
}

// Changes reads the changes of a venue after a revision.
func (s *Store) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, err error) {
	err = s.read(ctx, func(c *connection) error {
		changes, err = readChanges(ctx, c, venue, after, max(limit, 0))
		return err
	})
	return changes, err
}

// Venues lists the venues that are not archived.
func (s *Store) Venues(ctx context.Context, after booking.VenueID, limit int) (venues []booking.Venue, err error) {
	err = s.read(ctx, func(c *connection) error {
		return readVenues(ctx, c, func(v booking.Venue, _ booking.Revision) { venues = append(venues, v) },
			selectVenues, string(after), max(limit, 0))
	})
	return venues, err
}

const (
	selectDueVenues = `
		SELECT venue FROM bookings INDEXED BY bookings_due WHERE status = 'held' AND expires_at <= ?1
		GROUP BY venue ORDER BY min(expires_at), venue LIMIT ?2`

	selectNextDue = `
		SELECT expires_at FROM bookings INDEXED BY bookings_due WHERE status = 'held' AND expires_at > ?1
		ORDER BY expires_at LIMIT 1`
)

// Due lists venues that have due holds, those with the longest overdue first, and the expiry of the next hold that is not due yet.
func (s *Store) Due(ctx context.Context, limit int) (venues []booking.VenueID, next time.Time, err error) {
	now := record.Micros(s.now())
	err = s.snapshot(ctx, func(c *connection) error {
		err := c.each(ctx, func(rows *sql.Rows) error {
			var venue booking.VenueID
			err := rows.Scan(&venue)
			venues = append(venues, venue)
			return err
		}, selectDueVenues, now, max(limit, 0))
		if err != nil {
			return err
		}
		return c.each(ctx, func(rows *sql.Rows) error {
			var expires int64
			err := rows.Scan(&expires)
			next = record.Instant(expires)
			return err
		}, selectNextDue, now)
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("due holds: %w", err)
	}
	return venues, next, nil
}
