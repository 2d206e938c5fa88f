package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const (
	// Holds that another node deletes at the same time are left to it.
	deleteHolds = `
		WITH old AS (
			SELECT venue, id FROM bookings
			WHERE (status = 'expired' OR (status = 'cancelled' AND cancelled_hold)) AND updated_at < $1
			ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED
		),
		gone AS (DELETE FROM bookings b USING old WHERE b.venue = old.venue AND b.id = old.id RETURNING b.venue, b.id),
		claimed AS (DELETE FROM claims c USING gone WHERE c.venue = gone.venue AND c.booking = gone.id)
		SELECT count(*) FROM gone`

	deleteHoldsOf = `
		WITH old AS (
			SELECT venue, id FROM bookings
			WHERE venue = $3 AND (status = 'expired' OR (status = 'cancelled' AND cancelled_hold)) AND updated_at < $1
			LIMIT $2 FOR UPDATE SKIP LOCKED
		),
		gone AS (DELETE FROM bookings b USING old WHERE b.venue = old.venue AND b.id = old.id RETURNING b.venue, b.id),
		claimed AS (DELETE FROM claims c USING gone WHERE c.venue = gone.venue AND c.booking = gone.id)
		SELECT count(*) FROM gone`

	// Venues from one on, and whether their oldest change may go, and the oldest of what is remembered. A bus that was seen lately holds
	// back what it was not sent, for a while.
	selectTrimmable = `
		SELECT v.id,
			coalesce((SELECT c.committed_at < $2 AND c.revision <= v.revision - $4 AND (c.committed_at < $6 OR NOT EXISTS (
					SELECT FROM outbox_buses b WHERE b.seen_at > $7
					AND coalesce((SELECT k.revision FROM outbox_cursors k WHERE k.bus = b.name AND k.venue = v.id), 0) < c.revision))
				FROM changes c WHERE c.venue = v.id ORDER BY c.revision LIMIT 1), false),
			coalesce((SELECT a.committed_at < $3 FROM audit a WHERE a.venue = v.id ORDER BY a.revision LIMIT 1), false)
		FROM venues v WHERE v.id > $1 ORDER BY v.id LIMIT $5`

	deleteChanges = `DELETE FROM changes WHERE venue = $1 AND revision <= $2`

	// What is remembered has no gaps, also where the clock has gone back meanwhile.
	deleteAudit = `
		DELETE FROM audit WHERE venue = $1 AND revision <= (
			SELECT max(revision) FROM (SELECT revision, committed_at FROM audit WHERE venue = $1 ORDER BY revision LIMIT $3) oldest
			WHERE committed_at < $2)`

	// selectSent is $3 if no bus was seen lately.
	selectSent = `
		SELECT coalesce(min(coalesce((SELECT k.revision FROM outbox_cursors k WHERE k.bus = b.name AND k.venue = $1), 0)), $3::bigint)
		FROM outbox_buses b WHERE b.seen_at > $2`

	selectRevision = `SELECT revision FROM venues WHERE id = $1`
)

var (
	selectCheckpoint = `SELECT ` + record.Checkpoints.Names("") + ` FROM checkpoints WHERE venue = $1`
	// moveCheckpoint has no effect if another node has moved it meanwhile.
	moveCheckpoint = `
		INSERT INTO checkpoints AS c (` + record.Checkpoints.Names("") + `) VALUES ($1, $2, $3)
		ON CONFLICT (venue) DO UPDATE SET (revision, state) = (excluded.revision, excluded.state) WHERE c.revision = $4`

	insertAudit = insertRows(record.Audit)
)

// errMovedCheckpoint ends a transaction that another node has been quicker with.
var errMovedCheckpoint = errors.New("another node deletes the same changes")

