package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

// The venue, the revision after which the changes begin, and the most there may be.
var selectChanges = `
	SELECT ` + record.Changes.Names("") + ` FROM changes
	WHERE venue = $1 AND revision > $2 ORDER BY revision LIMIT $3`

// Changes reads the changes of a venue after a revision.
func (s *Store) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectChanges, string(venue), int64(min(after, maxRevision)), max(limit, 0))
		if err != nil {
			return err
		}
		changes, err = collectChanges(rows, venue)
		return err
	})
	return changes, classify(err)
}

// collectChanges reads the changes of a venue to the end of the query.
func collectChanges(rows pgx.Rows, venue booking.VenueID) (changes []booking.Change, err error) {
	err = eachChange(rows, func(change booking.Change) error {
		changes = append(changes, change)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("changes of venue %s: %w", venue, err)
	}
	return changes, nil
}

// eachChange hands out the changes of a venue one by one.
func eachChange(rows pgx.Rows, visit func(booking.Change) error) error {
	return eachRow(rows, record.Changes, func(r *record.ChangeRow) error {
		change, err := r.Decoded()
		if err != nil {
			return err
		}
		return visit(change)
	})
}
