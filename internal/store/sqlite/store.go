package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// Config says where the database is.
type Config struct {
	// Path is the database file. It is made, for its owner only, if there is none; its directory must exist.
	Path string
	// Now is the store's clock; nil is [time.Now]. It is read in microseconds.
	Now func() time.Time

	// Level is what this program knows of venues' settings; 0 is [booking.CurrentLevel].
	Level booking.Level

	// Log is where the store says what the operator should know; nil is nowhere.
	Log *slog.Logger
	// Damaged is told when the file is found to be damaged after Open has returned, which does not wait long for a large one to be looked
	// through: it must not be served any more. It must not close the store. nil: it is only noted beside the file.
	Damaged func(error)

	vfs string
	// checkWait stands in for quickCheckWait in tests.
	checkWait time.Duration
}

// Store is a [store.Store] in one SQLite file. Only one can be open on a file at a time.
type Store struct {
	clock        func() time.Time
	epoch        booking.Epoch
	level        booking.Level
	path         string
	file         os.FileInfo // of the file that was opened
	lock         *lock
	writer       *writer
	copyDetector *copyDetector
	copied       string
	quickCheck   *quickCheck
	leases       leases

	// reading is held shared by every call that reads, and taken by Close.
	reading sync.RWMutex
	readers *readers
	closed  bool

	// trimmed is the venue that [Store.Trim] came to last; it belongs to whoever has trimming.
	trimming sync.Mutex
	trimmed  booking.VenueID

	inspections *inspections
	closing     sync.Once
}

var _ store.Store = (*Store)(nil)

// Open opens the database, brings its schema up to date, and checks that it is durable and nobody else's. Its errors say what is
// wrong with the file in a sentence for the operator.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := openStore(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be opened: %w", cfg.Path, explainNoSpace(cfg.Path, err))
	}
	return s, nil
}

func openStore(ctx context.Context, cfg Config) (s *Store, err error) {
	cfg.Level = cmp.Or(cfg.Level, booking.CurrentLevel)
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	cfg.checkWait = cmp.Or(cfg.checkWait, quickCheckWait)
	path, err := resolve(cfg.Path)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(path); err != nil {
		return nil, err
	}
	lock, err := acquireLock(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = lock.close()
		}
	}()
	if err := checkNotEmptied(path, lock); err != nil {
		return nil, err
	}
	file, err := createFile(path)
	if err != nil {
		return nil, err
	}
	s = &Store{
		path: path, file: file, clock: cfg.Now, level: cfg.Level, lock: lock,
		copyDetector: &copyDetector{lock: lock.file, file: file}, inspections: newInspections(),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	source := source{path: path, vfs: cfg.vfs}
	db, err := source.openWriter(ctx)
	if err != nil {
		return nil, asDamage(path, err)
	}
	check := startQuickCheck(ctx, source, cfg)
	defer func() {
		if err != nil {
			check.close()
		}
	}()
	s.quickCheck = check
	if err := check.await(ctx, cfg.checkWait); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := prepareFile(ctx, db, cfg.Level); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if s.epoch, s.copied, err = s.copyDetector.open(ctx, db, record.Micros(s.clock())); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if s.writer, err = newWriter(ctx, source, db); err != nil {
		return nil, err
	}
	if s.readers, err = openReaders(ctx, source); err != nil {
		return nil, errors.Join(err, s.writer.close(ctx, nil))
	}
	return s, nil
}

// Copied says why Open found the file not to be the one that was used here last, but a copy that was put back or moved here; "" if it
// was. A copy gets another epoch, and readers begin anew.
func (s *Store) Copied() string { return s.copied }

// now is the store's clock as the database keeps it.
func (s *Store) now() time.Time { return record.Instant(record.Micros(s.clock())) }

// Now is the store's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return s.now(), ctx.Err() }

// read runs f on a connection that reads.
func (s *Store) read(ctx context.Context, f func(c *connection) error) error {
	return s.reads(func() error { return s.readers.use(ctx, f) })
}

// snapshot runs f on one committed state of the database, whatever it reads.
func (s *Store) snapshot(ctx context.Context, f func(c *connection) error) error {
	return s.reads(func() error { return s.readers.snapshot(ctx, f) })
}

func (s *Store) reads(f func() error) error {
	s.reading.RLock()
	defer s.reading.RUnlock()
	if s.closed {
		return errClosed
	}
	return classify(f())
}

// Close ends the store once the calls under way have ended; later ones fail with [store.ErrUnavailable]. What [Store.Inspect] reads is
// cut short. The log is copied into the database, so that the file alone holds everything. A second Close waits for the first.
func (s *Store) Close() (err error) {
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	s.quickCheck.close()
	s.reading.Lock() // once nobody reads any more
	s.closed = true
	s.reading.Unlock()
	s.inspections.close() // whose visitors may still ask for other things, and are told that it is closed
	// The readers go first: the log cannot be emptied under one.
	return errors.Join(s.readers.close(), s.writer.close(context.Background(), s.copyDetector.renew), s.lock.close())
}
