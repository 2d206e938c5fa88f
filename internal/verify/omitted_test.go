package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/verify"
)

// editedByOlder is the file of a venue whose service and resource were put with all settings, and then again under another name: the
// statement makes these last entries what another program has written. There are enough changes behind to delete all of them.
func editedByOlder(t *testing.T, statement string) *shop {
	t.Helper()
	s := newShop(t)
	s.furnish("barber")
	cut := service("barber", "cut", booking.Requirement{AnyOf: []booking.ResourceID{"chair-1"}, Units: 1})
	chair := resource("barber", "chair-1", 1)
	cut.Order, cut.Limits, chair.Order = 7, booking.Limits{HoldsPerClient: 3}, 5
	for range 2 {
		must[desk.Saved[booking.Service]](t)(s.PutService(t.Context(), staff, cut, desk.Condition{}))
		must[desk.Saved[booking.Resource]](t)(s.PutResource(t.Context(), staff, chair, desk.Condition{}))
		cut.Name, chair.Name = "Another cut", "Another chair"
	}
	for range store.RetainedChanges {
		s.fence("barber")
	}
	s.Close()
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, must[[]byte](t)(os.ReadFile(s.path)), 0o600); err != nil {
		t.Fatal(err)
	}
	execute(t, path, statement)
	from := must[*sqlite.Store](t)(sqlite.Open(t.Context(), sqlite.Config{Path: path, Now: s.clock.Now}))
	t.Cleanup(func() { _ = from.Close() })
	return &shop{TB: t, store: from, clock: s.clock, path: path}
}

// TestEditByOlderProgram: an older program that edits a service leaves the columns alone that it does not know, and its entry does not name
// them; nor does that of the first program that knew them, where they have their defaults. The rows are what the history says, also behind
// a checkpoint. An entry that states other settings is noticed as ever.
func TestEditByOlderProgram(t *testing.T) {
	t.Parallel()
	const last = ` WHERE venue = 'barber' AND entries LIKE '%Another%'`
	for name, c := range map[string]struct{ statement, want string }{
		"omitted": {
			`UPDATE changes SET entries = json_remove(entries, '$[0].service.order', '$[0].service.limits', '$[0].resource.order')` + last,
			"",
		},
		"left out where it is the default": {
			`UPDATE changes SET entries = json_remove(entries, '$[0].service.order', '$[0].service.limits', '$[0].resource.order')` + last +
				`; UPDATE services SET sort_order = 0, limits = '{}'; UPDATE resources SET sort_order = 0`,
			"",
		},
		"stored otherwise, though the entry states it": {
			`UPDATE services SET sort_order = 0`, "service cut: what is stored is not what change 9 says: order",
		},
		"stored under another name, beside what the entry omits": {
			`UPDATE changes SET entries = json_remove(entries, '$[0].service.order')` + last + `; UPDATE services SET name = 'x' WHERE id = 'cut'`,
			"service cut: what is stored is not what change 9 says: name",
		},
		"another order of a service": {
			`UPDATE changes SET entries = json_replace(entries, '$[0].service.order', 0)` + last + ` AND entries LIKE '%service.put%'`,
			"service cut: what is stored is not what change 9 says: order",
		},
		"other limits": {
			`UPDATE changes SET entries = json_replace(entries, '$[0].service.limits', json('{}'))` + last + ` AND entries LIKE '%service.put%'`,
			"service cut: what is stored is not what change 9 says: limits",
		},
		"another order of a resource": {
			`UPDATE changes SET entries = json_replace(entries, '$[0].resource.order', 0)` + last + ` AND entries LIKE '%resource.put%'`,
			"resource chair-1: what is stored is not what change 10 says: order",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := editedByOlder(t, c.statement)
			check := func(when string, r verify.Report) {
				said := slices.ContainsFunc(r.Problems, func(p string) bool { return strings.Contains(p, c.want) })
				if c.want == "" && !r.Clean() || c.want != "" && !said {
					t.Errorf("%s:\n%s", when, r)
				}
			}
			check("with all changes", s.verify(s.store))
			s.clock.Advance(store.DefaultRetention.Changes + time.Hour)
			if n := must[int](t)(s.store.Trim(t.Context(), store.DefaultRetention, 10_000)); n != 10 {
				t.Errorf("%d changes were deleted, and 10 are the catalogue's", n)
			}
			check("behind a checkpoint", s.verify(s.store))
		})
	}
}
