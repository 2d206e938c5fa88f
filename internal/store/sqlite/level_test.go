package sqlite

import (
	"errors"
	"path/filepath"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// TestOlderProgramComesBack opens a schema that a newer program has migrated. What each migration asks of a program decides.
func TestOlderProgramComesBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	must(t, openAndClose(path))
	must(t, execute(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (8888, 1), (9999, 1);
		ALTER TABLE venues ADD COLUMN mood TEXT`)(path))
	for _, c := range []struct{ levels, refusal string }{
		{`SELECT 1`, "not recorded"},
		{`INSERT INTO schema_levels VALUES (9999, 1)`, "not recorded"}, // what 8888 asks for is not known
		{`INSERT INTO schema_levels VALUES (8888, 2)`, "only programs of level 2"},
		{`UPDATE schema_levels SET level = 1 WHERE version = 8888`, ""},
	} {
		must(t, execute(c.levels)(path))
		s, err := Open(t.Context(), Config{Path: path})
		looking, lookErr := OpenReadOnly(t.Context(), path)
		if c.refusal != "" {
			wantError(t, err, "version 9999", c.refusal)
			wantError(t, lookErr, "version 9999", c.refusal)
			continue
		}
		must(t, errors.Join(err, lookErr))
		must(t, storetest.TryChange(t.Context(), s, store.Need{Venue: "a"}, func(d *storetest.Draft) error { d.PutCatalogue(); return nil }))
		must(t, errors.Join(looking.Close(), s.Close()))
	}
}

// TestLevelsOfABrokenStart: a program migrated the schema and died before it recorded the levels. The next start records them.
func TestLevelsOfABrokenStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	must(t, openAndClose(path))
	must(t, execute(`DELETE FROM schema_levels`)(path))
	must(t, openAndClose(path))
	folder, err := migrationFiles()
	must(t, err)
	all, err := store.Migrations(folder)
	must(t, err)
	db, err := source{path: path}.openReader(t.Context())
	must(t, err)
	defer db.Close()
	for _, m := range all {
		var level int
		must(t, db.QueryRowContext(t.Context(), `SELECT level FROM schema_levels WHERE version = ?`, m.Version).Scan(&level))
		if level != int(m.Level) {
			t.Errorf("version %d is recorded with level %d, and says %d", m.Version, level, m.Level)
		}
	}
}

// TestSchemaLacks opens files that say they have the schema, and do not: the start says what is missing.
func TestSchemaLacks(t *testing.T) {
	t.Parallel()
	for statement, lacks := range map[string]string{
		`ALTER TABLE bookings DROP COLUMN extensions`: "column bookings.extensions",
		`DROP TABLE touched`:                          "table touched",
		`DROP INDEX claims_active`:                    "index claims_active",
	} {
		path := filepath.Join(t.TempDir(), "vacancy.db")
		must(t, openAndClose(path))
		must(t, execute(statement)(path))
		_, err := Open(t.Context(), Config{Path: path})
		wantError(t, err, "lacks ", lacks)
		_, err = OpenReadOnly(t.Context(), path)
		wantError(t, err, "lacks ", lacks)
	}
}

// TestNeededIsWhatThereIs compares what the start asks for with what the migrations make, so that nothing is forgotten on either side.
func TestNeededIsWhatThereIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	must(t, openAndClose(path))
	db, err := source{path: path}.openReader(t.Context())
	must(t, err)
	defer db.Close()
	found, err := readSchema(t.Context(), db)
	must(t, err)
	if err := errors.Join(needed.Missing(found), found.Missing(needed)); err != nil {
		t.Error(err)
	}
}

func TestShippedMigrationsStay(t *testing.T) {
	t.Parallel()
	folder, err := migrationFiles()
	must(t, err)
	storetest.ShippedMigrations(t, folder, "testdata/shipped-migrations.sha256")
}

// TestNewerProgramTrims: what a newer program adds to a change would be lost where an older one moves it to the audit trail. So that one
// deletes nothing.
func TestNewerProgramTrims(t *testing.T) {
	t.Parallel()
	path, clock := filepath.Join(t.TempDir(), "vacancy.db"), storetest.NewClock()
	ended := storetest.SampleBooking("a", 1, storetest.Slot, storetest.Chair1)
	for _, edit := range []func(*storetest.Draft){
		func(d *storetest.Draft) { d.PutCatalogue(); d.Book(ended) },
		func(d *storetest.Draft) { d.Move(ended, booking.Expired) },
	} {
		s := openAt(t, Config{Path: path, Now: clock.Now})
		must(t, storetest.TryChange(t.Context(), s, store.Need{Venue: "a"}, func(d *storetest.Draft) error { edit(d); return nil }))
		must(t, s.Close())
	}
	clock.Advance(10 * store.DefaultRetention.Holds)
	for _, c := range []struct {
		statement string
		want      int
	}{
		{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1); INSERT INTO schema_levels VALUES (9999, 1)`, 0},
		{`DELETE FROM goose_db_version WHERE version_id = 9999`, 1},
	} {
		must(t, execute(c.statement)(path))
		s := openAt(t, Config{Path: path, Now: clock.Now})
		deleted, err := s.Trim(t.Context(), store.DefaultRetention, 100)
		must(t, err)
		if deleted != c.want {
			t.Errorf("%d were deleted, want %d", deleted, c.want)
		}
		must(t, s.Close())
	}
}
