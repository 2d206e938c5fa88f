package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

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
