package reference

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).URL()
	for name, test := range map[string]struct {
		options Options
		check   func(r Report) bool
	}{
		"hot slot": {
			Options{Clients: 8, Slots: 1, Venues: 1, Capacity: 1_000_000},
			func(r Report) bool { return r.Booked > 8 && r.Refused == 0 && r.Latency.Mean > 0 },
		},
		"few places": {
			Options{Clients: 8, Slots: 2, Venues: 2, Capacity: 3},
			func(r Report) bool { return r.Booked == 12 && r.Refused > 0 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := test.options
			o.Database, o.Duration = url, 300*time.Millisecond
			r, err := Run(t.Context(), o)
			if err != nil || !test.check(r) || r.Audit != (Audit{Bookings: r.Booked}) || r.Latency.Count != uint64(r.Booked) ||
				r.PostgreSQL == "" || r.Usage.LoadCPU <= 0 {
				t.Errorf("%+v, %v", r, err)
			}
			if text := r.String(); !strings.Contains(text, "booked") || !strings.Contains(text, "audit") {
				t.Errorf("printed\n%s", text)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).URL()
	good := Options{Database: url, Clients: 1, Slots: 1, Venues: 1, Capacity: 1, Duration: 1}
	for _, change := range []func(o *Options){
		func(o *Options) { o.Clients = 0 },
		func(o *Options) { o.Slots = 0 },
		func(o *Options) { o.Venues = 0 },
		func(o *Options) { o.Capacity = 0 },
		func(o *Options) { o.Duration = 0 },
		func(o *Options) { o.Database = "postgres://127.0.0.1:1/nothing" },
		func(o *Options) { o.Database = "%" },
	} {
		o := good
		change(&o)
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("Run takes %+v", o)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a run after the end: %v", err)
	}
}

// A server that may lose what it has committed is no reference.
func TestInspect(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).URL()
	s, err := Inspect(t.Context(), url)
	if err != nil || s.Version == "" || s.PID == 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	if used, err := s.CPU()(); err != nil || used <= 0 {
		t.Errorf("the server has used %s, %v", used, err)
	}
	if (Server{}).CPU() != nil {
		t.Error("a server elsewhere has processes here")
	}
	_, err = Run(t.Context(), Options{
		Database: url + "&synchronous_commit=off", Clients: 1, Slots: 1, Venues: 1, Capacity: 1, Duration: time.Second,
	})
	if !errors.Is(err, ErrNotDurable) || !strings.Contains(err.Error(), "synchronous_commit is off") {
		t.Errorf("a run that does not flush: %v", err)
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).URL()
	s, err := NewSchema(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, s.URL, "CREATE TABLE things (one integer)")
	if n := count(t, url, s.name); n != 1 {
		t.Errorf("the schema has %d tables", n)
	}
	for range 2 { // it may be gone already
		if err := s.Drop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, url, s.name); n != 0 {
		t.Errorf("the dropped schema has %d tables", n)
	}
	if _, err := NewSchema(t.Context(), "postgres://127.0.0.1:1/nothing"); err == nil {
		t.Error("a server that is not there has a schema")
	}
}

// Negative control: tables that do not hold what was acknowledged are found out.
func TestAuditFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).Schema(t)
	execute(t, url, tables)
	const nine, ten = "'2026-11-24 09:00Z'", "'2026-11-24 10:00Z'"
	execute(t, url, `INSERT INTO slots VALUES ('a', `+nine+`, 2, 2), ('a', `+ten+`, 2, 1), ('b', `+nine+`, 1, 3)`)
	for _, venue := range []string{"'a'", "'a'", "'b'", "'b'"} {
		execute(t, url, `INSERT INTO bookings (venue, start, party_size, customer_name, customer_email)
			VALUES (`+venue+`, `+nine+`, 1, '', '')`)
	}
	a, err := audit(t.Context(), url, 6)
	if err != nil || a != (Audit{Bookings: 4, Lost: 2, Oversold: 1, Wrong: 2}) {
		t.Errorf("%+v, %v", a, err)
	}
	if err := a.verdict(); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "1 places oversold, 2 bookings lost") {
		t.Errorf("the verdict is %v", err)
	}
	if err := (Audit{Bookings: 4}).verdict(); err != nil {
		t.Errorf("the verdict is %v", err)
	}
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(t.Context(), conn)
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// count counts a schema's tables.
func count(t *testing.T, url, schema string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(t.Context(), conn)
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = $1", schema).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
