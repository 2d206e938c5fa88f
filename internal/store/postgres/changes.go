package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
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

// DurableChanges reads changes that are proven to be durable; see [store.Relay]. What is seen may not be on any standby yet, as in
// [Store.Booking]: then a heartbeat proves it.
func (s *Store) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (d store.Durable, err error) {
	if s.monitor != nil {
		if err := s.monitor.ready(ctx); err != nil { // the database may be one that was left, or a standby
			return d, fmt.Errorf("changes of venue %s: %w", venue, err)
		}
	}
	var standbys bool
	var database string
	read := record.DurableReader{Durable: &d}
	err = s.use(ctx, func(c *session) error {
		d.Epoch, database = c.epoch, serverOf(c.conn).identity.ID
		var b pgx.Batch
		b.Queue(beginReading)
		b.Queue(`SELECT ` + hasStandbys).QueryRow(func(row pgx.Row) error { return row.Scan(&standbys) })
		b.Queue(`SELECT coalesce((`+selectRevision+`), 0)`, string(venue)).QueryRow(func(row pgx.Row) error { return row.Scan(&d.Revision) })
		b.Queue(selectChanges, string(venue), int64(min(after, maxRevision)), max(limit, 0)).Query(func(rows pgx.Rows) error {
			return eachRow(rows, record.Changes, read.Add)
		})
		b.Queue(`COMMIT`)
		if err := c.conn.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		return s.checkInCharge(c)
	})
	if err != nil {
		return store.Durable{}, fmt.Errorf("changes of venue %s: %w", venue, classify(err))
	}
	if standbys && !s.config.ReadOnly && !s.node.proven.covers(d.Epoch, venue, d.Revision) {
		if err := s.prove(ctx, database); err != nil {
			return store.Durable{}, fmt.Errorf("%w: changes of venue %s: %s", store.ErrUnavailable, venue, err.Error())
		}
		s.node.proven.set(d.Epoch, venue, d.Revision)
	}
	if read.Failure != nil {
		return d, fmt.Errorf("changes of venue %s: %w", venue, read.Failure)
	}
	return d, nil
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
