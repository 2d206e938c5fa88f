package postgres

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// Programs of several versions work on one database while it is upgraded, and the older ones may come back afterwards: a program starts
// on a schema that is newer than it knows if its level is at least what each of the newer migrations asks for. So migrations expand, and
// contract later: a migration may add what the version before does not miss and does not mind (a table, an index, a column with a
// default); what nobody of the version before uses any more may go in the version after, with a higher level. It holds no lock for
// long either: a table that is written to gets its index CONCURRENTLY, and its rows are filled in by steps.
//
// A migration that was shipped is never changed: see testdata/shipped-migrations.sha256.

//go:embed migrations/*.sql
var migrations embed.FS

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

// prepareSchema brings the schema up to date, or says why it cannot be used. If it is up to date, nothing is written or locked.
func (c *connector) prepareSchema(ctx context.Context, h *host) error {
	folder, err := migrationFiles()
	if err != nil {
		return err
	}
	config := c.migrating(h)
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	all, err := store.Migrations(folder)
	if err != nil {
		return err
	}
	known := all[len(all)-1].Version
	looking, cancel := context.WithTimeout(ctx, schemaTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(looking, config.Copy())
	if err != nil {
		return err
	}
	defer hangUp(conn)
	switch ready, err := c.isReady(looking, conn, known); {
	case err != nil:
		return err
	case ready:
		return checkColumns(looking, conn)
	case c.config.ReadOnly:
		return fmt.Errorf("its schema does not have version %d, which this program reads: start a server of this version on it first", known)
	}
	err = exclusively(ctx, conn, func(tx pgx.Tx) error {
		// Meanwhile another node may have done it.
		if ready, err := c.isReady(ctx, tx, known); err != nil || ready {
			return err
		}
		// The last query's portal keeps its snapshot until another takes its place; one of the simple protocol is dropped at once.
		if _, err := tx.Exec(ctx, `SELECT`, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		if _, err := provider.Up(ctx); err != nil {
			return err
		}
		if err := recordLevels(ctx, tx, all); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO meta (history, created_at) VALUES ($1, now()) ON CONFLICT DO NOTHING`, rand.Text()); err != nil {
			return err
		}
		return foundDatabase(ctx, tx, serverOf(conn).place)
	})
	if err != nil {
		return err
	}
	return checkColumns(ctx, conn)
}

// migrating is the configuration of connections that bring a schema up to date: to one host, or to any if it is nil.
func (c *connector) migrating(h *host) *pgx.ConnConfig {
	config := c.withoutTimeouts()
	if h != nil {
		h.configure(config)
	}
	return config
}

// checkSchema says why the schema of a host that is only read from cannot be used.
func (c *connector) checkSchema(ctx context.Context, h *host) error {
	look := *c
	look.config.ReadOnly = true
	return look.prepareSchema(ctx, h)
}

// recordLevels says which level each migration asks of a program. Migrations have transactions of their own, so a node that dies before
// this leaves a schema without levels; [connector.isReady] has the next one that starts come here again.
func recordLevels(ctx context.Context, tx pgx.Tx, all []store.Migration) error {
	for _, m := range all {
		_, err := tx.Exec(ctx, `INSERT INTO schema_levels (version, level) VALUES ($1, $2) ON CONFLICT DO NOTHING`, m.Version, int(m.Level))
		if err != nil {
			return err
		}
	}
	return nil
}

type queryer interface {
	QueryRow(ctx context.Context, text string, args ...any) pgx.Row
}

// isReady tells whether the schema is that of the known version, or a newer one on which this program may run, has its rows of meta and
// identity, and says which level each of its versions asks of a program. Who only looks goes without rows and levels.
func (c *connector) isReady(ctx context.Context, conn queryer, known int64) (bool, error) {
	const text = `SELECT to_regclass('goose_db_version') IS NOT NULL, to_regclass('meta') IS NOT NULL,
		to_regclass('schema_levels') IS NOT NULL, to_regclass('identity') IS NOT NULL`
	var versioned, founded, levelled, identified bool
	if err := conn.QueryRow(ctx, text).Scan(&versioned, &founded, &levelled, &identified); err != nil {
		return false, err
	}
	var version int64
	if versioned {
		err := conn.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
		if err != nil {
			return false, err
		}
	}
	if version > known {
		if err := c.checkLevel(ctx, conn, version, known); err != nil {
			return false, err
		}
	}
	if version < known || !founded {
		return false, nil
	}
	if c.config.ReadOnly { // tables that are missing are told of with all that is, and rows by who inspects
		return true, nil
	}
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT history FROM meta)`).Scan(&founded)
	if err == nil && founded && identified {
		err = conn.QueryRow(ctx, selectFounded).Scan(&founded)
	}
	if err != nil || !founded || !levelled { // a table that is missing is told of with all that is
		return founded, err
	}
	var recorded bool
	err = conn.QueryRow(ctx, `SELECT NOT EXISTS (
		SELECT FROM goose_db_version g WHERE g.is_applied AND g.version_id BETWEEN 1 AND $1
			AND NOT EXISTS (SELECT FROM schema_levels l WHERE l.version = g.version_id))`, known).Scan(&recorded)
	return recorded, err
}

// isNewer tells whether a newer program has migrated the schema.
func isNewer(ctx context.Context, conn queryer) (newer bool, err error) {
	folder, err := migrationFiles()
	if err != nil {
		return false, err
	}
	known, err := store.KnownVersion(folder)
	if err == nil {
		const text = `SELECT EXISTS (SELECT FROM goose_db_version WHERE is_applied AND version_id > $1)`
		err = conn.QueryRow(ctx, text, known).Scan(&newer)
	}
	return newer, err
}

// checkLevel refuses a newer schema on which this program may not run.
func (c *connector) checkLevel(ctx context.Context, conn queryer, current, known int64) error {
	var recorded bool
	var needs booking.Level
	err := conn.QueryRow(ctx, `SELECT to_regclass('schema_levels') IS NOT NULL`).Scan(&recorded)
	if err == nil && recorded {
		err = conn.QueryRow(ctx, `
			SELECT coalesce(max(l.level), 0), bool_and(l.level IS NOT NULL)
			FROM goose_db_version g LEFT JOIN schema_levels l ON l.version = g.version_id
			WHERE g.is_applied AND g.version_id > $1`, known).Scan(&needs, &recorded)
	}
	if err != nil {
		return err
	}
	if !recorded {
		needs = 0
	}
	if needs == 0 || needs > c.config.Level {
		return store.NewerSchema(current, known, needs, c.config.Level)
	}
	return nil
}

// needed is what this program needs of the schema, whatever its version says, and what the one before needs to come back.
var needed = record.With(record.Schema(), map[string][]string{
	"bookings": {"was_confirmed"},
	"identity": {
		"one", "installation", "term", "id", "ids", "system_identifier", "timeline", "relation", "closed_by", "decided",
	},
	"identity_log":   {"at", "term", "id", "what", "who", "reason"},
	"meta":           {"one", "history", "created_at", "client_secret"},
	"migration_lock": {"one"},
	"outbox_log":     {"number", "at", "what", "who", "reason"},
	"outbox_holders": {"bus", "holder", "expires_at"},
	"outbox_leases":  {"bus", "shard", "holder"},
	"nodes":          {"id", "level", "beats", "started_at", "seen_at"},
}, "answers_by_age", "bookings_by_client", "bookings_by_contact", "bookings_by_start", "bookings_due", "bookings_due_in_venue",
	"bookings_ended_holds", "bookings_held", "bookings_unconfirmed", "claims_active",
	"webhook_deliveries_log", "webhook_deliveries_waiting", "webhooks_due")

// checkColumns compares the schema that is there with the one that is needed: a version number is only what a database says of itself.
func checkColumns(ctx context.Context, conn *pgx.Conn) error {
	found, err := readSchema(ctx, conn)
	if err != nil {
		return err
	}
	return needed.Missing(found)
}

// readSchema reads what there is. An index that is not valid, as a build that broke off leaves one, is of no use to any query: it is not
// there.
func readSchema(ctx context.Context, conn *pgx.Conn) (store.Schema, error) {
	found := store.Schema{Tables: make(map[string][]string)}
	rows, err := conn.Query(ctx, `
		SELECT c.relkind = 'i', c.relname::text, a.attname::text FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'i') AND c.relname NOT LIKE 'goose_%'
			AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND c.relkind = 'i')
			AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indexrelid = c.oid AND NOT x.indisvalid)`)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	for rows.Next() {
		var index bool
		var name, column string
		if err := rows.Scan(&index, &name, &column); err != nil {
			return found, err
		}
		if !index {
			found.Tables[name] = append(found.Tables[name], column)
		} else if !slices.Contains(found.Indexes, name) {
			found.Indexes = append(found.Indexes, name)
		}
	}
	return found, rows.Err()
}

// exclusively runs f while no other node does: whoever has the one row of the table locked. The row is free again when f is done or
// this node is gone, and needs nothing of the database but tables. Who waits asks again and again: a statement that waited would keep a
// snapshot, and an index that is built CONCURRENTLY waits for the end of every older one, so that both would wait for ever. For the same
// reason the transaction that has the row is read committed: it has no snapshot between its statements.
func exclusively(ctx context.Context, conn *pgx.Conn, f func(pgx.Tx) error) error {
	if err := createLock(ctx, conn); err != nil {
		return err
	}
	for {
		locked := false
		err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `SELECT one FROM migration_lock FOR UPDATE NOWAIT`); err != nil {
				return err
			}
			locked = true
			return f(tx)
		})
		if locked || sqlState(err) != lockNotAvailable {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(migrationPoll):
		}
	}
}

func createLock(ctx context.Context, conn *pgx.Conn) (err error) {
	for range 10 {
		_, err = conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS migration_lock (one boolean PRIMARY KEY DEFAULT true CHECK (one))`)
		switch sqlState(err) {
		case "":
			if err != nil {
				return err
			}
			_, err = conn.Exec(ctx, `INSERT INTO migration_lock DEFAULT VALUES ON CONFLICT DO NOTHING`)
			return err
		case uniqueViolation, duplicateTable, duplicateObject: // of two nodes that find no table at once, one fails, and finds it then
		default:
			return err
		}
	}
	return errors.Join(errors.New("the table of the migrations' lock cannot be created"), err)
}
