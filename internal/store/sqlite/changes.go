package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

const selectChanges = `
	SELECT revision, batch, committed_at, entries FROM changes
	WHERE venue = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3`

func readChanges(
	ctx context.Context, c *connection, venue booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, err error) {
	err = c.each(ctx, func(rows *sql.Rows) error {
		change := booking.Change{Venue: venue}
		var committed int64
		var entries sql.RawBytes
		if err := rows.Scan(&change.Revision, &change.Batch, &committed, &entries); err != nil {
			return err
		}
		change.CommittedAt = record.Instant(committed)
		if change.Entries, err = record.DecodeEntries(entries, venue, change.Revision); err != nil {
			return fmt.Errorf("change %d of venue %s: %w", change.Revision, venue, err)
		}
		changes = append(changes, change)
		return nil
	}, selectChanges, string(venue), int64(min(after, maxRevision)), limit)
	return changes, err
}

// maxRevision is the largest that SQLite's integers hold. A caller may know a revision beyond all that exist.
const maxRevision booking.Revision = 1<<63 - 1

const insertChange = `INSERT INTO changes (venue, revision, batch, committed_at, entries) VALUES (?1, ?2, ?3, ?4, ?5)`

func (c *connection) insertChange(ctx context.Context, change booking.Change) error {
	entries, err := record.EncodeEntries(change.Entries)
	if err != nil {
		return fmt.Errorf("encode change %d of venue %s: %w", change.Revision, change.Venue, err)
	}
	_, err = c.exec(ctx, insertChange, string(change.Venue), int64(change.Revision), change.Batch, record.Micros(change.CommittedAt),
		string(entries))
	return err
}
