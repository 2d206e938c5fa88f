package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

// A full disk is called so, and nothing else is.
func TestNoSpaceIsExplained(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]bool{
		sqlite3.SQLITE_FULL: true, sqlite3.SQLITE_IOERR_SHMSIZE: true, sqlite3.SQLITE_IOERR_WRITE: true, sqlite3.SQLITE_IOERR_FSYNC: true,
		sqlite3.SQLITE_IOERR_READ: false, sqlite3.SQLITE_NOTADB: false, sqlite3.SQLITE_BUSY: false, sqlite3.SQLITE_OK: false,
	} {
		if wantsSpace(code) != want {
			t.Errorf("code %d wants space: %t", code, !want)
		}
	}
	path := filepath.Join(t.TempDir(), "small.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), "PRAGMA max_page_count = 4; CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(100000))")
	if explained := explainNoSpace(path, err); err == nil || !strings.Contains(explained.Error(), "the disk is full, or fails (") ||
		!errors.Is(explained, err) {
		t.Errorf("%v is explained as %v", err, explained)
	}
	other := errors.New("another")
	if explained := explainNoSpace(path, other); !errors.Is(explained, other) || strings.Contains(explained.Error(), "disk") {
		t.Errorf("another error is explained as %v", explained)
	}
}
