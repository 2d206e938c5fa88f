package postgres

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// earlierVersion makes a schema of an earlier version, with a venue and bookings in it.
func earlierVersion(t *testing.T, address string, version int64) {
	t.Helper()
	c, err := newConnector(Config{URL: address})
	must(t, err)
	folder, err := migrationFiles()
	must(t, err)
	db := stdlib.OpenDB(*c.withoutTimeouts())
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder, goose.WithDisableGlobalRegistry(true))
	must(t, err)
	_, err = provider.UpTo(t.Context(), version)
	must(t, err)
	for _, statement := range []string{
		`INSERT INTO meta (history, created_at) VALUES ('the-first', now())`,
		`INSERT INTO venues (id, revision, name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived)
			VALUES ('a', 2, 'A', 'UTC', '', '', '[]', 1, false)`,
		`INSERT INTO changes VALUES ('a', 1, 'x', now(), '[]'), ('a', 2, 'y', now(), '[]')`,
		`INSERT INTO bookings (venue, id, service, status, start, "end", wall_start, party_size, expires_at, extensions, customer_name,
				customer_email, customer_phone, customer_note, token_hash, created_at, updated_at, revision)
			SELECT 'a', 'bk_' || n, 'cut', CASE WHEN n % 2 = 0 THEN 'confirmed' ELSE 'expired' END, now() + n * interval '1 h',
				now() + (n + 1) * interval '1 h', '', 1, NULL, 0, 'Ann', '', '', '', sha256(n::text::bytea), now(), 'now', 2
			FROM generate_series(1, 2000) n`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		must(t, err)
	}
}

// interruptIndex leaves an index behind as a program does that is stopped while it builds one CONCURRENTLY: the name is taken, and the
// index is not valid.
func interruptIndex(t *testing.T, address, create string) {
	t.Helper()
	other, err := pgx.Connect(t.Context(), address)
	must(t, err)
	defer hangUp(other)
	_, err = other.Exec(t.Context(), `BEGIN; LOCK TABLE bookings IN ROW EXCLUSIVE MODE`) // it is waited for
	must(t, err)
	conn, err := pgx.Connect(t.Context(), address)
	must(t, err)
	defer hangUp(conn)
	_, err = conn.Exec(t.Context(), `SET statement_timeout = '200ms'`)
	must(t, err)
	if _, err = conn.Exec(t.Context(), create); sqlState(err) != queryCanceled {
		t.Fatalf("the index was to be interrupted: %v", err)
	}
}

// TestNodesUpgradeAtOnce: two nodes start at once on the schema of an earlier version, which has rows, and in which a node that broke off
// has left an index that is not valid. Both start, all indexes are valid, and the rows are there.
func TestNodesUpgradeAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		version int64
		create  string
	}{
		{"from the first version", 1, `CREATE INDEX CONCURRENTLY bookings_ended_holds ON bookings (updated_at)`},
		{"from the version before", 6, `CREATE INDEX CONCURRENTLY bookings_ended_holds ON bookings (updated_at)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.Shared(t).Schema(t)
			earlierVersion(t, address, c.version)
			interruptIndex(t, address, c.create)
			if invalid := invalidIndexes(t, address); len(invalid) != 1 {
				t.Fatalf("the broken build has left %q", invalid)
			}
			var nodes sync.WaitGroup
			var stores [2]*Store
			var failures [2]error
			for i := range stores {
				nodes.Go(func() { stores[i], failures[i] = Open(t.Context(), Config{URL: address, Connections: 2}) })
			}
			nodes.Wait()
			must(t, errors.Join(failures[:]...))
			if invalid := invalidIndexes(t, address); len(invalid) != 0 {
				t.Errorf("not valid are %q", invalid)
			}
			for i, s := range stores {
				page, err := s.Bookings(t.Context(), "a", store.Filter{Limit: 3000})
				must(t, err)
				if len(page) != 2000 {
					t.Errorf("%d bookings are there", len(page))
				}
				must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
				if got := revisionOf(t, s, "a"); int(got) != 3+i {
					t.Errorf("the venue is at %d", got)
				}
			}
			for _, s := range stores {
				must(t, s.Close())
			}
		})
	}
}

// TestInvalidIndexIsMissing: an index that is not valid is not used by any query. On a schema of this version, the start says that it lacks
// the index.
func TestInvalidIndexIsMissing(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	execute(t, s, `DROP INDEX bookings_held`)
	interruptIndex(t, address, `CREATE INDEX CONCURRENTLY bookings_held ON bookings (service)`)
	for _, readOnly := range []bool{false, true} {
		_, err := Open(t.Context(), Config{URL: address, ReadOnly: readOnly})
		wantError(t, err, "lacks index bookings_held")
	}
}

func invalidIndexes(t *testing.T, address string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	must(t, err)
	defer hangUp(conn)
	rows, err := conn.Query(t.Context(), `SELECT c.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND NOT (x.indisvalid AND x.indisready)`)
	must(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return names
}
