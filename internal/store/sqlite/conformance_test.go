package sqlite

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, harness)
}

func TestMutantsAreNoticed(t *testing.T) {
	t.Parallel()
	storetest.RunMutants(t, harness)
}

var harness = storetest.Harness{
	Open: func(tb testing.TB, clock func() time.Time) store.Store {
		tb.Helper()
		path := filepath.Join(tb.TempDir(), "vacancy.db")
		must(tb, os.WriteFile(path, migrated(tb), 0o600))
		return openAt(tb, Config{Path: path, Now: clock})
	},
	Reopen: func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store {
		tb.Helper()
		must(tb, s.Close())
		return openAt(tb, Config{Path: s.(*Store).path, Now: clock, Level: level}) //nolint:errcheck // there is no other kind
	},
}

// template is a database in the current schema that was never opened: it has no epoch yet. Copies of it spare the suite's many
// stores the work of migration, which other tests do.
var template struct {
	once sync.Once
	data []byte
}

func migrated(tb testing.TB) []byte {
	tb.Helper()
	template.once.Do(func() {
		path := filepath.Join(tb.TempDir(), "template.db")
		db, err := source{path: path}.openWriter(tb.Context())
		must(tb, err)
		must(tb, prepareFile(tb.Context(), db, booking.CurrentLevel))
		must(tb, db.Close())
		template.data, err = os.ReadFile(path)
		must(tb, err)
	})
	return template.data
}

// openAt opens a store that is closed with the test.
func openAt(tb testing.TB, cfg Config) *Store {
	tb.Helper()
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
