package postgres

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Nodes of two versions work on one database while it is upgraded: a node refuses a schema that is newer than it knows at its start
// only, and goes on when another raises it. So migrations expand, and contract later: a migration may add what the version before
// does not miss and does not mind (a table, an index, a column with a default); what nobody of the version before uses any more may
// go in the version after. It holds no lock for long either: a table that is written to gets its index CONCURRENTLY, and its rows are
// filled in by steps.

//go:embed migrations/*.sql
var migrations embed.FS

// prepareSchema brings the schema up to date, or says why it cannot be used. If it is up to date, nothing is written or locked.
func (c *connector) prepareSchema(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*c.withoutTimeouts())
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	known := sources[len(sources)-1].Version
	conn, err := pgx.ConnectConfig(ctx, c.withoutTimeouts())
	if err != nil {
		return err
	}
	defer hangUp(conn)
	switch ready, err := isReady(ctx, conn, known); {
	case err != nil || ready:
		return err
	case c.config.ReadOnly:
		return fmt.Errorf("its schema does not have version %d, which this program reads: start a server of this version on it first", known)
	}
	return exclusively(ctx, conn, func(tx pgx.Tx) error {
		// Meanwhile another node may have done it.
		if ready, err := isReady(ctx, tx, known); err != nil || ready {
			return err
		}
		if _, err := provider.Up(ctx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO meta (history, created_at) VALUES ($1, now()) ON CONFLICT DO NOTHING`, rand.Text())
		return err
	})
}

type queryer interface {
	QueryRow(ctx context.Context, text string, args ...any) pgx.Row
}

// isReady tells whether the schema is that of the known version and has its row of meta. It refuses a newer one.
func isReady(ctx context.Context, conn queryer, known int64) (bool, error) {
	const text = `SELECT to_regclass('goose_db_version') IS NOT NULL, to_regclass('meta') IS NOT NULL`
	var versioned, founded bool
	if err := conn.QueryRow(ctx, text).Scan(&versioned, &founded); err != nil {
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
		return false, fmt.Errorf("its schema has version %d, and this program knows versions up to %d: a newer one has used it", version, known)
	}
	if version < known || !founded {
		return false, nil
	}
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT history FROM meta)`).Scan(&founded)
	return founded, err
}

// exclusively runs f while no other node does: whoever has the one row of the table locked. The row is free again when f is done or
// this node is gone, and needs nothing of the database but tables.
func exclusively(ctx context.Context, conn *pgx.Conn, f func(pgx.Tx) error) error {
	if err := createLock(ctx, conn); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT one FROM migration_lock FOR UPDATE`); err != nil {
			return err
		}
		return f(tx)
	})
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
