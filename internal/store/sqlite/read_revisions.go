package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const selectRevisions = `
	SELECT v.id, v.revision, coalesce((SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = v.revision), '')
	FROM json_each(?1) need CROSS JOIN venues v ON v.id = need.value`

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
