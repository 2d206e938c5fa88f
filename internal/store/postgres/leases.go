package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const (
	// lockBus has the holders of a bus come one after the other. The statement behind it sees what the one before has written, and reads
	// the clock after the wait.
	lockBus = `SELECT true FROM outbox_buses WHERE name = $1 FOR NO KEY UPDATE`

	deleteLeases = `
		WITH given AS (DELETE FROM outbox_leases WHERE bus = $1 AND holder = $2)
		DELETE FROM outbox_holders WHERE bus = $1 AND holder = $2`
)

// keepLeases renews, takes and gives up leases of the holder $4 for $5, which is at work on the shards $6. It keeps what it has before it
// takes what is free, each in the order of the shards. A lease is free if its holder is not among those whose leases are valid. It has no
// row, and writes nothing, if the bus is not registered or the database is not the one in charge.
var keepLeases = fmt.Sprintf(`
	WITH clock AS (
		SELECT coalesce($2::timestamptz, statement_timestamp()) AS shows FROM identity i CROSS JOIN outbox_buses b
		WHERE i.one AND i.closed_by = '' AND i.id = $3 AND b.name = $1
	),
	seen AS (`+noteBus+`),
	renewed AS (
		INSERT INTO outbox_holders (bus, holder, expires_at) SELECT $1, $4, clock.shows + $5::interval FROM clock
		ON CONFLICT (bus, holder) DO UPDATE SET expires_at = excluded.expires_at
	),
	others AS (SELECT h.holder FROM outbox_holders h CROSS JOIN clock WHERE h.bus = $1 AND h.holder <> $4 AND h.expires_at > clock.shows),
	share AS (SELECT ceil(%[1]d::numeric / (count(*) + 1)) AS shards FROM others),
	mine AS (
		SELECT s.shard, l.holder AS holder, row_number() OVER (ORDER BY (l.holder = $4) IS NOT TRUE, s.shard) AS rank
		FROM generate_series(0, %[1]d - 1) AS s (shard) LEFT JOIN outbox_leases l ON l.bus = $1 AND l.shard = s.shard
		WHERE l.holder IS NULL OR l.holder NOT IN (SELECT holder FROM others)
	),
	given AS (
		DELETE FROM outbox_leases l USING mine CROSS JOIN share CROSS JOIN clock
		WHERE l.bus = $1 AND l.shard = mine.shard AND mine.holder = $4 AND mine.rank > share.shards
			AND NOT mine.shard = ANY ($6::int[])
	),
	taken AS (
		INSERT INTO outbox_leases (bus, shard, holder) SELECT $1, mine.shard, $4 FROM mine CROSS JOIN share CROSS JOIN clock
		WHERE mine.holder IS DISTINCT FROM $4 AND mine.rank <= share.shards
		ON CONFLICT (bus, shard) DO UPDATE SET holder = excluded.holder
	),
	gone AS (
		DELETE FROM outbox_holders h USING clock
		WHERE h.bus = $1 AND h.holder <> $4 AND h.expires_at < clock.shows - interval '%[2]d seconds'
	)
	SELECT ARRAY(SELECT mine.shard::int FROM mine CROSS JOIN share WHERE mine.rank <= share.shards ORDER BY mine.shard) FROM clock`,
	store.Shards, int(store.HolderRetention.Seconds()))

// KeepLeases renews, takes and gives up leases; see [store.Relay].
func (s *Store) KeepLeases(ctx context.Context, lease store.Lease) (kept []store.Shard, err error) {
	if err := lease.Check(); err != nil {
		return nil, err
	}
	err = s.useReserved(ctx, func(c *session) (err error) {
		kept, err = s.keepLeases(ctx, c, lease)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("leases of bus %s: %w", lease.Bus, classify(err))
	}
	return kept, nil
}

func (s *Store) keepLeases(ctx context.Context, c *session, lease store.Lease) ([]store.Shard, error) {
	var registered, done bool
	var shards []int32
	held := make([]int32, len(lease.Held))
	for i, shard := range lease.Held {
		held[i] = int32(shard)
	}
	var b pgx.Batch
	b.Queue(beginWriting)
	b.Queue(lockBriefly)
	b.Queue(lockBus, lease.Bus).Query(func(rows pgx.Rows) error {
		registered = rows.Next()
		rows.Close()
		return rows.Err()
	})
	database := serverOf(c.conn).identity.ID
	b.Queue(keepLeases, lease.Bus, s.clock(), database, lease.Holder, lease.Duration, held).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			done = true
			if err := rows.Scan(&shards); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	switch err := s.commitRelay(ctx, c, &b); {
	case err != nil:
		return nil, err
	case !registered:
		return nil, fmt.Errorf("it is not registered: %w", booking.ErrNotFound)
	case !done:
		return nil, errWrongDatabase
	}
	var kept []store.Shard
	for _, shard := range shards {
		kept = append(kept, store.Shard(shard))
	}
	return kept, nil
}

// commitRelay sends statements that the relay writes by, and COMMIT. A connection that is left within a transaction is given up.
func (s *Store) commitRelay(ctx context.Context, c *session, b *pgx.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.commitTimeout)
	defer cancel()
	err := commitBatch(ctx, c, b)
	if err == nil && !s.mayWrite(c.conn) {
		return errWrongDatabase
	}
	if err != nil && !c.conn.IsClosed() && c.conn.PgConn().TxStatus() != 'I' {
		_ = c.conn.Close(ctx)
	}
	return err
}

// ReleaseLeases gives up all leases of a holder; see [store.Relay].
func (s *Store) ReleaseLeases(ctx context.Context, bus, holder string) error {
	err := s.useReserved(ctx, func(c *session) error {
		_, err := c.conn.Exec(ctx, deleteLeases, bus, holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("release the leases of bus %s: %w", bus, classify(err))
	}
	return nil
}
