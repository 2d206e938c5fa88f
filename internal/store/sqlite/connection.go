package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	sqlite3 "modernc.org/sqlite/lib"
)

// connection is one connection to the file and what is prepared on it. One goroutine uses it at a time.
type connection struct {
	db       *sql.DB // of this connection only
	conn     *sql.Conn
	prepared map[string]*sql.Stmt // by text; texts are constants, so there are few
	// inserts are those that run on the driver itself, and args their values; see insertChunk.
	inserts map[string]driverStatement
	args    []driver.NamedValue
}

// newConnection takes over the database of one connection.
func newConnection(ctx context.Context, db *sql.DB) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &connection{db: db, conn: conn, prepared: make(map[string]*sql.Stmt), inserts: make(map[string]driverStatement)}, nil
}

// statement prepares each text once.
func (c *connection) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := c.prepared[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := c.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.prepared[text] = stmt
	return stmt, nil
}

func (c *connection) exec(ctx context.Context, text string, args ...any) (affected int64, err error) {
	stmt, err := c.statement(ctx, text) //nolint:sqlclosecheck // it serves again
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// each runs a query and hands every row to scan.
func (c *connection) each(ctx context.Context, scan func(*sql.Rows) error, text string, args ...any) error {
	stmt, err := c.statement(ctx, text) //nolint:sqlclosecheck // it serves again
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rollback undoes the transaction, if there is one: SQLite itself ends it after some failures, and ROLLBACK is a plain error then.
// It runs whether or not the caller has left.
func (c *connection) rollback(ctx context.Context) error {
	_, err := c.exec(context.WithoutCancel(ctx), "ROLLBACK")
	if primary(resultCode(err)) == sqlite3.SQLITE_ERROR {
		return nil
	}
	return err
}

func (c *connection) close() error {
	for _, stmt := range c.prepared {
		_ = stmt.Close() // the connection goes too
	}
	_ = c.conn.Raw(func(any) error {
		for _, stmt := range c.inserts {
			_ = stmt.Close()
		}
		return nil
	})
	return errors.Join(c.conn.Close(), c.db.Close())
}

// suspect tells of failures after which a new connection may see things right again, and the old one not.
func suspect(err error) bool {
	switch primary(resultCode(err)) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM:
		return true
	}
	return errors.Is(err, driver.ErrBadConn)
}
