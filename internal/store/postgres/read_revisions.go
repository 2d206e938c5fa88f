package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

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
