package postgres

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	for mode, suite := range map[LockingMode]func(*testing.T, storetest.Harness){
		Optimistic: storetest.RunVenues, Pessimistic: storetest.RunVenues, Adaptive: storetest.Run,
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			suite(t, harness(mode))
		})
	}
}

func TestMutantsAreNoticed(t *testing.T) {
	t.Parallel()
	storetest.RunMutants(t, harness(Adaptive))
}

// harness opens each store in a schema of its own. Its pool is small, since many stores are open at once.
func harness(mode LockingMode) storetest.Harness {
	return storetest.Harness{
		Open: func(tb testing.TB, clock func() time.Time) store.Store {
			tb.Helper()
			return openAt(tb, Config{URL: postgrestest.Shared(tb).Schema(tb), Locking: mode, Connections: 4, clock: clock})
		},
		Reopen: func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store {
			tb.Helper()
			must(tb, s.Close())
			cfg := s.(*Store).config //nolint:errcheck // there is no other kind
			cfg.clock, cfg.Level = clock, level
			return openAt(tb, cfg)
		},
	}
}

// openAt opens a store that is closed with the test.
func openAt(tb testing.TB, cfg Config) *Store {
	tb.Helper()
	if cfg.heartbeat == 0 {
		cfg.heartbeat = -1 // a test looks for its own commits, and counts connections
	}
	if cfg.probe == 0 {
		cfg.probe = -1
	}
	s, err := Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return s
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// execute runs statements on a connection of its own.
func execute(tb testing.TB, s *Store, statements ...string) {
	tb.Helper()
	conn, err := s.connect(tb.Context())
	must(tb, err)
	defer hangUp(conn)
	for _, text := range statements {
		_, err := conn.Exec(tb.Context(), text)
		must(tb, err)
	}
}

// change makes one change of a venue.
func change(tb testing.TB, s store.Store, venue booking.VenueID, edit func(*storetest.Draft)) error {
	tb.Helper()
	return storetest.TryChange(tb.Context(), s, store.Need{Venue: venue}, func(d *storetest.Draft) error {
		edit(d)
		return nil
	})
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

// bookMany makes n bookings, the first of them numbered from.
func bookMany(from, n int) func(*storetest.Draft) {
	return func(d *storetest.Draft) {
		for i := range n {
			d.Book(storetest.SampleBooking(d.Change.Venue, from+i, storetest.Slot, storetest.Chair1))
			d.Answers = append(d.Answers, storetest.SampleAnswer(from+i, d.Found.Now))
		}
	}
}
