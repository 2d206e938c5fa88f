package sqlite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
)

// closedFile is a database that a server has used and closed.
func closedFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// alter changes a file by a connection of its own.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := source{path: path}.openWriter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is wrong with a file is told as a fact, and nothing is put beside it or changed.
func TestFacts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault func(t *testing.T, path string)
		// err is what the error says; empty: there is none.
		err   string
		check func(facts.Facts) bool
	}{
		"sound": {
			fault: func(*testing.T, string) {},
			check: func(f facts.Facts) bool {
				return f.SQLite.Exists && f.SQLite.Fault == "" && f.SQLite.JournalMode == "wal" && f.SQLite.Mode == 0o600 && f.SQLite.Names == 1 &&
					f.SQLite.FileBytes > 0 && f.OutboxPause == nil && f.Schema.Version == f.Schema.Known && f.Schema.Fault == "" &&
					f.HasKey != nil && !*f.HasKey
			},
		},
		"missing": {
			fault: func(t *testing.T, path string) { must(t, os.Remove(path)) },
			err:   "no such file",
			check: func(f facts.Facts) bool { return !f.SQLite.Exists && !f.SQLite.LogWithoutFile && f.Schema == nil },
		},
		"a log alone": {
			fault: func(t *testing.T, path string) { must(t, os.Rename(path, path+"-wal")) },
			err:   "no such file",
			check: func(f facts.Facts) bool { return f.SQLite.LogWithoutFile },
		},
		"no database": {
			fault: func(t *testing.T, path string) {
				must(t, os.WriteFile(path, []byte(strings.Repeat("text ", 1000)), 0o644))
			},
			err:   "not a database",
			check: func(f facts.Facts) bool { return f.SQLite.Exists && f.SQLite.Fault != "" },
		},
		"another program's": {
			fault: func(t *testing.T, path string) { alter(t, path, "PRAGMA application_id = 1") },
			err:   "another program",
			check: func(f facts.Facts) bool { return strings.Contains(f.SQLite.Fault, "another program") },
		},
		"not by a log": {
			fault: func(t *testing.T, path string) { alter(t, path, "PRAGMA journal_mode = DELETE") },
			check: func(f facts.Facts) bool { return f.SQLite.JournalMode == "delete" },
		},
		"a newer schema": {
			fault: func(t *testing.T, path string) {
				alter(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)",
					"INSERT INTO schema_levels (version, level) VALUES (999, 99)")
			},
			check: func(f facts.Facts) bool {
				return f.Schema.Version == 999 && strings.Contains(f.Schema.Fault, "level 99")
			},
		},
		"a schema without its index": {
			fault: func(t *testing.T, path string) { alter(t, path, "DROP INDEX bookings_due") },
			check: func(f facts.Facts) bool { return strings.Contains(f.Schema.Fault, "bookings_due") },
		},
		"a paused outbox": {
			fault: func(t *testing.T, path string) {
				_, err := SwitchOutbox(t.Context(), path, true, time.Now(), "ann", "a test")
				must(t, err)
			},
			check: func(f facts.Facts) bool {
				return f.OutboxPause != nil && *f.OutboxPause == (facts.OutboxPause{By: "ann", Reason: "a test"})
			},
		},
		"a resumed outbox": {
			fault: func(t *testing.T, path string) {
				for _, paused := range []bool{true, false} {
					_, err := SwitchOutbox(t.Context(), path, paused, time.Now(), "ann", "a test")
					must(t, err)
				}
			},
			check: func(f facts.Facts) bool { return f.OutboxPause == nil && f.HasKey != nil },
		},
		"an older schema without an outbox": {
			fault: func(t *testing.T, path string) {
				alter(t, path, "DROP TABLE outbox_log", "DELETE FROM goose_db_version WHERE version_id > 1")
			},
			check: func(f facts.Facts) bool { return f.OutboxPause == nil && f.HasKey != nil },
		},
		"noted damage": {
			fault: func(t *testing.T, path string) {
				must(t, os.WriteFile(path+".damaged", []byte("row 7 missing\n"), 0o600))
			},
			check: func(f facts.Facts) bool { return f.SQLite.DamageNoted == "row 7 missing" },
		},
		"two names": {
			fault: func(t *testing.T, path string) { must(t, os.Link(path, path+".other")) },
			check: func(f facts.Facts) bool { return f.SQLite.Names == 2 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := closedFile(t)
			c.fault(t, path)
			before := listing(t, path)
			var found facts.Facts
			err := FactCollector{Path: path}.Collect(t.Context(), &found)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("it ends with %v, want %q", err, c.err)
			}
			if !c.check(found) {
				t.Errorf("it finds %+v, schema %+v", found.SQLite, found.Schema)
			}
			if after := listing(t, path); !slices.Equal(after, before) {
				t.Errorf("the directory held %q, and holds %q", before, after)
			}
		})
	}
}

// A file that is in use is looked at, and its server goes on.
func TestFactsWhileInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := Open(t.Context(), Config{Path: path})
	must(t, err)
	defer s.Close()
	var found facts.Facts
	err = FactCollector{Path: path}.Collect(t.Context(), &found)
	if err != nil || found.SQLite.JournalMode != "wal" || found.HasKey == nil {
		t.Errorf("it finds %+v, error %v", found.SQLite, err)
	}
	if _, err := s.Now(t.Context()); err != nil {
		t.Error(err)
	}
}

// listing is what is in the directory of a file, with sizes and times.
func listing(t *testing.T, path string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		must(t, err)
		all = append(all, entry.Name()+" "+info.ModTime().String()+" "+info.Mode().String())
	}
	return all
}
