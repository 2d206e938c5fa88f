package sqlite

import (
	"context"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

const (
	insertBus = `INSERT INTO outbox_buses (name, registered_at, seen_at) VALUES (?1, ?2, ?2) ON CONFLICT (name) DO NOTHING`

	noteBus = `UPDATE outbox_buses SET seen_at = ?2 WHERE name = ?1`
)

// insertCursors begins a bus at a revision, or at that of each venue if it is less. Cursors of 0 need no rows.
var insertCursors = `
	INSERT INTO outbox_cursors (` + record.Cursors.Names("") + `)
	SELECT ?1, v.id, ?2, ?3, min(v.revision, ?4),
		coalesce((SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = min(v.revision, ?4)), ''), ?6, '', 0
	FROM venues v WHERE min(v.revision, ?4) > 0 AND v.id <> ?5`

// RegisterBus notes that a bus is in use; see [store.Relay].
func (s *Store) RegisterBus(ctx context.Context, bus string) error {
	return s.RegisterBusAt(ctx, bus, maxRevision)
}

// RegisterBusAt notes that a bus is in use whose events begin at a revision; see [store.Relay].
func (s *Store) RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	err := s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		now := record.Micros(s.now())
		made, err := c.exec(ctx, insertBus, bus, now)
		switch {
		case err != nil:
			return false, err
		case made == 0:
			_, err = c.exec(ctx, noteBus, bus, now)
		default:
			_, err = c.exec(ctx, insertCursors, bus, s.epoch.Term(), string(s.epoch), int64(min(revision, maxRevision)),
				string(booking.ProbeVenue), now)
		}
		return true, err
	})
	if err != nil {
		return fmt.Errorf("register bus %s: %w", bus, classify(err))
	}
	return nil
}
