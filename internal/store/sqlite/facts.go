package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/doctor/facts"
	"vacancy/internal/store"
)

// FactCollector looks at a database file for `vacancy doctor`, while a server uses it or while none does. It changes nothing.
type FactCollector struct {
	Path string
}

var _ facts.Collector = FactCollector{}

// Collect looks at the file, and into it. Its error says that it could not be read.
func (f FactCollector) Collect(ctx context.Context, into *facts.Facts) error {
	found := &facts.SQLite{Path: f.Path, FreeBytes: -1}
	into.SQLite = found
	if err := collect(ctx, f.Path, found, into); err != nil {
		if found.Exists {
			found.Fault = err.Error()
		}
		return fmt.Errorf("the database %s cannot be looked at: %w", f.Path, err)
	}
	return nil
}

func collect(ctx context.Context, path string, found *facts.SQLite, into *facts.Facts) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	directory := filepath.Dir(path)
	found.FileBytes, found.LogBytes, found.FreeBytes = fileSize(path), fileSize(path+"-wal"), diskFree(directory)
	found.FileSystem = fileSystem(directory)
	if note, err := os.ReadFile(path + ".damaged"); err == nil {
		found.DamageNoted = strings.TrimSpace(string(note))
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		_, logErr := os.Stat(path + "-wal")
		found.LogWithoutFile = logErr == nil
	}
	if err != nil {
		return err
	}
	found.Exists, found.Mode, found.Names = true, uint32(info.Mode().Perm()), names(info)
	before, err := statDatabase(path)
	if err != nil {
		return err
	}
	db, err := source{path: path}.openObserver(ctx, !before.inUse)
	if err != nil {
		return explain(err)
	}
	defer db.Close()
	if err := collectInside(ctx, db, into); err != nil {
		return explain(err)
	}
	found.JournalMode, err = journalMode(path, before.inUse)
	return err
}

// collectInside looks into an open database.
func collectInside(ctx context.Context, db *sql.DB, into *facts.Facts) error {
	var id int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id != applicationID {
		return errors.New("it is an SQLite database of another program")
	}
	folder, err := migrationFiles()
	if err != nil {
		return err
	}
	found := new(facts.Schema)
	if found.Known, err = store.KnownVersion(folder); err != nil {
		return err
	}
	err = db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&found.Version)
	if err != nil {
		return fmt.Errorf("the version of its schema is not known: %w", err)
	}
	into.Schema = found
	switch {
	case found.Version > found.Known:
		err = checkLevel(ctx, db, found.Version, found.Known, booking.CurrentLevel)
	case found.Version == found.Known:
		err = checkColumns(ctx, db)
	}
	if err != nil {
		found.Fault = err.Error()
	}
	var has bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM keys)").Scan(&has); err != nil {
		return err
	}
	into.HasKey = &has
	var outbox store.OutboxState // an older schema has none
	if err := scanOutbox(db.QueryRowContext(ctx, selectOutbox), &outbox); err == nil && outbox.Paused {
		into.OutboxPause = &facts.OutboxPause{By: outbox.Who, Reason: outbox.Reason}
	}
	return nil
}

// Bytes of the file's header that say how it is written to, and what they are where that is by a write-ahead log; see SQLite's "Database
// File Format".
const (
	writeVersionAt = 18
	byLog          = 2
)

// journalMode is how the file is written to. One that is in use has a log. Of one that is not, the header says it: nobody has locks on it
// that closing it could drop.
func journalMode(path string, inUse bool) (string, error) {
	if inUse {
		return "wal", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	version := make([]byte, 1)
	if _, err := f.ReadAt(version, writeVersionAt); err != nil {
		return "", err
	}
	if version[0] == byLog {
		return "wal", nil
	}
	return "delete", nil
}
