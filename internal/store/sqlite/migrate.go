package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a database file as Vacancy's, in the header of the file: "Vaca".
const applicationID = 0x56616361

// prepareFile makes the file a database of Vacancy in the current schema, or says why it cannot be one.
func prepareFile(ctx context.Context, db *sql.DB) error {
	if err := claimFile(ctx, db); err != nil {
		return err
	}
	return migrate(ctx, db)
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

func newMigrations(db *sql.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
}

func migrate(ctx context.Context, db *sql.DB) error {
	provider, err := newMigrations(db)
	if err != nil {
		return err
	}
	current, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > known {
		return newerSchema(current, known)
	}
	_, err = provider.Up(ctx)
	return err
}
