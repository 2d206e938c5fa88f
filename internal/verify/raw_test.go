package verify_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/store/sqlite"
	"vacancy/internal/verify"
)

// TestDamagedFile damages a database file behind the server's back, one table after the other: what the store shows an inspector is
// what is in the file, and not what it remembers.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	s := history(t)
	s.Close()
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	file := must[[]byte](t)(os.ReadFile(s.path))
	for _, tt := range []struct{ statement, want string }{
		{`UPDATE venues SET name = 'Another' WHERE id = 'barber'`, "its settings: what is stored is not what change 1 says: name"},
		{`UPDATE venues SET revision = revision + 1 WHERE id = 'barber'`, "but its changes end with"},
		{`UPDATE resources SET capacity = 100 WHERE venue = 'barber' AND id = 'hall'`, "resource hall: what is stored is not"},
		{`UPDATE services SET duration = 5 WHERE venue = 'barber' AND id = 'cut'`, "service cut: what is stored is not"},
		{`UPDATE touched SET revision = 1 WHERE venue = 'barber' AND resource = 'hall'`, "resource hall: it says that change 1 touched it last"},
		{`UPDATE bookings SET status = 'confirmed' WHERE venue = 'barber' AND status = 'cancelled'`, `its history left it "cancelled"`},
		{`UPDATE bookings SET party_size = 2 WHERE venue = 'barber' AND service = 'cut'`, "it is for a party of 2, and its history has 1"},
		{`UPDATE claims SET active = 1 WHERE venue = 'barber'`, "and its claims still take room"},
		{`UPDATE claims SET active = 0 WHERE venue = 'barber'`, "and its claims take no room"},
		{`UPDATE claims SET units = 2 WHERE venue = 'barber' AND resource = 'chair-1'`, "its bookings take 2 units between"},
		{`DELETE FROM claims WHERE venue = 'barber' AND resource = 'hall'`, "its claims are not those that its history took"},
		{`DELETE FROM bookings WHERE venue = 'barber' AND service = 'class'`, "changes made it, but it is not stored"},
		{`DELETE FROM changes WHERE venue = 'barber' AND revision = 9`, "change 9 is missing"},
		{`UPDATE changes SET batch = 'b' WHERE venue = 'barber' AND revision IN (8, 9)`, "one transaction happened twice"},
		{`UPDATE changes SET entries = '[]' WHERE venue = 'barber' AND revision = 9`, "no change made it"},
		{`UPDATE answers SET revision = 1000 WHERE venue = 'barber'`, "it is of change 1000"},
		{`UPDATE answers SET revision = 0 WHERE venue = 'barber'`, ""}, // as older versions left them
	} {
		t.Run(tt.statement, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "copy.db")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			execute(t, path, tt.statement)
			damaged := must[*sqlite.ReadOnly](t)(sqlite.OpenReadOnly(t.Context(), path))
			t.Cleanup(func() { _ = damaged.Close() })
			report := must[verify.Report](t)(verify.Verify(t.Context(), damaged, verify.Options{Now: s.clock.Now()}))
			if tt.want == "" {
				clean(t, report)
			} else if !slices.ContainsFunc(report.Problems, func(problem string) bool { return strings.Contains(problem, tt.want) }) {
				t.Errorf("the report does not say %q:\n%s", tt.want, report)
			}
		})
	}
}

// execute runs a statement on a file, whatever its rules are. The driver is the store's own.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(0)&_pragma=ignore_check_constraints(1)"))
	result := must[sql.Result](t)(db.Exec(statement))
	if n := must[int64](t)(result.RowsAffected()); n == 0 {
		t.Errorf("the statement changed nothing")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
