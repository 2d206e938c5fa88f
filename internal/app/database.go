package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/config"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/verify"
)

// database is an open store, and how the other rooms work on one of its kind.
type database struct {
	store.Store
	// lanes is how many transactions run side by side, and venuesPerTransaction how many waiting venues one of them takes.
	lanes                int
	venuesPerTransaction int
	// cursorInterval is the least time between two writings of the relays' cursors.
	cursorInterval time.Duration
	// watch calls hint when another node has written, until ctx ends. It may miss some.
	watch func(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error
	// writable tells what the store knows of itself. It asks nobody.
	writable func() bool
	// find looks for the database that is in charge; nil if there is only one.
	find func(ctx context.Context) error
	// outbox tells whether what goes to the outside is held back.
	outbox func(ctx context.Context) (store.OutboxState, error)
	// asOf is when what can be read was known to be all there is; nil of a store that can always be written to.
	asOf func(ctx context.Context) (time.Time, error)
}

// hintFunc tells other nodes that a venue has reached a revision. It does not block.
type hintFunc = func(booking.VenueID, booking.Revision)

// openDatabase opens the database that the configuration names. hint, if it is set, wakes other nodes besides the database, and
// damaged is told when it is found to be damaged later.
func openDatabase(
	ctx context.Context, c config.Config, log *slog.Logger, meter postgres.Meter, observer postgres.Observer, hint hintFunc,
	damaged func(error),
) (database, error) {
	if url, ok := c.PostgresURL(); ok {
		opened, err := postgres.Open(ctx, postgres.Config{
			URL: url, Locking: postgres.LockingMode(c.Locking), Connections: c.Connections, Log: log, Meter: meter,
			StateFile: c.StateFile(), RequireStandby: c.RequireStandby, Observer: observer, Hint: hint,
		})
		if err != nil {
			return database{}, err
		}
		// While one transaction waits for its commit, another is decided. More of them would each take fewer venues and cost more:
		// with 100 venues on two nodes, 4 lanes of 32 venues made 3,700 bookings a second on two cores, 2 lanes of 64 made 5,500.
		return database{
			Store: opened, lanes: 2, venuesPerTransaction: 64, cursorInterval: outbox.DefaultCursorInterval,
			watch: opened.Watch, writable: opened.Writable, find: opened.FindDatabase, outbox: opened.Outbox, asOf: opened.AsOf,
		}, nil
	}
	path, _ := c.SQLitePath()
	opened, err := sqlite.Open(ctx, sqlite.Config{Path: path, Log: log, Damaged: damaged})
	if err != nil {
		return database{}, err
	}
	if reason := opened.Copied(); reason != "" {
		log.Warn("the database file is not the one that was used here last; live readers begin anew", "reason", reason)
	}
	// SQLite has one writer, which takes the waiting batches of all venues into one transaction. There is no other node.
	return database{
		Store: opened, lanes: 1, venuesPerTransaction: 256, cursorInterval: sqliteCursorInterval,
		watch: watchNothing, writable: alwaysWritable, outbox: opened.Outbox,
	}, nil
}

// watchNothing is the watch of a database that only this process writes to.
func watchNothing(ctx context.Context, _ func(booking.VenueID, booking.Revision)) error {
	<-ctx.Done()
	return nil
}

// isRetryableOpenError tells whether a database that could not be opened may be there later, without anybody changing a setting. A file is
// there or is not.
func isRetryableOpenError(c config.Config, err error) bool {
	_, ok := c.PostgresURL()
	return ok && postgres.IsRetryableOpenError(err)
}

// alwaysWritable is what SQLite says: only a write tells whether the file can be written to, and the desk remembers those that failed.
func alwaysWritable() bool { return true }

// Verify checks a database against itself, also while servers use it. See package verify.
func Verify(ctx context.Context, c config.Config, log *slog.Logger) (_ verify.Report, err error) {
	if err := c.Validate(); err != nil {
		return verify.Report{}, err
	}
	opened, err := openInspector(ctx, c, log)
	if err != nil {
		return verify.Report{}, err
	}
	defer func() {
		if closeErr := opened.Close(); err == nil {
			err = closeErr
		}
	}()
	return verify.Verify(ctx, opened, verify.Options{})
}

// VerifyAgainst finds what another database has and the first lacks. See [verify.Against].
func VerifyAgainst(ctx context.Context, here, other config.Config, log *slog.Logger) (_ *verify.Loss, err error) {
	if err := errors.Join(here.Validate(), other.Validate()); err != nil {
		return nil, err
	}
	first, err := openInspector(ctx, here, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	second, err := openInspector(ctx, other, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	return verify.Against(ctx, first, second)
}

// inspector is a database that is open for looking only.
type inspector interface {
	store.Inspector
	Close() error
}

func openInspector(ctx context.Context, c config.Config, log *slog.Logger) (inspector, error) {
	if url, ok := c.PostgresURL(); ok {
		return postgres.Open(ctx, postgres.Config{URL: url, ReadOnly: true, Connections: 2, Log: log})
	}
	path, _ := c.SQLitePath()
	return sqlite.OpenReadOnly(ctx, path)
}
