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

// The bookings are found by their claims, of which an index has the active ones by end. All that end in the future are looked at,
// to find the first by start; only edits of the catalogue ask.
const selectUses = `
	SELECT b.id FROM claims c INDEXED BY claims_active
	CROSS JOIN bookings b ON b.venue = c.venue AND b.id = c.booking
	WHERE c.venue = ?1 AND c.active = 1 AND c."end" > max(?2, ?5) AND c.start < ?6
		AND (?4 = '' OR c.resource = ?4) AND (?3 = '' OR b.service = ?3) AND (b.expires_at IS NULL OR b.expires_at > ?2)
	GROUP BY b.start, b.id ORDER BY b.start, b.id LIMIT ?7`

func readUses(
	ctx context.Context, c *connection, venue booking.VenueID, use store.Use, now time.Time, limit int,
) (ids []booking.BookingID, err error) {
	from, to := bounds(use.From, use.To)
	err = c.each(ctx, func(rows *sql.Rows) error {
		var id booking.BookingID
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, selectUses, string(venue), record.Micros(now), string(use.Service), string(use.Resource), from, to, limit)
	return ids, err
}

// Uses answers a [store.Use] on the latest state: at most limit ids, by start.
func (s *Store) Uses(ctx context.Context, venue booking.VenueID, use store.Use, limit int) (ids []booking.BookingID, err error) {
	err = s.read(ctx, func(c *connection) error {
		ids, err = readUses(ctx, c, venue, use, s.now(), max(limit, 0))
		if err != nil {
			return fmt.Errorf("uses in venue %s: %w", venue, err)
		}
		return nil
	})
	return ids, err
}
