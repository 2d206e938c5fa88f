package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// The bookings are found by their claims, of which an index has the active ones by end. All that end in the future are looked at,
// to find the first by start; only edits of the catalogue ask. See [usesArgs] for what it is asked.
const selectUses = `
	SELECT b.id FROM (
		SELECT booking FROM claims
		WHERE venue = $1 AND active AND "end" > greatest(coalesce($2::timestamptz, statement_timestamp()), $3) AND start < $4
			AND ($5 = '' OR resource = $5)
		GROUP BY booking
	) c
	CROSS JOIN LATERAL (SELECT id, service, start, expires_at FROM bookings WHERE venue = $1 AND id = c.booking OFFSET 0) b
	WHERE ($6 = '' OR b.service = $6)
		AND (b.expires_at IS NULL OR b.expires_at > coalesce($2::timestamptz, statement_timestamp()))
	ORDER BY b.start, b.id LIMIT $7`

// usesArgs asks selectUses. now is the store's clock, or nil for that of the database.
func usesArgs(venue booking.VenueID, use store.Use, now any, limit int) []any {
	from, to := bounds(use.From, use.To)
	return []any{string(venue), now, from, to, string(use.Resource), string(use.Service), max(limit, 0)}
}

// collectIDs reads the ids of a query, to its end.
func collectIDs[T ~string](rows pgx.Rows) (ids []T, err error) {
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, T(id))
	}
	return ids, rows.Err()
}

// Uses answers a [store.Use] on the latest state: at most limit ids, by start.
func (s *Store) Uses(ctx context.Context, venue booking.VenueID, use store.Use, limit int) (ids []booking.BookingID, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectUses, usesArgs(venue, use, s.clock(), limit)...)
		if err != nil {
			return err
		}
		ids, err = collectIDs[booking.BookingID](rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("uses in venue %s: %w", venue, classify(err))
	}
	return ids, nil
}
