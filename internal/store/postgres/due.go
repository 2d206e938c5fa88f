package postgres

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

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
