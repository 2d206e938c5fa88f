package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// A file whose pages are damaged, by a disk, by a copy of half of it or by a tool, may answer for long, and wrongly: a place that is taken
// looks free. So it is looked through at each start (PRAGMA quick_check: every page, and how they hang together). The start waits for that
// for a moment, and serves while it goes on: a large file takes a while. What is found then is reported, and noted in a file beside the
// database, so that the next start waits for the whole check. It does not find a value that was changed within its page; `vacancy verify`
// does, where it makes a difference.

// damageError says what is wrong with a file that was ours, and what to do.
type damageError struct{ path, finding string }

func (e *damageError) Error() string {
	return fmt.Sprintf("it is damaged (%s). First copy %s and what is beside it (-wal, -shm) to a safe place. Then put a backup in its "+
		"place, or rebuild it with sqlite3's .recover, and check that with `vacancy verify`: see docs/sqlite.md", e.finding, e.path)
}

// quickCheck is the check of one start.
type quickCheck struct {
	source  source
	log     *slog.Logger
	damaged func(error)

	cancel context.CancelFunc
	ended  sync.WaitGroup
	// result is received by a start that still waits; late is closed when it does not any more.
	result chan error
	late   chan struct{}
}

// startQuickCheck begins to look the file through.
func startQuickCheck(ctx context.Context, s source, cfg Config) *quickCheck {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), quickCheckTimeout)
	q := &quickCheck{
		source: s, log: cfg.Log, damaged: cfg.Damaged, cancel: cancel, result: make(chan error), late: make(chan struct{}),
	}
	q.ended.Go(func() { q.run(ctx) })
	return q
}

func (q *quickCheck) run(ctx context.Context) {
	defer q.cancel()
	began := time.Now()
	err := q.check(ctx)
	damage, found := errors.AsType[*damageError](err)
	if found {
		if noted := os.WriteFile(q.note(), []byte(damage.finding+"\n"), 0o600); noted != nil {
			q.log.Warn("the damage of the database could not be noted beside it", "error", noted)
		}
	}
	select {
	case q.result <- err:
		return
	case <-q.late:
	}
	switch {
	case found && q.damaged != nil:
		q.damaged(fmt.Errorf("the database %s cannot be served any more: %w", q.source.path, err))
	case found, errors.Is(err, context.Canceled):
	case err != nil:
		q.log.Warn("the database file could not be looked through to its end", "after", time.Since(began), "error", err)
	default:
		q.log.Info("the database file was looked through, and is sound", "took", time.Since(began).Round(time.Millisecond))
	}
}

// await waits for the result, for so long at most, or to the end if the last check found damage. It returns what was found.
func (q *quickCheck) await(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	enough := timer.C
	if _, err := os.Stat(q.note()); err == nil {
		enough = nil
		q.log.Warn("the database was found to be damaged; it is looked through before it is served", "noted_in", q.note())
	}
	select {
	case err := <-q.result:
		if err == nil {
			err = q.forget()
		}
		return err
	case <-enough:
		close(q.late)
		return nil
	case <-ctx.Done():
		close(q.late)
		return ctx.Err()
	}
}

// close ends the check, if it still runs.
func (q *quickCheck) close() {
	q.cancel()
	q.ended.Wait()
}

// note is the file that says what was found, until a check finds nothing.
func (q *quickCheck) note() string { return q.source.path + ".damaged" }

func (q *quickCheck) forget() error {
	if err := os.Remove(q.note()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (q *quickCheck) check(ctx context.Context) error {
	db, err := q.source.openObserver(ctx, false)
	if err != nil {
		return asDamage(q.source.path, err)
	}
	var finding string
	err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&finding)
	err = errors.Join(err, db.Close())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return asDamage(q.source.path, err)
	}
	if finding != "ok" {
		return &damageError{q.source.path, finding}
	}
	return nil
}

// asDamage makes a damageError of what SQLite says of a file that it cannot make sense of, or cannot read.
func asDamage(path string, err error) error {
	switch primary(resultCode(err)) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR:
		return &damageError{path, err.Error()}
	}
	return err
}

// checkNotEmptied refuses a file that is empty, though a server has used it: it would be taken for a new database, and nobody would notice
// that all bookings are gone. What is in the log beside it is not lost.
func checkNotEmptied(path string, l *lock) error {
	file, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && file.Size() > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return nil
	}
	used, err := l.file.Stat()
	if err != nil || used.Size() == 0 {
		return err
	}
	return &damageError{path, "it is empty, though a server has used it; to begin anew, remove it and " + path + ".lock"}
}
