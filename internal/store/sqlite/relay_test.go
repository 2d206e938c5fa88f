package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// TestFlushesOfTheRelay counts calls of fsync: none for the renewal of leases, but once in a while that the bus is in use, and one for the
// cursors of many venues. A bus that begins costs one.
func TestFlushesOfTheRelay(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	d := watch(t, path)
	s := openAt(t, Config{Path: path, Now: clock.Now, vfs: watched()})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	d.counted()
	flushes := func(what string, want int, f func() error) {
		t.Helper()
		must(t, f())
		if database, log := d.counted(); database != 0 || log != want {
			t.Errorf("%s: %d flushes of the database and %d of the log, want 0 and %d", what, database, log, want)
		}
	}
	renew := func() error {
		_, err := s.KeepLeases(t.Context(), store.Lease{Bus: "bus", Holder: "a", Duration: time.Hour})
		return err
	}
	revision := booking.Revision(0)
	move := func(n int) func() error {
		return func() error {
			revision++ // what is written anew as it is there is no write to SQLite
			cursors := make([]store.Cursor, n)
			for i := range cursors {
				cursors[i] = store.Cursor{Venue: booking.VenueID(fmt.Sprintf("v%d", i)), Epoch: s.epoch, Revision: revision}
			}
			lost, err := s.MoveCursors(t.Context(), "bus", "a", cursors)
			if len(lost) > 0 {
				t.Errorf("%d cursors are lost", len(lost))
			}
			return err
		}
	}
	flushes("a bus that begins", 1, func() error { return s.RegisterBus(t.Context(), "bus") })
	clock.Advance(time.Second)
	flushes("the first leases", 1, renew)
	flushes("renewals within a minute", 0, func() error {
		for range 59 {
			clock.Advance(time.Second)
			if err := renew(); err != nil {
				return err
			}
		}
		return nil
	})
	clock.Advance(time.Second)
	flushes("a renewal after a minute", 1, renew)
	flushes("one cursor", 1, move(1))
	flushes("as many cursors as one transaction takes", 1, move(cursorsPerTransaction))
	flushes("one more", 2, move(cursorsPerTransaction+1))
	flushes("none", 0, move(0))
	flushes("cursors of who has no lease", 0, func() error {
		_, err := s.MoveCursors(t.Context(), "bus", "b", []store.Cursor{{Venue: "a", Epoch: s.epoch, Revision: 1}})
		return err
	})
	flushes("what is read", 0, func() error {
		_, err1 := s.Unsent(t.Context(), "bus", "", 10)
		_, err2 := s.Cursors(t.Context(), "bus", []booking.VenueID{"a"})
		_, err3 := s.DurableChanges(t.Context(), "a", 0, 10)
		return errors.Join(err1, err2, err3)
	})
	flushes("a release", 0, func() error { return s.ReleaseLeases(t.Context(), "bus", "a") })
}

// TestLeasesEndWithTheProcess: whoever had leases is gone with the process that had the file, so the next one need not wait for them.
func TestLeasesEndWithTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	for _, holder := range []string{"before", "after"} {
		used(t, path, func(s *Store) {
			must(t, s.RegisterBus(t.Context(), "bus"))
			kept, err := s.KeepLeases(t.Context(), store.Lease{Bus: "bus", Holder: holder, Duration: time.Hour})
			if must(t, err); len(kept) != store.Shards {
				t.Errorf("%s: %d leases", holder, len(kept))
			}
		})
	}
}

// TestDamagedChange: the relay is given what is before a change that cannot be decoded, and told which one that is.
func TestDamagedChange(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	used(t, path, func(s *Store) {
		for range 4 {
			must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
		}
	})
	alter(t, path, `UPDATE changes SET entries = '[Ada' WHERE revision = 3`)
	used(t, path, func(s *Store) {
		for after, want := range []int{2, 1, 0, 1} {
			d, err := s.DurableChanges(t.Context(), "a", booking.Revision(after), 10)
			damaged := booking.Revision(3)
			if after == 3 {
				damaged = 0
			}
			if (damaged > 0) != errors.Is(err, store.ErrDamaged) || damaged == 0 && err != nil {
				t.Errorf("after %d: got error %v", after, err)
			}
			if len(d.Changes) != want || d.Damaged != damaged || d.Revision != 4 || d.Epoch != s.epoch {
				t.Errorf("after %d: got %d changes, damaged %d, revision %d", after, len(d.Changes), d.Damaged, d.Revision)
			}
		}
	})
}
