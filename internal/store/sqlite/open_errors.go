package sqlite

import (
	"fmt"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"
)

// What is wrong when a file is opened is said in one sentence, to the operator.

// explain says what SQLite's error means for a file that it cannot use.
func explain(err error) error {
	switch primary(resultCode(err)) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("it is not a database: %w", err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("this user may not read it or the files beside it, or cannot share them with the server: %w", err)
	}
	return err
}

// explainNoSpace says that the disk of a file may be full, where SQLite has only a number for it: what it cannot write, and the files
// beside that it cannot make longer, are I/O errors to it.
func explainNoSpace(path string, err error) error {
	if !wantsSpace(resultCode(err)) {
		return err
	}
	free := diskFree(filepath.Dir(path))
	if free < 0 {
		return fmt.Errorf("the disk is full, or fails: %w", err)
	}
	return fmt.Errorf("the disk is full, or fails (%d bytes of it are free): %w", free, err)
}

// wantsSpace tells of the extended result codes that a full disk makes.
func wantsSpace(code int) bool {
	switch code {
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE,
		sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP:
		return true
	}
	return primary(code) == sqlite3.SQLITE_FULL
}
