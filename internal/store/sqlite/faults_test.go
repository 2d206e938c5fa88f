package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// crashed opens what a crash at this instant would leave: the files as they are, without what the process knows.
func crashed(t *testing.T, s *Store) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crashed.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(s.path + suffix)
		if !errors.Is(err, os.ErrNotExist) {
			must(t, err)
			must(t, os.WriteFile(path+suffix, data, 0o600))
		}
	}
	return openAt(t, Config{Path: path})
}

// has tells whether the n-th booking of venue a can be read.
func has(t *testing.T, s *Store, n int) bool {
	t.Helper()
	_, err := s.Booking(t.Context(), "a", storetest.BookingID(n))
	if err != nil && !errors.Is(err, booking.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// TestDiskFaults breaks the disk under a store, which must say so, lose nothing, go on reading, and recover by itself.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		writes  int
		rc      int32
		flushes int
		want    error
	}{
		"full":                    {-1, sqlite3.SQLITE_FULL, 0, store.ErrUnavailable},
		"full once":               {1, sqlite3.SQLITE_FULL, 0, store.ErrUnavailable},
		"writes fail":             {-1, sqlite3.SQLITE_IOERR_WRITE, 0, store.ErrInDoubt},
		"a write fails":           {1, sqlite3.SQLITE_IOERR_WRITE, 0, store.ErrUnavailable},
		"a flush fails":           {0, 0, 1, store.ErrUnavailable},
		"flushes fail":            {0, 0, -1, store.ErrInDoubt},
		"writes and flushes fail": {-1, sqlite3.SQLITE_IOERR_WRITE, -1, store.ErrInDoubt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, d := onDisk(t)
			must(t, change(t, s, "a", bookMany(0, 1)))
			d.breakDown(fault.writes, fault.rc, fault.flushes)
			if err := change(t, s, "a", bookMany(1, 40)); !errors.Is(err, fault.want) {
				t.Errorf("got error %v, want %v", err, fault.want)
			}
			if has(t, s, 1) || !has(t, s, 0) {
				t.Errorf("what failed can be read, or what did not cannot")
			}
			if errors.Is(fault.want, store.ErrUnavailable) {
				if after := crashed(t, s); has(t, after, 1) || !has(t, after, 0) {
					t.Errorf("after a crash, what failed has happened, or what did not has not")
				}
			}
			for range 3 {
				if err := change(t, s, "b", bookMany(2, 40)); (err == nil) != (fault.writes >= 0 && fault.flushes >= 0) {
					t.Errorf("the next change: %v", err)
				} else if err == nil {
					break
				}
			}
			d.repair()
			must(t, change(t, s, "a", bookMany(3, 40)))
			if has(t, s, 1) {
				t.Errorf("what failed has happened after all")
			}
			if after := crashed(t, s); has(t, after, 1) || !has(t, after, 3) {
				t.Errorf("after a crash, what failed has happened, or what did not has not")
			}
		})
	}
}

// TestDoubtIsReal shows what ErrInDoubt is for: a COMMIT whose flush failed, which nobody can see, is found complete in the log by
// whoever opens the files after a crash. Were it reported as not committed, that would be untrue.
func TestDoubtIsReal(t *testing.T) {
	t.Parallel()
	s, d := onDisk(t)
	d.breakDown(0, 0, -1)
	if err := change(t, s, "a", bookMany(1, 1)); !errors.Is(err, store.ErrInDoubt) {
		t.Errorf("got error %v, want it in doubt", err)
	}
	if has(t, s, 1) {
		t.Errorf("the booking can be read")
	}
	if !has(t, crashed(t, s), 1) {
		t.Errorf("the log does not hold the booking: there is no doubt, and nothing to test")
	}
	d.repair()
	must(t, change(t, s, "b", bookMany(1, 1)))
	if has(t, crashed(t, s), 1) {
		t.Errorf("the doubt was not settled by the next transaction")
	}
}

// TestReadFaults: what cannot be read is unavailable, to readers and to transactions, until it can be read again.
func TestReadFaults(t *testing.T) {
	t.Parallel()
	s, d := onDisk(t)
	must(t, change(t, s, "a", bookMany(0, 100)))
	must(t, s.Close())
	s = openAt(t, Config{Path: s.path, vfs: watched()}) // with nothing in memory
	d.breakReads()
	for range 2 * maxReaders() {
		if _, err := s.Load(t.Context(), "a", storetest.Morning); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("load: got error %v, want it unavailable", err)
		}
	}
	for range 2 {
		if err := change(t, s, "a", bookMany(200, 1)); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("book: got error %v, want it unavailable", err)
		}
	}
	d.repair()
	must(t, change(t, s, "a", bookMany(200, 1)))
	if !has(t, s, 0) || !has(t, s, 200) {
		t.Errorf("a booking is gone")
	}
}

// TestReadOnly: a connection that may not write any more is replaced.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	_, err := s.writer.conn.exec(t.Context(), "PRAGMA query_only = 1")
	must(t, err)
	if err := change(t, s, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want it unavailable", err)
	}
	must(t, change(t, s, "a", bookMany(1, 1)))
}

// TestForeignLock: another program holds the database's write lock.
func TestForeignLock(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	other, err := source{path: s.path}.openWriter(t.Context())
	must(t, err)
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	need := store.Need{Venue: "a"}
	book := func(d *storetest.Draft) error { bookMany(1, 1)(d); return nil }
	if err := storetest.TryChange(ctx, s, need, book); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want that of the context", err)
	}
	must(t, tx.Rollback())
	must(t, change(t, s, "a", bookMany(1, 1)))
}
