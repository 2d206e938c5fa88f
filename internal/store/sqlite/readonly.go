package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// ReadOnly is a database file that is looked at, while a server uses it or while none does. Nothing is written to it, and no server is
// kept out or waits.
type ReadOnly struct {
	source      source
	inspections *inspections
}

var _ store.Inspector = (*ReadOnly)(nil)

// OpenReadOnly opens a file that must be a database in the schema which this program knows. Its errors say what is wrong with it in a
// sentence for the operator.
func OpenReadOnly(ctx context.Context, path string) (*ReadOnly, error) {
	r, err := openReadOnly(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be read: %w", path, err)
	}
	return r, nil
}

func openReadOnly(ctx context.Context, path string) (*ReadOnly, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	r := &ReadOnly{source: source{path: path}, inspections: newInspections()}
	err = r.Inspect(ctx, func(store.Snapshot) error { return nil })
	return r, err
}

// Inspect calls visit with one committed state of the whole database; see [store.Inspector]. While it reads, the log of a server
// cannot be begun anew, and a server that stops leaves it beside the database for the next one.
func (r *ReadOnly) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	before, err := statDatabase(r.source.path)
	if err != nil {
		return err
	}
	connect := func(ctx context.Context) (*sql.DB, error) {
		db, err := r.source.openObserver(ctx, !before.inUse)
		if err != nil {
			return nil, explain(err)
		}
		if err := checkSchema(ctx, db); err != nil {
			return nil, errors.Join(explain(err), db.Close())
		}
		return db, nil
	}
	if err := r.inspections.run(ctx, connect, visit); err != nil || before.inUse {
		return err
	}
	// No lock kept the file as it was: a server may have begun meanwhile.
	if after, err := statDatabase(r.source.path); err != nil || !after.same(before) {
		return errors.Join(errors.New("it was written to while it was read, so what was seen may be wrong; try again"), err)
	}
	return nil
}

// Close cuts short what is being read.
func (r *ReadOnly) Close() error {
	r.inspections.close()
	return nil
}

// fileState is what can be seen of a database file without opening it: closing it would drop the locks that this process may have on it.
type fileState struct {
	file os.FileInfo
	// inUse tells that there is a log. Without one, no server has the file open, and it holds everything.
	inUse bool
}

func statDatabase(path string) (l fileState, err error) {
	switch l.file, err = os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return l, errors.New("there is no such file")
	case err != nil:
		return l, err
	case l.file.IsDir():
		return l, errors.New("it is a directory")
	case !l.file.Mode().IsRegular():
		return l, errors.New("it is not a regular file")
	case l.file.Size() == 0:
		return l, errors.New("it is empty")
	}
	switch _, err := os.Stat(path + "-wal"); {
	case err == nil:
		l.inUse = true
	case !errors.Is(err, fs.ErrNotExist):
		return l, err
	}
	return l, nil
}

func (l fileState) same(other fileState) bool {
	return os.SameFile(l.file, other.file) && l.file.Size() == other.file.Size() && l.file.ModTime().Equal(other.file.ModTime())
}

// checkSchema refuses what is no database of Vacancy, or one of another version than this program's.
func checkSchema(ctx context.Context, db *sql.DB) error {
	var id int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id != applicationID {
		return errors.New("it is an SQLite database of another program")
	}
	var current int64
	err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&current)
	if err != nil {
		return fmt.Errorf("the version of its schema is not known: %w", err)
	}
	provider, err := newMigrations(db)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	switch known := sources[len(sources)-1].Version; {
	case current > known:
		err = checkLevel(ctx, db, current, known, booking.CurrentLevel)
	case current < known:
		err = fmt.Errorf("its schema has version %d, and this program knows version %d: start the server once, which brings it up to date",
			current, known)
	}
	if err != nil {
		return err
	}
	return checkColumns(ctx, db)
}
