package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store"
)

// Inspect shows the whole database in one snapshot. It keeps one of the readers' connections until visit returns.
func (s *Store) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	return s.use(ctx, func(c *session) error {
		tx, err := c.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return classify(err)
		}
		defer func() { _ = tx.Rollback(ctx) }() // nothing is written; where it fails, the connection is given up
		if err := beginLong(ctx, tx); err != nil {
			return classify(err)
		}
		return visit(&snapshot{session: c})
	})
}

// beginLong lifts the bounds of time for the transaction, and has it take its snapshot, as the first query does.
func beginLong(ctx context.Context, tx pgx.Tx) error {
	for _, name := range timeouts {
		if _, err := tx.Exec(ctx, `SELECT set_config($1, '0', true)`, name); err != nil {
			return err
		}
	}
	return nil
}
