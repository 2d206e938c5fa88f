package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	modernc "modernc.org/sqlite"
)

// source says how connections to the file are made. Pragmas stand in the DSN, so that every connection has them.
type source struct {
	path string
	// vfs is SQLite's layer to the operating system, "" for its own. Tests put one between that counts and breaks.
	vfs string
}

func (s source) dsn(parameters url.Values, pragmas ...string) string {
	// A crash must not lose what was acknowledged: FULL flushes the log at each commit. fullfsync makes that mean the disk on
	// macOS, where a plain flush does not; it does nothing elsewhere.
	pragmas = append(pragmas, "synchronous(FULL)", "fullfsync(1)", "checkpoint_fullfsync(1)",
		"trusted_schema(0)", fmt.Sprintf("busy_timeout(%d)", busyTimeout))
	parameters["_pragma"] = pragmas
	parameters.Set("_dqs", "0")
	parameters.Set("_error_rc", "1")
	if s.vfs != "" {
		parameters.Set("vfs", s.vfs)
	}
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(s.path), RawQuery: parameters.Encode()}
	if !strings.HasPrefix(file.Path, "/") { // C:/...
		file.Path = "/" + file.Path
	}
	return file.String()
}

// open makes a connection that is durable.
func open(ctx context.Context, dsn string) (*sql.DB, error) {
	connector, err := modernc.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return connect(ctx, checked{connector})
}

// connect makes one connection, and never a second beside it.
func connect(ctx context.Context, connector driver.Connector) (*sql.DB, error) {
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (s source) openWriter(ctx context.Context) (*sql.DB, error) {
	return open(ctx, s.dsn(url.Values{"_txlock": {"immediate"}, "_defensive": {"1"}},
		"journal_mode(WAL)", "temp_store(MEMORY)",
		fmt.Sprintf("cache_size(%d)", writerCache),
		fmt.Sprintf("wal_autocheckpoint(%d)", autoCheckpoint),
		fmt.Sprintf("journal_size_limit(%d)", journalSizeLimit)))
}

func (s source) openReader(ctx context.Context) (*sql.DB, error) {
	return open(ctx, s.dsn(url.Values{"mode": {"ro"}},
		"query_only(1)", "temp_store(MEMORY)",
		fmt.Sprintf("cache_size(%d)", readerCache)))
}

// openObserver makes a connection that takes no part in what goes on: it reads only, and asks nothing of the file. What it sorts
// may be large, and goes to the system's folder for such files. An immutable file is one that nobody writes to; SQLite needs nothing
// beside it then, and puts nothing there.
func (s source) openObserver(ctx context.Context, immutable bool) (*sql.DB, error) {
	parameters := url.Values{"mode": {"ro"}}
	if immutable {
		parameters.Set("immutable", "1")
	}
	connector, err := modernc.NewConnector(s.dsn(parameters, "query_only(1)", fmt.Sprintf("cache_size(%d)", readerCache)))
	if err != nil {
		return nil, err
	}
	return connect(ctx, connector)
}

// checked hands out a connection only if it reads back what durability rests on: SQLite does not fail when it cannot set a mode, it
// keeps the one it had.
type checked struct{ driver.Connector }

func (c checked) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkDurable(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func checkDurable(ctx context.Context, conn driver.Conn) error {
	mode, err := pragma(ctx, conn, "journal_mode")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its journal mode is %v and cannot be made wal, as on some network file systems", mode)
	}
	const full = int64(2)
	synchronous, err := pragma(ctx, conn, "synchronous")
	if err != nil {
		return err
	}
	if synchronous != full {
		return fmt.Errorf("its synchronous mode is %v, not %d (FULL): bookings would not survive a power cut", synchronous, full)
	}
	return nil
}

// pragma reads a setting of a connection.
func pragma(ctx context.Context, conn driver.Conn, name string) (driver.Value, error) {
	queryer, ok := conn.(driver.QueryerContext)
	if !ok {
		return nil, errors.New("the driver cannot read its settings back")
	}
	rows, err := queryer.QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil {
		return nil, fmt.Errorf("read back %s: %w", name, err)
	}
	return value[0], nil
}
