package postgres

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// putTwoParts puts a service of level 2.
func putTwoParts(d *storetest.Draft) {
	s := storetest.SampleService("a", storetest.Colour, storetest.Chair2)
	s.Requires = append(s.Requires, booking.Requirement{AnyOf: []booking.ResourceID{storetest.Basin}, Units: 1})
	d.PutService(s)
}

// TestLevelIsRaisedWhenAllKnowIt: a setting of a higher level is refused while a node that is running is below it, and accepted once that
// node has stopped or is silent for long. A node that stays silent and goes on is stopped by the venue's level.
func TestLevelIsRaisedWhenAllKnowIt(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	clock := storetest.NewClock()
	newer := openAt(t, Config{URL: address, Level: 2, clock: clock.Now, heartbeat: time.Hour})
	older := openAt(t, Config{URL: address, Level: 1, clock: clock.Now, heartbeat: time.Hour})
	must(t, change(t, newer, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	await(t, newer, `SELECT count(*) = 2 FROM nodes`)
	for _, s := range []*Store{older, newer} {
		must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
	}
	for _, mode := range bothModes {
		s := openAt(t, Config{URL: address, Level: 2, Locking: mode, clock: clock.Now})
		if err := change(t, s, "a", putTwoParts); !errors.Is(err, booking.ErrNodesBehind) {
			t.Errorf("%s: while an older node lives: got error %v", mode, err)
		}
	}
	if revision := revisionOf(t, newer, "a"); revision != 3 {
		t.Errorf("what was refused raised the revision to %d", revision)
	}
	clock.Advance(liveFor + time.Second)
	must(t, change(t, newer, "a", putTwoParts))
	if err := change(t, older, "a", bookMany(1, 1)); !errors.Is(err, booking.ErrNeedsNewer) {
		t.Errorf("the older node writes: got error %v", err)
	}
	if _, err := older.Load(t.Context(), "a", storetest.Morning); err != nil {
		t.Errorf("the older node reads: %v", err)
	}
	must(t, change(t, newer, "a", bookMany(1, 1)))
	must(t, older.Close())
	await(t, newer, `SELECT count(*) = 1 FROM nodes`)
}

// TestNodesThatAreGone: the row of a node that stops without a word stays for a day, and goes then. Those of nodes that live stay.
func TestNodesThatAreGone(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address, clock: clock.Now, heartbeat: time.Hour})
	silent := openAt(t, Config{URL: address, clock: clock.Now, heartbeat: time.Hour})
	await(t, s, `SELECT count(*) = 2 FROM nodes`)
	rowsAfter := func(advance time.Duration, want int) {
		t.Helper()
		clock.Advance(advance)
		must(t, s.prove(t.Context(), termOf(s))) // it lives, and the other does not beat
		_, err := s.Trim(t.Context(), store.Retention{}, 100)
		must(t, err)
		await(t, s, `SELECT count(*) = $1 AND bool_or(id = $2) FROM nodes`, want, s.node.id)
	}
	rowsAfter(nodeRetention, 2)
	rowsAfter(time.Microsecond, 1)
	must(t, silent.prove(t.Context(), termOf(silent)))
	rowsAfter(time.Hour, 2)
}

// TestOlderProgramComesBack opens a schema that a newer program has migrated. What each migration asks of a program decides.
func TestOlderProgramComesBack(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	execute(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (8888, true), (9999, true)`,
		`ALTER TABLE venues ADD COLUMN mood text`)
	for _, c := range []struct{ levels, refusal string }{
		{`SELECT`, "not recorded"},
		{`INSERT INTO schema_levels VALUES (9999, 1)`, "not recorded"}, // what 8888 asks for is not known
		{`INSERT INTO schema_levels VALUES (8888, 2)`, "only programs of level 2"},
		{`UPDATE schema_levels SET level = 1 WHERE version = 8888`, ""},
	} {
		execute(t, s, c.levels)
		for _, readOnly := range []bool{false, true} {
			again, err := Open(t.Context(), Config{URL: address, ReadOnly: readOnly, heartbeat: -1})
			if c.refusal != "" {
				wantError(t, err, "version 9999", c.refusal)
				continue
			}
			must(t, err)
			if !readOnly {
				must(t, change(t, again, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
			}
			must(t, again.Close())
		}
	}
}

// TestLevelsOfABrokenStart: a node migrated the schema and died before it recorded the levels. The next one that starts records them, on a
// schema that a newer one has migrated meanwhile too; who only looks does not, and looks all the same.
func TestLevelsOfABrokenStart(t *testing.T) {
	t.Parallel()
	folder, err := migrationFiles()
	must(t, err)
	all, err := store.Migrations(folder)
	must(t, err)
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	for _, broken := range []string{
		`DELETE FROM schema_levels`,
		`DELETE FROM schema_levels WHERE version = (SELECT max(version) FROM schema_levels)`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true); DELETE FROM schema_levels;
			INSERT INTO schema_levels VALUES (9999, 1)`,
	} {
		execute(t, s, broken)
		looking, err := Open(t.Context(), Config{URL: address, ReadOnly: true})
		must(t, err)
		must(t, looking.Close())
		await(t, s, `SELECT count(*) < $1 FROM schema_levels WHERE version < 9999`, len(all))
		again, err := Open(t.Context(), Config{URL: address, heartbeat: -1})
		must(t, err)
		must(t, again.Close())
		for _, m := range all {
			await(t, s, `SELECT count(*) = 1 FROM schema_levels WHERE version = $1 AND level = $2`, m.Version, int(m.Level))
		}
	}
}

