package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// inCharge has the store's clock, which $2 is, if the database is the one in charge, whose id $3 is, and was not closed. What the relay
// writes is selected from it, so that nothing is written elsewhere.
const inCharge = `
	clock AS (SELECT coalesce($2::timestamptz, statement_timestamp()) AS shows FROM identity WHERE one AND closed_by = '' AND id = $3)`

var (
	// registerBus has one of several that find no bus make it: the others wait for it, and find that it is there. Cursors of 0 need no rows.
	// $4 and $5 are the epoch and its term, $6 the revision, and $7 a venue that is hidden.
	registerBus = `
		WITH` + inCharge + `,
		made AS (
			INSERT INTO outbox_buses (name, registered_at, seen_at) SELECT $1, shows, shows FROM clock
			ON CONFLICT (name) DO NOTHING RETURNING name
		),
		seen AS (` + noteBus + `),
		set AS (
			INSERT INTO outbox_cursors (` + record.Cursors.Names("") + `)
			SELECT made.name, v.id, $5, $4, least(v.revision, $6),
				coalesce((SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = least(v.revision, $6)), ''), clock.shows, '', 0
			FROM clock CROSS JOIN made CROSS JOIN venues v WHERE least(v.revision, $6) > 0 AND v.id <> $7
		)
		SELECT true FROM clock`

	// noteBus notes that a bus is in use.
	noteBus = fmt.Sprintf(`UPDATE outbox_buses b SET seen_at = clock.shows FROM clock
		WHERE b.name = $1 AND b.seen_at < clock.shows - interval '%d seconds'`, int(store.BusSeenInterval.Seconds()))
)

// RegisterBus notes that a bus is in use; see [store.Relay].
func (s *Store) RegisterBus(ctx context.Context, bus string) error {
	return s.RegisterBusAt(ctx, bus, maxRevision)
}

// RegisterBusAt notes that a bus is in use whose events begin at a revision; see [store.Relay].
func (s *Store) RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error {
	err := s.useReserved(ctx, func(c *session) error {
		var done bool
		err := c.conn.QueryRow(ctx, registerBus, bus, s.clock(), serverOf(c.conn).identity.ID,
			string(c.epoch), c.epoch.Term(), int64(min(revision, maxRevision)), string(booking.ProbeVenue)).Scan(&done)
		if errors.Is(err, pgx.ErrNoRows) {
			return errWrongDatabase
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("register bus %s: %w", bus, classify(err))
	}
	return nil
}
