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
	s, file := fileOf(t)
	for _, tt := range []struct{ statement, want string }{
		{`UPDATE venues SET name = 'Another' WHERE id = 'barber'`, "its settings: what is stored is not what change 1 says: name"},
		{`UPDATE venues SET revision = revision + 1 WHERE id = 'barber'`, "but its changes end with"},
		{`UPDATE resources SET capacity = 100 WHERE venue = 'barber' AND id = 'hall'`, "resource hall: what is stored is not"},
		{`UPDATE services SET duration = 5 WHERE venue = 'barber' AND id = 'cut'`, "service cut: what is stored is not"},
		{`UPDATE touched SET revision = 1 WHERE venue = 'barber' AND resource = 'hall'`, "resource hall: it says that change 1 touched it last"},
		{`DELETE FROM touched WHERE venue = 'barber' AND resource = 'hall'`, "resource hall: it says that change 0 touched it last"},
		{`UPDATE bookings SET status = 'confirmed' WHERE venue = 'barber' AND status = 'cancelled'`, `its history left it "cancelled"`},
		{`UPDATE bookings SET party_size = 2 WHERE venue = 'barber' AND service = 'cut'`, "it is for a party of 2, and its history has 1"},
		{`UPDATE claims SET active = 1 WHERE venue = 'barber'`, "and its claims still take room"},
		{`UPDATE claims SET active = 0 WHERE venue = 'barber'`, "and its claims take no room"},
		{`UPDATE claims SET units = 2 WHERE venue = 'barber' AND resource = 'chair-1'`, "its bookings take 2 units between"},
		{`DELETE FROM claims WHERE venue = 'barber' AND resource = 'hall'`, "its claims are not those that its history took"},
		{`DELETE FROM bookings WHERE venue = 'barber' AND service = 'class'`, "changes made it, but it is not stored"},
		{`UPDATE bookings SET wall_start = '2026-11-26T09:15:00' WHERE venue = 'barber' AND service = 'cut'`, "its wall time is 2026-11-26T"},
		{`UPDATE bookings SET wall_start = '' WHERE venue = 'barber' AND service = 'cut'`, "its wall time is none"},
		{`DELETE FROM meta`, "the table meta has 0 rows, and must have one"},
		{`DELETE FROM changes WHERE venue = 'barber' AND revision = 9`, "change 9 is missing"},
		{`UPDATE changes SET batch = 'b' WHERE venue = 'barber' AND revision IN (8, 9)`, "one transaction happened twice"},
		{`UPDATE changes SET entries = '[]' WHERE venue = 'barber' AND revision = 9`, "no change made it"},
		{`UPDATE answers SET revision = 1000 WHERE venue = 'barber'`, "it is of change 1000"},
		{`UPDATE answers SET revision = 0 WHERE venue = 'barber'`, ""}, // as older versions left them
	} {
		t.Run(tt.statement, func(t *testing.T) {
			t.Parallel()
			report := damaged(t, s, file, tt.statement)
			if tt.want == "" {
				clean(t, report)
			} else if !slices.ContainsFunc(report.Problems, func(problem string) bool { return strings.Contains(problem, tt.want) }) {
				t.Errorf("the report does not say %q:\n%s", tt.want, report)
			}
		})
	}
}

// fileOf is a history, and the database file in which it is.
func fileOf(t *testing.T) (s *shop, file []byte) {
	t.Helper()
	s = history(t)
	s.Close()
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	return s, must[[]byte](t)(os.ReadFile(s.path))
}

// damaged is the report of a copy of a file, on which a statement was run.
func damaged(t *testing.T, s *shop, file []byte, statement string) verify.Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	execute(t, path, statement)
	from := must[*sqlite.ReadOnly](t)(sqlite.OpenReadOnly(t.Context(), path))
	t.Cleanup(func() { _ = from.Close() })
	return must[verify.Report](t)(verify.Verify(t.Context(), from, verify.Options{Now: s.clock.Now()}))
}

// TestVenueWithoutRow finds what is left of a venue in each table.
func TestVenueWithoutRow(t *testing.T) {
	t.Parallel()
	s, file := fileOf(t)
	report := damaged(t, s, file, `DELETE FROM venues WHERE id = 'barber'`)
	var want []string
	for _, table := range []string{"answer_keys", "answers", "bookings", "changes", "claims", "resources", "services", "touched"} {
		want = append(want, "venue barber: the table "+table+" has rows of it, but there is no such venue")
	}
	if !slices.Equal(report.Problems, want) || report.Venues != 1 {
		t.Errorf("got the report\n%s", report)
	}
}

// TestUnreadableValues damages values so that they cannot be decoded: that is a problem like others, and as much as can be is checked.
func TestUnreadableValues(t *testing.T) {
	t.Parallel()
	s, file := fileOf(t)
	const unreadable = ": a stored value cannot be read"
	for _, tt := range []struct {
		statement, begins, ends string
		venues                  int
	}{
		{
			`UPDATE changes SET entries = '[{"kind": Ada' WHERE venue = 'barber' AND revision = 9`,
			"venue barber: change 9" + unreadable + ": invalid character 'A'", ": what is behind it was not checked", 2,
		},
		{
			`UPDATE changes SET entries = '["Ada Lovelace"]' WHERE venue = 'barber' AND revision = 9`,
			"venue barber: change 9" + unreadable + ": byte 15", ": what is behind it was not checked", 2,
		},
		{
			`UPDATE services SET requires = '[' WHERE venue = 'barber' AND id = 'cut'`,
			"requirements of service cut of venue barber" + unreadable, ": the rest was not checked", 0,
		},
		{
			`UPDATE resources SET schedule = replace(schedule, '09:00', 'Ada Lovelace') WHERE venue = 'barber' AND id = 'hall'`,
			"schedule of resource hall of venue barber" + unreadable, ": the rest was not checked", 0,
		},
		{
			`UPDATE venues SET allowed_origins = '{' WHERE id = 'barber'`,
			"allowed origins of venue barber" + unreadable, ": the rest was not checked", 0,
		},
	} {
		t.Run(tt.statement, func(t *testing.T) {
			t.Parallel()
			report := damaged(t, s, file, tt.statement)
			if len(report.Problems) != 1 || report.Venues != tt.venues {
				t.Fatalf("got the report\n%s", report)
			}
			problem := report.Problems[0]
			if !strings.HasPrefix(problem, tt.begins) || !strings.HasSuffix(problem, tt.ends) || strings.Contains(problem, "Lovelace") {
				t.Errorf("got the problem %q", problem)
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
