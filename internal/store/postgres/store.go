package postgres

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// LockingMode is how a transaction takes the rows of its venues.
type LockingMode string

const (
	// Optimistic reads without a lock, and has the commit fail if a venue's revision has moved meanwhile; then the transaction
	// begins anew. Best while few nodes write to the same venue.
	Optimistic LockingMode = "optimistic"
	// Pessimistic locks the rows first, so that nothing is done in vain. Best while several nodes write to the same venue.
	Pessimistic LockingMode = "pessimistic"
	// Adaptive is optimistic until a venue sees a conflict, and pessimistic for that venue for a while then.
	Adaptive LockingMode = "adaptive"
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
	// Log is where the store says what the operator should know; nil is nowhere.
	Log *slog.Logger
	// Meter counts; nil counts nothing.
	Meter Meter

	// clock stands in for the database's in tests, commitTimeout for the time that a commit is waited for, and heartbeat for the
	// interval of heartbeats; a negative one is none.
	clock         func() time.Time
	commitTimeout time.Duration
	heartbeat     time.Duration
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
	if err := c.prepareSchema(ctx); err != nil {
		return nil, err
	}
	readers, reserved, err := c.openPools(ctx)
	if err != nil {
		return nil, err
	}
	s := &Store{config: cfg, connector: c, readers: readers, reserved: reserved, locking: newLocking(cfg)}
	if err := s.useReserved(ctx, func(c *session) error { s.introduce(serverOf(c.conn)); s.reportTLS(c.conn); return nil }); err != nil {
		readers.Close()
		reserved.Close()
		return nil, err
	}
	s.notifier = newNotifier(s.notify, cfg.Log)
	s.node = newNode(s)
	return s, nil
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

// Close ends the store once the calls under way have ended; later ones fail with [store.ErrUnavailable]. A second Close does
// nothing.
func (s *Store) Close() error {
	s.closed.Store(true)
	s.notifier.close()
	s.node.close()
	s.readers.Close()
	s.reserved.Close()
	return nil
}

var _ interface {
	store.Reader
	store.Keys
	store.Inspector
} = (*Store)(nil)
