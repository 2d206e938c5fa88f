package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const (
	selectOutbox = `SELECT what = 'paused', at, who, reason FROM outbox_log ORDER BY number DESC LIMIT 1`

	// switchOutbox does nothing if it is so already.
	switchOutbox = `
		INSERT INTO outbox_log (at, what, who, reason)
		SELECT ?1, ?2, ?3, ?4 WHERE coalesce((SELECT what FROM outbox_log ORDER BY number DESC LIMIT 1), 'resumed') <> ?2`
)

// Outbox tells whether what goes to the outside is held back.
func (s *Store) Outbox(ctx context.Context) (o store.OutboxState, err error) {
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error { return scanOutbox(rows, &o) }, selectOutbox)
	})
	if err != nil {
		return o, fmt.Errorf("read whether the outbox is paused: %w", err)
	}
	return o, nil
}

func scanOutbox(row interface{ Scan(to ...any) error }, o *store.OutboxState) error {
	var at int64
	if err := row.Scan(&o.Paused, &at, &o.Who, &o.Reason); err != nil {
		return err
	}
	o.At = record.Instant(at)
	return nil
}

// OutboxState reads from a file, which a server may be using, whether what goes to the outside is held back.
func OutboxState(ctx context.Context, path string) (o store.OutboxState, err error) {
	err = besideServer(ctx, path, func(db *sql.DB) error { return readOutbox(ctx, db, &o) })
	return o, err
}

// SwitchOutbox has what goes to the outside held back, or let go, in a file that a server may be using: SQLite itself has the two wait for
// each other, and the server looks every few seconds. Nothing else of the file is touched. It returns how that is now.
func SwitchOutbox(ctx context.Context, path string, paused bool, at time.Time, who, reason string) (o store.OutboxState, err error) {
	what := "resumed"
	if paused {
		what = "paused"
	}
	err = besideServer(ctx, path, func(db *sql.DB) error {
		if _, err := db.ExecContext(ctx, switchOutbox, record.Micros(at), what, who, reason); err != nil {
			return err
		}
		return readOutbox(ctx, db, &o)
	})
	return o, err
}

func readOutbox(ctx context.Context, db *sql.DB, o *store.OutboxState) error {
	err := scanOutbox(db.QueryRowContext(ctx, selectOutbox), o)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// besideServer runs f on a connection that writes to an existing file without its lock.
func besideServer(ctx context.Context, path string, f func(*sql.DB) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the outbox of %s: %w", path, err)
		}
	}()
	resolved, err := resolve(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(resolved); err != nil {
		return err
	}
	if err := checkHeader(resolved); err != nil {
		return err
	}
	db, err := open(ctx, source{path: resolved}.dsn(url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_defensive": {"1"}}))
	if err != nil {
		return asDamage(resolved, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := readSchema(ctx, db)
	if err != nil {
		return err
	}
	if found.Tables["outbox_log"] == nil {
		return errors.New("it has an older schema: start a server of this version on it first")
	}
	return f(db)
}
