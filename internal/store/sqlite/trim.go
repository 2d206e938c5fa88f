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

const (
	selectOldHolds = `
		SELECT venue, id FROM bookings INDEXED BY bookings_ended_holds
		WHERE (status = 'expired' OR (status = 'cancelled' AND cancelled_hold)) AND updated_at < ?1 ORDER BY updated_at LIMIT ?2`

	selectOldHoldsOf = `
		SELECT venue, id FROM bookings
		WHERE venue = ?3 AND (status = 'expired' OR (status = 'cancelled' AND cancelled_hold)) AND updated_at < ?1 LIMIT ?2`

	deleteClaimsOf = `DELETE FROM claims WHERE booking = ?2 AND venue = ?1`
	deleteBooking  = `DELETE FROM bookings WHERE id = ?2 AND venue = ?1`

	// Venues from one on, and whether their oldest change may go, and the oldest of what is remembered. A bus that was seen lately holds
	// back what it was not sent, for a while.
	selectTrimmable = `
		SELECT v.id,
			coalesce((SELECT c.committed_at < ?2 AND c.revision <= v.revision - ?4 AND (c.committed_at < ?6 OR NOT EXISTS (
					SELECT 1 FROM outbox_buses b WHERE b.seen_at > ?7
					AND coalesce((SELECT k.revision FROM outbox_cursors k WHERE k.bus = b.name AND k.venue = v.id), 0) < c.revision))
				FROM changes c WHERE c.venue = v.id ORDER BY c.revision LIMIT 1), 0),
			coalesce((SELECT a.committed_at < ?3 FROM audit a WHERE a.venue = v.id ORDER BY a.revision LIMIT 1), 0)
		FROM venues v WHERE v.id > ?1 ORDER BY v.id LIMIT ?5`

	deleteChanges = `DELETE FROM changes WHERE venue = ?1 AND revision <= ?2`

	selectOldestAudit = `SELECT revision, committed_at FROM audit WHERE venue = ?1 ORDER BY revision LIMIT ?2`

	deleteAudit = `DELETE FROM audit WHERE venue = ?1 AND revision <= ?2`

	// selectSent has no row that is not NULL if no bus was seen lately.
	selectSent = `
		SELECT min(coalesce((SELECT k.revision FROM outbox_cursors k WHERE k.bus = b.name AND k.venue = ?1), 0))
		FROM outbox_buses b WHERE b.seen_at > ?2`

	selectRevision = `SELECT revision FROM venues WHERE id = ?1`
)

var (
	selectCheckpoint = `SELECT ` + record.Checkpoints.Names("") + ` FROM checkpoints WHERE venue = ?1`
	upsertCheckpoint = upsertInto(record.Checkpoints)
	insertAudit      = insertInto(record.Audit, "")
)

// Trim deletes what is past its retention; see [store.Writer]. Each transaction is short, so that bookings come in between.
func (s *Store) Trim(ctx context.Context, retention store.Retention, limit int) (deleted int, err error) {
	var newer bool
	err = s.read(ctx, func(c *connection) (err error) { newer, err = isNewer(ctx, c); return err })
	if err != nil || newer {
		return 0, classify(err)
	}
	if deleted, err = s.trimHidden(ctx, booking.ProbeVenue, limit); err != nil {
		return deleted, fmt.Errorf("delete what the probe left: %w", classify(err))
	}
	if retention.Holds > 0 {
		before := record.Micros(retention.HoldsBefore(s.now()))
		n, err := s.inBatches(limit, func(limit int) (int, error) { return s.trimHolds(ctx, limit, selectOldHolds, before) })
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("delete ended holds: %w", classify(err))
		}
	}
	n, err := s.trimVenues(ctx, retention, limit)
	return deleted + n, err
}

// inBatches deletes until there is nothing left to delete, or the limit is reached.
func (s *Store) inBatches(limit int, deleteSome func(limit int) (int, error)) (deleted int, err error) {
	for deleted < limit {
		batch := min(rowsPerTrim, limit-deleted)
		n, err := deleteSome(batch)
		if deleted += n; err != nil || n < batch {
			return deleted, err
		}
	}
	return deleted, nil
}

// trimHidden deletes what is left of a hidden venue, by its own retention.
func (s *Store) trimHidden(ctx context.Context, venue booking.VenueID, limit int) (deleted int, err error) {
	before := record.Micros(s.now().Add(-store.HiddenRetention.Holds))
	deleted, err = s.inBatches(limit, func(limit int) (int, error) {
		return s.trimHolds(ctx, limit, selectOldHoldsOf, before, string(venue))
	})
	if err != nil {
		return deleted, err
	}
	n, err := s.inBatches(limit, func(limit int) (int, error) { return s.trimChanges(ctx, venue, store.HiddenRetention, limit) })
	return deleted + n, err
}

