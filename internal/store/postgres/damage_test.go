package postgres

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// TestSingleRowsAreGone: whoever looks at a database without the rows that say which one it is, finds them missing, and reads the rest.
func TestSingleRowsAreGone(t *testing.T) {
	t.Parallel()
	for table, want := range map[string][]string{
		"":         {"identity 1", "meta 1"},
		"identity": {"identity 0", "meta 1"},
		"meta":     {"identity 1", "meta 0"},
	} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.Shared(t).Schema(t)
			s := openAt(t, Config{URL: address})
			must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
			if table != "" {
				execute(t, s, `DELETE FROM `+table)
			}
			look := openAt(t, Config{URL: address, ReadOnly: true})
			var found []string
			must(t, look.Inspect(t.Context(), func(snapshot store.Snapshot) error {
				return snapshot.SingleRows(t.Context(), func(table string, rows int) error {
					found = append(found, fmt.Sprintf("%s %d", table, rows))
					return nil
				})
			}))
			if !slices.Equal(found, want) || venuesOf(t, look) != 1 {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}

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
