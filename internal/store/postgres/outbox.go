package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store"
)

const (
	selectOutbox = `SELECT what = 'paused', at, who, reason FROM outbox_log ORDER BY number DESC LIMIT 1`

	// switchOutbox does nothing if it is so already.
	switchOutbox = `
		INSERT INTO outbox_log (what, who, reason)
		SELECT $1, $2, $3 WHERE coalesce((SELECT what FROM outbox_log ORDER BY number DESC LIMIT 1), 'resumed') <> $1`
)

// Outbox tells whether what goes to the outside is held back.
func (s *Store) Outbox(ctx context.Context) (o store.OutboxState, err error) {
	err = s.use(ctx, func(c *session) error {
		o, err = readOutbox(ctx, c.conn)
		return err
	})
	if err != nil {
		return o, fmt.Errorf("read whether the outbox is paused: %w", classify(err))
	}
	return o, nil
}

func readOutbox(ctx context.Context, conn *pgx.Conn) (o store.OutboxState, err error) {
	err = conn.QueryRow(ctx, selectOutbox).Scan(&o.Paused, (*instant)(&o.At), &o.Who, &o.Reason)
	if errors.Is(err, pgx.ErrNoRows) {
		return store.OutboxState{}, nil
	}
	return o, err
}

// OutboxState asks the database in charge, of the hosts of a URL, whether what goes to the outside is held back.
func OutboxState(ctx context.Context, cfg Config) (o store.OutboxState, err error) {
	err = withDatabaseInCharge(ctx, cfg, func(conn *pgx.Conn) error {
		o, err = readOutbox(ctx, conn)
		return err
	})
	return o, err
}

// SwitchOutbox has what goes to the outside held back, or let go. It returns how that is now. All nodes do so within seconds.
func SwitchOutbox(ctx context.Context, cfg Config, paused bool, who, reason string) (o store.OutboxState, err error) {
	what := "resumed"
	if paused {
		what = "paused"
	}
	err = withDatabaseInCharge(ctx, cfg, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, switchOutbox, what, who, reason); err != nil {
			return err
		}
		o, err = readOutbox(ctx, conn)
		return err
	})
	return o, err
}

// withDatabaseInCharge runs f on a connection to that one of a URL's hosts whose database is in charge.
func withDatabaseInCharge(ctx context.Context, cfg Config, f func(*pgx.Conn) error) error {
	c, err := newCommand(cfg)
	if err != nil {
		return err
	}
	hosts := hostsOf(c.pool.ConnConfig)
	var seen []string
	for i := range hosts {
		status := c.status(ctx, &hosts[i])
		if !status.InCharge() {
			seen = append(seen, strings.TrimSpace(status.Host+" "+status.State.String()+" "+status.Reason))
			continue
		}
		return c.withConnection(ctx, &hosts[i], f)
	}
	return fmt.Errorf("no database is in charge: %s", strings.Join(seen, "; "))
}

// withConnection runs f on a connection to a host.
func (c *connector) withConnection(ctx context.Context, h *host, f func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, c.single(h))
	if err != nil {
		return c.explain(err)
	}
	defer hangUp(conn)
	registerTypes(conn)
	if err := f(conn); sqlState(err) == undefinedTable {
		return fmt.Errorf("the database at %s has an older schema: start a server of this version on it first", h.name)
	} else if err != nil {
		return fmt.Errorf("the outbox of the database at %s: %w", h.name, err)
	}
	return nil
}
