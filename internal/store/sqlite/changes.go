package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const selectChanges = `
	SELECT revision, batch, committed_at, entries FROM changes
	WHERE venue = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3`

func readChanges(
	ctx context.Context, c *connection, venue booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, err error) {
	err = eachChange(ctx, c, func(change booking.Change) error {
		changes = append(changes, change)
		return nil
	}, venue, after, limit)
	if err != nil {
		return nil, fmt.Errorf("changes of venue %s: %w", venue, err)
	}
	return changes, nil
}

// eachChange hands out the changes of a venue after a revision, in order, at most limit; a negative one is none.
func eachChange(
	ctx context.Context, c *connection, visit func(booking.Change) error, venue booking.VenueID, after booking.Revision, limit int,
) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		change := booking.Change{Venue: venue}
		var committed int64
		var entries sql.RawBytes
		err := rows.Scan(&change.Revision, &change.Batch, &committed, &entries)
		if err != nil {
			return err
		}
		change.CommittedAt = record.Instant(committed)
		if change.Entries, err = record.DecodeEntries(entries, venue); err != nil {
			return store.Damaged(err, "change %d", change.Revision)
		}
		return visit(change)
	}, selectChanges, string(venue), int64(min(after, maxRevision)), limit)
}

// maxRevision is the largest that SQLite's integers hold. A caller may know a revision beyond all that exist.
const maxRevision booking.Revision = 1<<63 - 1