// trimHolds deletes the holds that a query finds, whose parameters are a time, a limit and what it needs besides.
func (s *Store) trimHolds(ctx context.Context, limit int, query string, before int64, more ...any) (deleted int, err error) {
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		var old [][2]any
		err := c.each(ctx, func(rows *sql.Rows) error {
			var venue, id string
			err := rows.Scan(&venue, &id)
			old = append(old, [2]any{venue, id})
			return err
		}, query, append([]any{before, limit}, more...)...)
		if err != nil {
			return false, err
		}
		for _, key := range old {
			for _, statement := range []string{deleteClaimsOf, deleteBooking} {
				if _, err := c.exec(ctx, statement, key[:]...); err != nil {
					return false, err
				}
			}
		}
		deleted = len(old)
		return deleted > 0, nil
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// trimmable is a venue with something to delete.
type trimmable struct {
	venue          booking.VenueID
	changes, audit bool
}

// trimVenues goes on with the venues behind those it came to last.
func (s *Store) trimVenues(ctx context.Context, retention store.Retention, limit int) (deleted int, err error) {
	s.trimming.Lock()
	defer s.trimming.Unlock()
	venues, more, err := s.findTrimmable(ctx, retention)
	if err != nil {
		return 0, fmt.Errorf("find old changes: %w", err)
	}
	for _, v := range venues {
		if v.changes {
			n, err := s.inBatches(limit-deleted, func(limit int) (int, error) { return s.trimChanges(ctx, v.venue, retention, limit) })
			if deleted += n; err != nil {
				return deleted, fmt.Errorf("delete old changes of venue %s: %w", v.venue, classify(err))
			}
		}
		if v.audit {
			n, err := s.inBatches(limit-deleted, func(limit int) (int, error) { return s.trimAudit(ctx, v.venue, retention, limit) })
			if deleted += n; err != nil {
				return deleted, fmt.Errorf("delete the old audit trail of venue %s: %w", v.venue, classify(err))
			}
		}
		if deleted >= limit {
			return deleted, nil // this venue may have more
		}
		s.trimmed = v.venue
	}
	if !more {
		s.trimmed = "" // the next call begins with the first venue again
	}
	return deleted, nil
}

func (s *Store) findTrimmable(ctx context.Context, retention store.Retention) (venues []trimmable, more bool, err error) {
	now := s.now()
	cutoff := func(of time.Duration) int64 {
		if of <= 0 {
			return -1 << 62
		}
		return record.Micros(now.Add(-of))
	}
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var v trimmable
			err := rows.Scan(&v.venue, &v.changes, &v.audit)
			venues = append(venues, v)
			return err
		}, selectTrimmable, string(s.trimmed), cutoff(retention.Changes), cutoff(retention.Audit), store.RetainedChanges, venuesPerPage,
			cutoff(retention.Unsent), record.Micros(now.Add(-store.BusEnabledFor)))
	})
	return venues, len(venues) == venuesPerPage, err
}

// trimChanges moves changes to the audit trail, and the venue's checkpoint behind them.
func (s *Store) trimChanges(ctx context.Context, venue booking.VenueID, retention store.Retention, limit int) (deleted int, err error) {
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		before, err := readCheckpoint(ctx, c, venue)
		if err != nil {
			return false, err
		}
		var revision booking.Revision
		err = c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&revision) }, selectRevision, string(venue))
		if err != nil {
			return false, err
		}
		changes, err := readChanges(ctx, c, venue, before.Revision, limit)
		if err != nil {
			return false, err
		}
		sent, err := readSent(ctx, c, venue, s.now())
		if err != nil {
			return false, err
		}
		changes = changes[:retention.Deletable(changes, revision, sent, s.now())]
		if deleted = len(changes); deleted == 0 {
			return false, nil
		}
		return true, c.writeCheckpoint(ctx, venue, before.Advance(changes), changes)
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// readSent is up to which revision the changes of a venue are sent to all buses that are enabled.
func readSent(ctx context.Context, c *connection, venue booking.VenueID, now time.Time) (booking.Revision, error) {
	sent := maxRevision
	if venue.Hidden() { // of which nothing is sent
		return sent, nil
	}
	err := c.each(ctx, func(rows *sql.Rows) error {
		var lowest sql.NullInt64
		err := rows.Scan(&lowest)
		if lowest.Valid {
			sent = booking.Revision(lowest.Int64)
		}
		return err
	}, selectSent, string(venue), record.Micros(now.Add(-store.BusEnabledFor)))
	return sent, err
}

func (c *connection) writeCheckpoint(ctx context.Context, venue booking.VenueID, next store.Checkpoint, changes []booking.Change) error {
	var audit []any
	if venue.Hidden() {
		changes = nil // they are not remembered
	}
	for _, change := range changes {
		row, err := record.AuditRow(change)
		if err != nil {
			return err
		}
		audit = appendRow(audit, record.Audit.Columns, row)
	}
	if err := c.insert(ctx, insertAudit, audit); err != nil {
		return err
	}
	row, err := record.NewCheckpointRow(venue, next)
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, upsertCheckpoint, appendRow(nil, record.Checkpoints.Columns, row)...); err != nil {
		return err
	}
	_, err = c.exec(ctx, deleteChanges, string(venue), int64(next.Revision))
	return err
}

func (s *Store) trimAudit(ctx context.Context, venue booking.VenueID, retention store.Retention, limit int) (deleted int, err error) {
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		before, last := record.Micros(s.now().Add(-retention.Audit)), int64(0)
		err := c.each(ctx, func(rows *sql.Rows) error {
			var revision, committed int64
			err := rows.Scan(&revision, &committed)
			if committed < before {
				last = revision
			}
			return err
		}, selectOldestAudit, string(venue), limit)
		if err != nil {
			return false, err
		}
		n, err := c.exec(ctx, deleteAudit, string(venue), last)
		deleted = int(n)
		return deleted > 0, err
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// readCheckpoint is the venue's; one that has none has an empty one.
func readCheckpoint(ctx context.Context, c *connection, venue booking.VenueID) (checkpoint store.Checkpoint, err error) {
	err = readRows(ctx, c, record.Checkpoints, func(r *record.CheckpointRow) error {
		checkpoint, err = r.Decoded()
		return err
	}, selectCheckpoint, string(venue))
	return checkpoint, err
}
