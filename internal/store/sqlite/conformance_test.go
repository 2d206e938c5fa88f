package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) { storetest.Run(t, harness) }

var harness = storetest.Harness{
	Open: func(t testing.TB, clock func() time.Time) store.Store {
		return openAt(t, Config{Path: filepath.Join(t.TempDir(), "vacancy.db"), Now: clock})
	},
	Reopen: func(t testing.TB, s store.Store, clock func() time.Time) store.Store {
		t.Helper()
		path := s.(*Store).path
		if err := s.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		return openAt(t, Config{Path: path, Now: clock})
	},
}

// openAt opens a store that is closed with the test.
func openAt(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestMutantsAreNoticed(t *testing.T) { storetest.RunMutants(t, harness) }