// Trim deletes what is past its retention; see [store.Writer]. Each transaction is short, and takes no venue's row. The rows of nodes that
// are long gone go too, and are not counted.
func (s *Store) Trim(ctx context.Context, retention store.Retention, limit int) (deleted int, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.trimNodes(ctx, now); err != nil {
		return 0, err
	}
	var newer bool
	err = s.useReserved(ctx, func(c *session) (err error) { newer, err = isNewer(ctx, c.conn); return err })
	if err != nil || newer {
		return 0, classify(err)
	}
	if deleted, err = s.trimHidden(ctx, booking.ProbeVenue, now, limit); err != nil {
		return deleted, fmt.Errorf("delete what the probe left: %w", classify(err))
	}
	if retention.Holds > 0 {
		n, err := s.trimHolds(ctx, limit, deleteHolds, retention.HoldsBefore(now))
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("delete ended holds: %w", classify(err))
		}
	}
	n, err := s.trimVenues(ctx, retention, now, limit)
	return deleted + n, err
}

// trimHidden deletes what is left of a hidden venue, by its own retention.
func (s *Store) trimHidden(ctx context.Context, venue booking.VenueID, now time.Time, limit int) (deleted int, err error) {
	deleted, err = s.trimHolds(ctx, limit, deleteHoldsOf, now.Add(-store.HiddenRetention.Holds), string(venue))
	if err != nil {
		return deleted, err
	}
	n, err := inBatches(limit, func(limit int) (int, error) { return s.trimChanges(ctx, venue, store.HiddenRetention, now, limit) })
	if errors.Is(err, errMovedCheckpoint) || errors.Is(err, pgx.ErrNoRows) { // another node was quicker; there is no such venue
		err = nil
	}
	return deleted + n, err
}

// trimHolds deletes the holds that a statement finds, whose parameters are a time, a limit and what it needs besides.
func (s *Store) trimHolds(ctx context.Context, limit int, statement string, before time.Time, more ...any) (deleted int, err error) {
	return inBatches(limit, func(limit int) (n int, err error) {
		err = s.useReserved(ctx, func(c *session) error {
			return c.conn.QueryRow(ctx, statement, append([]any{before, limit}, more...)...).Scan(&n)
		})
		return n, err
	})
}

// inBatches deletes until there is nothing left to delete, or the limit is reached.
func inBatches(limit int, deleteSome func(limit int) (int, error)) (deleted int, err error) {
	for deleted < limit {
		batch := min(rowsPerTrim, limit-deleted)
		n, err := deleteSome(batch)
		if deleted += n; err != nil || n < batch {
			return deleted, err
		}
	}
	return deleted, nil
}

// trimmable is a venue, and whether it has something to delete.
type trimmable struct {
	venue          booking.VenueID
	changes, audit bool
}

// trimVenues goes on with the venues behind those it came to last.
func (s *Store) trimVenues(ctx context.Context, retention store.Retention, now time.Time, limit int) (deleted int, err error) {
	s.trimming.Lock()
	defer s.trimming.Unlock()
	venues, err := s.findTrimmable(ctx, retention, now)
	if err != nil {
		return 0, fmt.Errorf("find old changes: %w", classify(err))
	}
	for _, v := range venues {
		if v.changes {
			n, err := inBatches(limit-deleted, func(limit int) (int, error) { return s.trimChanges(ctx, v.venue, retention, now, limit) })
			deleted += n
			if err != nil && !errors.Is(err, errMovedCheckpoint) {
				return deleted, fmt.Errorf("delete old changes of venue %s: %w", v.venue, classify(err))
			}
		}
		if v.audit {
			n, err := inBatches(limit-deleted, func(limit int) (int, error) { return s.trimAudit(ctx, v.venue, retention, now, limit) })
			if deleted += n; err != nil {
				return deleted, fmt.Errorf("delete the old audit trail of venue %s: %w", v.venue, classify(err))
			}
		}
		if deleted >= limit {
			return deleted, nil // this venue may have more
		}
		s.trimmed = v.venue
	}
	if len(venues) < venuesPerPage {
		s.trimmed = "" // the next call begins with the first venue again
	}
	return deleted, nil
}