// TestSchemaLacks opens databases that say they have the schema, and do not: the start says what is missing.
func TestSchemaLacks(t *testing.T) {
	t.Parallel()
	for statement, lacks := range map[string]string{
		`ALTER TABLE bookings DROP COLUMN extensions`: "column bookings.extensions",
		`DROP TABLE touched`:                          "table touched",
		`DROP INDEX claims_active`:                    "index claims_active",
	} {
		address := postgrestest.Shared(t).Schema(t)
		s := openAt(t, Config{URL: address})
		execute(t, s, statement)
		for _, readOnly := range []bool{false, true} {
			_, err := Open(t.Context(), Config{URL: address, ReadOnly: readOnly})
			wantError(t, err, "lacks ", lacks)
		}
	}
}

// TestNeededIsWhatThereIs compares what the start asks for with what the migrations make, so that nothing is forgotten on either side.
func TestNeededIsWhatThereIs(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	conn, err := s.connect(t.Context())
	must(t, err)
	defer hangUp(conn)
	found, err := readSchema(t.Context(), conn)
	must(t, err)
	found.Indexes = slices.DeleteFunc(found.Indexes, func(name string) bool { return len(found.Tables[name]) > 0 })
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

var _ store.Store = (*Store)(nil)

// TestIndexesAreBuiltBesideWriters reads the migrations that run while the version before writes: a plain CREATE INDEX holds every write up
// until it is done, and a plain DROP INDEX every read too. CONCURRENTLY is not allowed in a transaction. Nobody writes to a table that the
// same migration makes, so an index of it may be plain. The migrations up to lastPlain were shipped before this was asked of them, and stay
// as they are.
func TestIndexesAreBuiltBesideWriters(t *testing.T) {
	t.Parallel()
	folder, err := migrationFiles()
	must(t, err)
	all, err := store.Migrations(folder)
	must(t, err)
	const lastPlain = 6
	indexes := regexp.MustCompile(`(?i)\b(CREATE|DROP)( UNIQUE)? INDEX( CONCURRENTLY)?(?: \w+ ON (\w+))?`)
	found := 0
	for _, m := range all {
		if m.Version <= lastPlain {
			continue
		}
		text, err := fs.ReadFile(folder, m.Name)
		must(t, err)
		for _, match := range indexes.FindAllStringSubmatch(string(text), -1) {
			if match[4] != "" && strings.Contains(string(text), "CREATE TABLE "+match[4]+" (") {
				continue
			}
			if found++; match[3] == "" || !strings.HasPrefix(string(text), "-- +goose NO TRANSACTION\n") {
				t.Errorf("%s: %s: it is to be CONCURRENTLY, in a file without a transaction", m.Name, match[0])
			}
		}
	}
	if found == 0 {
		t.Error("no index was looked at")
	}
}

// TestNewerProgramTrims: what a newer program adds to a change would be lost where an older one moves it to the audit trail. So that one
// deletes nothing.
func TestNewerProgramTrims(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), clock: clock.Now})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	ended := storetest.SampleBooking("a", 1, storetest.Slot, storetest.Chair1)
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.Book(ended) }))
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.Move(ended, booking.Expired) }))
	clock.Advance(10 * store.DefaultRetention.Holds)
	execute(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	for _, want := range []int{0, 1} {
		deleted, err := s.Trim(t.Context(), store.DefaultRetention, 100)
		must(t, err)
		if deleted != want {
			t.Errorf("%d were deleted, want %d", deleted, want)
		}
		execute(t, s, `DELETE FROM goose_db_version WHERE version_id = 9999`)
	}
}
