package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// The venue, the revision after which the changes begin, and the most there may be.
const selectChanges = `
	SELECT revision, batch, committed_at, entries FROM changes
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
	err = eachChange(rows, venue, func(change booking.Change) error {
		changes = append(changes, change)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("changes of venue %s: %w", venue, err)
	}
	return changes, nil
}

// eachChange hands out the changes of a venue one by one.
func eachChange(rows pgx.Rows, venue booking.VenueID, visit func(booking.Change) error) error {
	defer rows.Close()
	for rows.Next() {
		change := booking.Change{Venue: venue}
		var entries pgtype.DriverBytes
		if err := rows.Scan(&change.Revision, &change.Batch, &change.CommittedAt, &entries); err != nil {
			return err
		}
		var err error
		if change.Entries, err = record.DecodeEntries(entries, venue); err != nil {
			return store.Damaged(err, "change %d", change.Revision)
		}
		if err := visit(change); err != nil {
			return err
		}
	}
	return rows.Err()
}