func (s *Store) findTrimmable(ctx context.Context, retention store.Retention, now time.Time) (venues []trimmable, err error) {
	cutoff := func(of time.Duration) time.Time {
		if of <= 0 {
			return time.Time{}
		}
		return now.Add(-of)
	}
	err = s.useReserved(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectTrimmable,
			string(s.trimmed), cutoff(retention.Changes), cutoff(retention.Audit), store.RetainedChanges, venuesPerPage,
			cutoff(retention.Unsent), now.Add(-store.BusEnabledFor))
		if err != nil {
			return err
		}
		venues, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v trimmable, err error) {
			err = row.Scan(&v.venue, &v.changes, &v.audit)
			return v, err
		})
		return err
	})
	return venues, err
}

// trimChanges moves changes to the audit trail, and the venue's checkpoint behind them. It needs no lock of the venue: what it deletes
// never changes, and of two nodes the one that moves the checkpoint first wins.
func (s *Store) trimChanges(
	ctx context.Context, venue booking.VenueID, retention store.Retention, now time.Time, limit int,
) (deleted int, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		before, revision, changes, err := readTrimmable(ctx, c, venue, limit)
		if err != nil {
			return err
		}
		sent, err := readSent(ctx, c, venue, now)
		if err != nil {
			return err
		}
		changes = changes[:retention.Deletable(changes, revision, sent, now)]
		if len(changes) == 0 {
			return nil
		}
		next := before.Advance(changes)
		row, err := record.NewCheckpointRow(venue, next)
		if err != nil {
			return err
		}
		audit := make([]*record.ChangeRow, len(changes))
		for i, change := range changes {
			if audit[i], err = record.AuditRow(change); err != nil {
				return err
			}
		}
		err = pgx.BeginFunc(ctx, c.conn, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, moveCheckpoint, string(venue), int64(row.Revision), row.JSON, int64(before.Revision))
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return errMovedCheckpoint
			}
			if !venue.Hidden() { // whose changes are not remembered
				if _, err := tx.Exec(ctx, insertAudit, arrays(record.Audit, audit)...); err != nil {
					return err
				}
			}
			_, err = tx.Exec(ctx, deleteChanges, string(venue), int64(next.Revision))
			return err
		})
		if err == nil {
			deleted = len(changes)
		}
		return err
	})
	return deleted, err
}

// readSent is up to which revision the changes of a venue are sent to all buses that are enabled.
func readSent(ctx context.Context, c *session, venue booking.VenueID, now time.Time) (sent booking.Revision, err error) {
	if venue.Hidden() { // of which nothing is sent
		return maxRevision, nil
	}
	err = c.conn.QueryRow(ctx, selectSent, string(venue), now.Add(-store.BusEnabledFor), int64(maxRevision)).Scan(&sent)
	return sent, err
}

// readTrimmable reads a venue's checkpoint, its revision, and the changes behind the checkpoint.
func readTrimmable(
	ctx context.Context, c *session, venue booking.VenueID, limit int,
) (checkpoint store.Checkpoint, revision booking.Revision, changes []booking.Change, err error) {
	if checkpoint, err = c.readCheckpoint(ctx, venue); err != nil {
		return checkpoint, 0, nil, err
	}
	if err := c.conn.QueryRow(ctx, selectRevision, string(venue)).Scan(&revision); err != nil {
		return checkpoint, 0, nil, err
	}
	rows, err := c.conn.Query(ctx, selectChanges, string(venue), int64(checkpoint.Revision), limit)
	if err == nil {
		changes, err = collectChanges(rows, venue)
	}
	return checkpoint, revision, changes, err
}

// readCheckpoint is the venue's; one that has none has an empty one.
func (c *session) readCheckpoint(ctx context.Context, venue booking.VenueID) (checkpoint store.Checkpoint, err error) {
	rows, err := c.conn.Query(ctx, selectCheckpoint, string(venue))
	if err != nil {
		return checkpoint, err
	}
	err = eachRow(rows, record.Checkpoints, func(r *record.CheckpointRow) error {
		checkpoint, err = r.Decoded()
		return err
	})
	return checkpoint, err
}

func (s *Store) trimAudit(
	ctx context.Context, venue booking.VenueID, retention store.Retention, now time.Time, limit int,
) (deleted int, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		tag, err := c.conn.Exec(ctx, deleteAudit, string(venue), now.Add(-retention.Audit), limit)
		deleted = int(tag.RowsAffected())
		return err
	})
	return deleted, err
}
