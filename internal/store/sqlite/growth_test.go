package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// used is how many bytes of the file hold something: pages that are free are used again before the file grows.
func usedBytes(tb testing.TB, s *Store) (used, file int64) {
	tb.Helper()
	must(tb, s.read(tb.Context(), func(c *connection) error {
		return c.each(tb.Context(), func(rows *sql.Rows) error { return rows.Scan(&used, &file) }, `
			SELECT (page_count - freelist_count) * page_size, page_count * page_size
			FROM pragma_page_count, pragma_freelist_count, pragma_page_size`)
	}))
	return used, file
}

// rounds makes so many holds that are cancelled, each by two requests with idempotency keys.
func rounds(tb testing.TB, s *Store, clock *storetest.Clock, from, n int) {
	tb.Helper()
	for i := from; i < from+n; i++ {
		clock.Advance(time.Second)
		hold := storetest.SampleHold("a", i, storetest.Slot, clock.Now().Add(time.Hour), storetest.Chair1)
		hold.UpdatedAt = clock.Now()
		cancelled := hold
		cancelled.CancelledHold = true
		for step, edit := range []func(*storetest.Draft){
			func(d *storetest.Draft) { d.Book(hold) },
			func(d *storetest.Draft) { d.Move(cancelled, booking.Cancelled) },
		} {
			must(tb, storetest.TryChange(tb.Context(), s, store.Need{Venue: "a", Known: 1 << 62}, func(d *storetest.Draft) error {
				edit(d)
				d.Change.Batch = fmt.Sprint("batch-", i, "-", step)
				d.Answers = []booking.Answer{storetest.SampleAnswer(2*i+step, clock.Now())}
				return nil
			}))
		}
	}
}

// clean deletes all that is past its time.
func clean(tb testing.TB, s *Store, r store.Retention) {
	tb.Helper()
	for deleted := 1; deleted > 0; {
		n, err := s.SweepAnswers(tb.Context(), 1000)
		must(tb, err)
		m, err := s.Trim(tb.Context(), r, 1000)
		must(tb, err)
		deleted = n + m
	}
}

// TestFileDoesNotGrow makes holds and cancels them, day after day. What a day leaves goes with time, but for a line of who did what, and
// the next days take its place in the file. The control is a store that nobody cleans.
func TestFileDoesNotGrow(t *testing.T) {
	t.Parallel()
	const perDay, days = 60, 8
	r := store.Retention{Holds: 24 * time.Hour, Changes: 24 * time.Hour, Audit: 72 * time.Hour}
	grown := func(cleaned bool) int64 {
		clock := storetest.NewClock()
		s := openAt(t, Config{Path: filepath.Join(t.TempDir(), "vacancy.db"), Now: clock.Now})
		must(t, storetest.TryChange(t.Context(), s, store.Need{Venue: "a"}, func(d *storetest.Draft) error { d.PutCatalogue(); return nil }))
		var early int64
		for day := range days {
			rounds(t, s, clock, day*perDay, perDay)
			clock.Advance(25 * time.Hour)
			if cleaned {
				clean(t, s, r)
			}
			if day == days/2 { // by now the last changes and the audit trail are as many as they will be
				early, _ = usedBytes(t, s)
			}
		}
		late, file := usedBytes(t, s)
		t.Logf("cleaned %v: %d bytes a round in the second half, %d in the file", cleaned, (late-early)/(perDay*(days-1-days/2)), file)
		return late - early
	}
	if grown := grown(true); grown > 8*4096 {
		t.Errorf("a store that is cleaned grew by %d bytes", grown)
	}
	if grown := grown(false); grown < 32*4096 {
		t.Errorf("a store that nobody cleans grew by %d bytes only, so this proves nothing", grown)
	}
}
