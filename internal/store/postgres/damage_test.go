package postgres

import (
	"errors"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
)

// TestDamage looks at rows that no store leaves: what can be shown is shown, and what cannot be is damage, after which the snapshot
// still serves.
func TestDamage(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	execute(t, s,
		`INSERT INTO venues VALUES ('a', 1, '', 'UTC', '', '', '[]', 1, false)`,
		`INSERT INTO resources VALUES ('a', 'r', '', 1, '{"hours":{}}', 1, false)`, // which nothing touched
		`INSERT INTO changes VALUES ('a', 1, 'b', now(), '[Ada'), ('z', 1, 'b', now(), '[]'), ('y', 1, 'b', now(), '[]')`,
		`INSERT INTO touched VALUES ('a', 'q', 1), ('z', 'r', 1), ('z', 'q', 1)`,
		`INSERT INTO claims VALUES ('z', 'b', 0, 'r', now(), now() + interval '1 h', 1, false)`,
	)
	must(t, s.Inspect(t.Context(), func(snapshot store.Snapshot) error {
		err := snapshot.Changes(t.Context(), "a", func(booking.Change) error { return nil })
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("a change that cannot be decoded: %v", err)
		}
		var orphans []string
		must(t, snapshot.Orphans(t.Context(), func(venue booking.VenueID, table string) error {
			orphans = append(orphans, table+" "+string(venue))
			return nil
		}))
		if want := []string{"changes y", "changes z", "claims z", "touched z"}; !slices.Equal(orphans, want) {
			t.Errorf("got the orphans %q, want %q", orphans, want)
		}
		return nil
	}))
	loaded, err := s.Load(t.Context(), "a", time.Time{})
	if err != nil || len(loaded.Resources) != 1 || loaded.Touched["r"] != 0 {
		t.Errorf("a resource that nothing touched: got %+v, %v", loaded.Resources, err)
	}
	execute(t, s, `UPDATE resources SET schedule = '['`)
	if _, err := s.Load(t.Context(), "a", time.Time{}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a schedule that cannot be decoded: %v", err)
	}
}
