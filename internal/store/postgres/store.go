package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Config says where the database is and how to use it.
type Config struct {
	// URL is "postgres://user:password@host:port/database?...", as libpq has it. It may name several hosts: the one that is not a
	// standby is used.
	URL string
	// Locking is [Adaptive] if empty.
	Locking LockingMode
	// Level is what this program knows of venues' settings; 0 is [booking.CurrentLevel].
	Level booking.Level
	// Connections is the most that are open at once, beside the one of [Store.Watch]; 0 is 16, and the least is 2. Up to half of
	// them, 8 at most, are kept from readers.
	Connections int
	// ReadOnly opens the database for looking only: nothing is written to it, so its schema must be there already. It may be a
	// standby. What writes fails with [store.ErrUnavailable].
	ReadOnly bool
	// StateFile is where the node keeps what it knows of its database for its next start; empty is nowhere.
	StateFile string
	// RequireStandby refuses writes while the server is told to wait for no standby.
	RequireStandby bool
	// Observer is told what becomes of the hosts; nil is nobody.
	Observer Observer
	// Hint, if it is set, wakes other nodes besides NOTIFY: it is told of each commit, and must not block.
	Hint func(venue booking.VenueID, revision booking.Revision)
	// Log is where the store says what the operator should know; nil is nowhere.
	Log *slog.Logger
	// Meter counts; nil counts nothing.
	Meter Meter

	// clock stands in for the database's in tests, commitTimeout for the time that a commit is waited for, and heartbeat and probe for the
	// intervals of heartbeats and of looks at the hosts; a negative one is none. askTimeout bounds such a look.
	clock         func() time.Time
	commitTimeout time.Duration
	heartbeat     time.Duration
	probe         time.Duration
	askTimeout    time.Duration
}

// Meter counts how transactions go. Its methods must be safe for use by several goroutines.
type Meter interface {
	// Transaction counts one that took its venues' rows in the given mode, [Optimistic] or [Pessimistic].
	Transaction(mode LockingMode)
	// Lost counts an optimistic transaction that begins anew because a venue had moved on.
	Lost()
}

type noMeter struct{}

func (noMeter) Transaction(LockingMode) {}
func (noMeter) Lost()                   {}

// Store is a [store.Store] in a PostgreSQL database, which other nodes use too.
type Store struct {
	config    Config // with its defaults filled in
	connector *connector
	readers   *pool
	reserved  *pool
	locking   *locking
	notifier  *notifier
	node      *node
	monitor   *monitor // nil of a store that only looks
	closed    atomic.Bool

	// trimmed is the venue that [Store.Trim] came to last; it belongs to whoever has trimming.
	trimming sync.Mutex
	trimmed  booking.VenueID

	resets sync.Mutex
	reset  time.Time // when the pools were reset last
}

// Open connects to the database, brings its schema up to date, and checks that what it commits is durable. Its errors say what is
// wrong in a sentence for the operator, and never show a password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Locking == "" {
		cfg.Locking = Adaptive
	}
	cfg.Level = cmp.Or(cfg.Level, booking.CurrentLevel)
	cfg.heartbeat = cmp.Or(cfg.heartbeat, heartbeatInterval)
	cfg.probe, cfg.askTimeout = cmp.Or(cfg.probe, askInterval), cmp.Or(cfg.askTimeout, askTimeout)
	if cfg.Observer == nil {
		cfg.Observer = noObserver{}
	}
	if cfg.Connections <= 0 {
		cfg.Connections = defaultConnections
	}
	if cfg.commitTimeout == 0 {
		cfg.commitTimeout = commitTimeout
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Meter == nil {
		cfg.Meter = noMeter{}
	}
	c, err := newConnector(cfg)
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, cfg, c)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be opened: %w", c.name(), c.explain(err))
	}
	return s, nil
}

func openStore(ctx context.Context, cfg Config, c *connector) (*Store, error) {
	s := &Store{config: cfg, connector: c, locking: newLocking(cfg)}
	s.node = newNode(s)
	s.notifier = newNotifier(s.notify, cfg.Log)
	if err := s.begin(ctx); err != nil {
		s.notifier.close()
		if s.monitor != nil {
			s.monitor.close()
		}
		if s.readers != nil {
			s.readers.Close()
		}
		if s.reserved != nil {
			s.reserved.Close()
		}
		return nil, err
	}
	s.node.start()
	return s, nil
}

// begin finds the database. One that only looks takes any host.
func (s *Store) begin(ctx context.Context) error {
	if s.config.ReadOnly {
		if err := s.connector.prepareSchema(ctx, nil); err != nil {
			return err
		}
	} else if err := s.findDatabase(ctx); err != nil {
		return err
	}
	if err := s.openPools(ctx); err != nil {
		return err
	}
	if s.monitor != nil {
		s.monitor.start()
	}
	return s.use(ctx, func(c *session) error { s.introduce(serverOf(c.conn)); s.reportTLS(c.conn); return nil })
}

// findDatabase looks at all hosts before anything is written. A node that finds nothing to read from does not start; one that may only
// read says so, and goes on looking.
func (s *Store) findDatabase(ctx context.Context) error {
	s.monitor = newMonitor(s)
	d := s.monitor.step(ctx)
	if t := s.monitor.current.Load(); t != nil {
		if !t.writes {
			return s.connector.checkSchema(ctx, t.host)
		}
		return nil
	}
	return errors.Join(ctx.Err(), s.monitor.openError(d))
}

// introduce says what the operator relies on.
func (s *Store) introduce(found server) {
	s.config.Log.Info("the database is open", "database", s.connector.name(), "version", found.version, "fsync", found.fsync,
		"full_page_writes", found.fullPageWrites, "synchronous_commit", found.synchronousCommit)
}

// Now is the store's clock.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		return c.conn.QueryRow(ctx, selectNow, s.clock()).Scan(&now)
	})
	return now, classify(err)
}

// FindDatabase has all hosts asked which of them is in charge, and returns once they were and the store has followed, or ctx has ended.
// Many calls have them asked no more often than one a second does.
func (s *Store) FindDatabase(ctx context.Context) error {
	if s.monitor == nil {
		return nil
	}
	return s.monitor.seek(ctx)
}

// Close ends the store once the calls under way have ended; later ones fail with [store.ErrUnavailable]. A second Close does
// nothing.
func (s *Store) Close() error {
	s.closed.Store(true)
	s.notifier.close()
	s.node.close()
	if s.monitor != nil {
		s.monitor.close()
	}
	s.readers.Close()
	s.reserved.Close()
	return nil
}

var _ interface {
	store.Reader
	store.Keys
	store.Inspector
} = (*Store)(nil)
