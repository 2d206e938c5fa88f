package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a database file as Vacancy's, in the header of the file: "Vaca".
const applicationID = 0x56616361

// prepareFile makes the file a database of Vacancy in the current schema, or says why it cannot be one.
func prepareFile(ctx context.Context, db *sql.DB, level booking.Level) error {
	if err := claimFile(ctx, db); err != nil {
		return err
	}
	return migrate(ctx, db, level)
}

// claimFile refuses the database of another program, and marks an empty one as ours.
func claimFile(ctx context.Context, db *sql.DB) error {
	var id, tables int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id == applicationID {
		return nil
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id != 0 || tables != 0 {
		return errors.New("it is an SQLite database of another program")
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

func newMigrations(db *sql.DB) (*goose.Provider, error) {
	folder, err := migrationFiles()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
}

// migrate brings the schema up to date, unless a newer program has: then this one runs if its level allows. See [store.Migration].
func migrate(ctx context.Context, db *sql.DB, level booking.Level) error {
	provider, err := newMigrations(db)
	if err != nil {
		return err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > known {
		err = checkLevel(ctx, db, current, known, level)
	} else {
		err = upgrade(ctx, db, provider)
	}
	if err != nil {
		return err
	}
	return checkColumns(ctx, db)
}

func upgrade(ctx context.Context, db *sql.DB, provider *goose.Provider) error {
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	folder, err := migrationFiles()
	if err != nil {
		return err
	}
	all, err := store.Migrations(folder)
	if err != nil {
		return err
	}
	for _, m := range all {
		const text = `INSERT INTO schema_levels (version, level) VALUES (?1, ?2) ON CONFLICT DO NOTHING`
		_, err := db.ExecContext(ctx, text, m.Version, int(m.Level))
		if err != nil {
			return err
		}
	}
	return nil
}

// isNewer tells whether a newer program has migrated the schema.
func isNewer(ctx context.Context, c *connection) (newer bool, err error) {
	folder, err := migrationFiles()
	if err != nil {
		return false, err
	}
	known, err := store.KnownVersion(folder)
	if err == nil {
		err = c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&newer) },
			`SELECT EXISTS (SELECT 1 FROM goose_db_version WHERE is_applied AND version_id > ?1)`, known)
	}
	return newer, err
}

// checkLevel refuses a newer schema on which this program may not run.
func checkLevel(ctx context.Context, db *sql.DB, current, known int64, level booking.Level) error {
	var newer, recorded int64
	var needs booking.Level
	err := db.QueryRowContext(ctx, `
		SELECT (SELECT count(DISTINCT version_id) FROM goose_db_version WHERE is_applied AND version_id > ?1), count(*),
			coalesce(max(level), 0)
		FROM schema_levels WHERE version > ?1`, known).Scan(&newer, &recorded, &needs)
	if err != nil || newer != recorded || needs > level {
		if err != nil || newer != recorded {
			needs = 0
		}
		return errors.Join(store.NewerSchema(current, known, needs, level), err)
	}
	return nil
}

// needed is what this program needs of the schema, whatever its version says, and what the one before needs to come back.
var needed = record.With(record.Schema(), map[string][]string{
	"bookings":    {"was_confirmed"},
	"meta":        {"one", "epoch", "created_at", "opened_at", "mark", "file_identity", "lock_identity", "client_secret"},
	"outbox_log":  {"number", "at", "what", "who", "reason"},
	"answers":     {"id"},
	"answer_keys": {"first", "venue", "keys", "created_at"},
}, "answer_keys_by_age", "bookings_by_client", "bookings_by_contact", "bookings_by_start", "bookings_due",
	"bookings_ended_holds", "bookings_held", "bookings_unconfirmed", "claims_active",
	"webhook_deliveries_log", "webhook_deliveries_waiting", "webhooks_due")

// checkColumns compares the schema that is there with the one that is needed: a version number is only what a file says of itself.
func checkColumns(ctx context.Context, db *sql.DB) error {
	found, err := readSchema(ctx, db)
	if err != nil {
		return err
	}
	return needed.Missing(found)
}

func readSchema(ctx context.Context, db *sql.DB) (store.Schema, error) {
	found := store.Schema{Tables: make(map[string][]string)}
	rows, err := db.QueryContext(ctx, `
		SELECT t.type, t.name, coalesce(c.name, '') FROM sqlite_schema t LEFT JOIN pragma_table_info(t.name) c ON t.type = 'table'
		WHERE t.type IN ('table', 'index') AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE 'goose_%'`)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind, name, column string
		if err := rows.Scan(&kind, &name, &column); err != nil {
			return found, err
		}
		if kind == "index" {
			found.Indexes = append(found.Indexes, name)
		} else {
			found.Tables[name] = append(found.Tables[name], column)
		}
	}
	return found, rows.Err()
}
