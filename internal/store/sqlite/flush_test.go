package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// onDisk opens a store on a watched disk, with venues a, b and c.
func onDisk(tb testing.TB) (*Store, *disk) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "vacancy.db")
	d := watch(tb, path)
	s := openAt(tb, Config{Path: path, Now: storetest.NewClock().Now, vfs: watched()})
	for _, venue := range []booking.VenueID{"a", "b", "c"} {
		must(tb, change(tb, s, venue, (*storetest.Draft).PutCatalogue))
	}
	return s, d
}

func change(tb testing.TB, s *Store, venue booking.VenueID, edit func(*storetest.Draft)) error {
	tb.Helper()
	return storetest.TryChange(tb.Context(), s, store.Need{Venue: venue, Known: 1 << 62}, func(d *storetest.Draft) error {
		edit(d)
		return nil
	})
}

// bookMany makes n bookings, the first of them numbered from.
func bookMany(from, n int) func(*storetest.Draft) {
	return func(d *storetest.Draft) {
		for i := range n {
			d.Book(storetest.SampleBooking(d.Change.Venue, from+i, storetest.Slot, storetest.Chair1))
			d.Answers = append(d.Answers, storetest.SampleAnswer(from+i, d.Found.Now))
		}
	}
}

// TestOneFlush counts calls of fsync: one for a transaction, however much it writes.
func TestOneFlush(t *testing.T) {
	t.Parallel()
	s, d := onDisk(t)
	flushes := func(what string, wantLog int) {
		t.Helper()
		if database, log := d.counted(); database != 0 || log != wantLog {
			t.Errorf("%s: %d flushes of the database and %d of the log, want 0 and %d", what, database, log, wantLog)
		}
	}
	d.counted()
	must(t, change(t, s, "a", bookMany(0, 1)))
	flushes("one booking", 1)
	must(t, change(t, s, "a", bookMany(1, 256)))
	flushes("256 bookings with answers", 1)
	needs := []store.Need{{Venue: "a"}, {Venue: "b"}, {Venue: "c"}}
	must(t, s.Update(t.Context(), needs, func(found []store.Found) (writes []store.Write, err error) {
		for i, f := range found {
			d := storetest.NewDraft(needs[i].Venue, f)
			bookMany(1000, 64)(d)
			writes = append(writes, d.Decided())
		}
		return writes, nil
	}))
	flushes("64 bookings in each of three venues", 1)
	for n := range 10 {
		must(t, change(t, s, "b", bookMany(n, 1)))
	}
	flushes("ten bookings one by one", 10)

	must(t, change(t, s, "a", func(*storetest.Draft) {}))
	flushes("a transaction that changes nothing", 0)
	if err := change(t, s, "a", bookMany(0, 64)); !errors.Is(err, store.ErrRejected) {
		t.Errorf("bookings that exist: %v", err)
	}
	flushes("a transaction that is rejected", 0)
	_, err := s.SweepAnswers(t.Context(), 100)
	must(t, err)
	flushes("a sweep of nothing", 0)
	_, err = s.Load(t.Context(), "a", storetest.Morning)
	must(t, err)
	flushes("a load", 0)
}

// TestPages counts the pages that a commit writes: not one for each random key of an answer, nor one for each venue in each table.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ venues, perVenue, most int }{
		{1, 64, 70},  // 54 as measured; 140 with an index over the keys
		{64, 1, 330}, // 260; 520 with keys of bookings and claims that begin with the venue, and an index over the keys of answers
	} {
		s := openAt(t, Config{Path: filepath.Join(t.TempDir(), "vacancy.db")})
		needs := make([]store.Need, c.venues)
		for i := range needs {
			needs[i].Venue = booking.VenueID(fmt.Sprintf("venue-%03d", i))
			must(t, change(t, s, needs[i].Venue, (*storetest.Draft).PutCatalogue))
		}
		n := 0
		for n < 10_000 {
			must(t, benchBook(t.Context(), s, needs, 640/c.venues, true, &n))
		}
		must(t, s.writer.conn.emptyLog(t.Context()))
		must(t, benchBook(t.Context(), s, needs, c.perVenue, true, &n))
		log, err := os.Stat(s.path + "-wal")
		must(t, err)
		if pages := log.Size() / 4096; pages > int64(c.most) {
			t.Errorf("%d bookings in each of %d venues wrote %d pages, want at most %d", c.perVenue, c.venues, pages, c.most)
		}
	}
}
