package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var selectChanges = `
	SELECT ` + record.Changes.Names("") + ` FROM changes
	WHERE venue = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3`

// maxRevision is the largest that SQLite's integers hold. A caller may know a revision beyond all that exist.
const maxRevision booking.Revision = 1<<63 - 1

// Changes reads the changes of a venue after a revision.
func (s *Store) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, err error) {
	err = s.read(ctx, func(c *connection) error {
		changes, err = readChanges(ctx, c, venue, after, max(limit, 0))
		return err
	})
	return changes, err
}

// DurableChanges reads changes with their epoch; see [store.Relay]. A commit is seen once it is flushed, so what is read is durable.
func (s *Store) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (d store.Durable, err error) {
	if err := s.inPlace(); err != nil {
		return d, err
	}
	read := record.DurableReader{Durable: &d}
	err = s.snapshot(ctx, func(c *connection) error {
		err := c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&d.Revision) }, selectRevision, string(venue))
		if err == nil {
			err = readRows(ctx, c, record.Changes, read.Add, selectChanges, string(venue), int64(min(after, maxRevision)), max(limit, 0))
		}
		return err
	})
	if err != nil {
		return store.Durable{}, fmt.Errorf("changes of venue %s: %w", venue, err)
	}
	d.Epoch = s.epoch
	if read.Failure != nil {
		return d, fmt.Errorf("changes of venue %s: %w", venue, read.Failure)
	}
	return d, nil
}

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
	return readRows(ctx, c, record.Changes, func(r *record.ChangeRow) error {
		change, err := r.Decoded()
		if err != nil {
			return err
		}
		return visit(change)
	}, selectChanges, string(venue), int64(min(after, maxRevision)), limit)
}
