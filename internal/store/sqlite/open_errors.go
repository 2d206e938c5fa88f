package sqlite

import (
	"fmt"

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
