package postgrestest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
)

func TestSharedIsOneServer(t *testing.T) {
	t.Parallel()
	if first, second := postgrestest.Shared(t), postgrestest.Shared(t); first != second {
		t.Errorf("two servers: %s and %s", first.URL(), second.URL())
	}
}

func TestServersAreApart(t *testing.T) {
	t.Parallel()
	own, shared := postgrestest.Start(t), postgrestest.Shared(t)
	if own.URL() == shared.URL() || own.Directory() == shared.Directory() {
		t.Errorf("a server of one's own: %s in %s, the shared one: %s in %s", own.URL(), own.Directory(), shared.URL(), shared.Directory())
	}
}

// A server without these may lose what it has confirmed; tests that crash it would be worth nothing.
func TestServerFlushesWhatItCommits(t *testing.T) {
	t.Parallel()
	connection := connect(t, postgrestest.Shared(t).URL())
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := connection.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			t.Fatal(err)
		}
		if value != "on" {
			t.Errorf("%s is %s", setting, value)
		}
	}
}

func TestSchemasAreApart(t *testing.T) {
	t.Parallel()
	server := postgrestest.Shared(t)
	first, second := connect(t, server.Schema(t)), connect(t, server.Schema(t))
	execute(t, first, "CREATE TABLE sample (n integer)")
	execute(t, first, "INSERT INTO sample VALUES (1)")
	execute(t, second, "CREATE TABLE sample (n integer)")
	if in1, in2 := count(t, first), count(t, second); in1 != 1 || in2 != 0 {
		t.Errorf("the first schema's table has %d rows, the second's %d, want 1 and 0", in1, in2)
	}
}

func TestSchemaIsDroppedWithItsTest(t *testing.T) { //nolint:tparallel // the inner test must have ended when the outer one looks
	t.Parallel()
	server := postgrestest.Start(t)
	t.Run("inner", func(t *testing.T) {
		execute(t, connect(t, server.Schema(t)), "CREATE TABLE sample (n integer)")
	})
	var left int
	err := connect(t, server.URL()).QueryRow(t.Context(), `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 't\_%'`).Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d schemas are left", left)
	}
}

func TestCommittedDataSurvives(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	url := server.Schema(t)
	execute(t, connect(t, url), "CREATE TABLE sample (n integer)")
	rows := 0
	for name, end := range map[string]func(){
		"crash":   func() { server.Crash(t); server.Start(t) },
		"stop":    func() { server.Stop(t); server.Start(t) },
		"restart": func() { server.Restart(t) },
		// Neither is an error: a test may clean up without knowing how far it came.
		"twice": func() { server.Stop(t); server.Crash(t); server.Start(t); server.Start(t) },
	} {
		execute(t, connect(t, url), "INSERT INTO sample VALUES (1)")
		rows++
		end()
		if got := count(t, connect(t, url)); got != rows {
			t.Errorf("after %s: %d rows, want %d", name, got, rows)
		}
	}
}

func TestStoppedServerRefusesConnections(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	server.Schema(t) // its cleanup has nothing to drop
	server.Stop(t)
	if connection, err := pgx.Connect(t.Context(), server.URL()); err == nil {
		t.Error("connected to a stopped server")
		_ = connection.Close(t.Context())
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.WithoutCancel(t.Context())) }) // a crash has closed some already
	return connection
}

func execute(t *testing.T, connection *pgx.Conn, statement string) {
	t.Helper()
	if _, err := connection.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, connection *pgx.Conn) (rows int) {
	t.Helper()
	if err := connection.QueryRow(t.Context(), "SELECT count(*) FROM sample").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A standby has what its primary had and gets what comes, and goes on alone once it is promoted.
func TestStandbyTakesOver(t *testing.T) {
	t.Parallel()
	primary := postgrestest.Start(t)
	primary.Execute(t, "CREATE TABLE sample (n integer)")
	standby := primary.Replica(t)
	primary.Execute(t, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	primary.Execute(t, "SELECT pg_reload_conf()")
	primary.Execute(t, "INSERT INTO sample VALUES (1)")
	primary.Execute(t, "INSERT INTO sample VALUES (2)")
	for reads := connect(t, standby.URL()); count(t, reads) != 2; { // the last is asynchronous, if the setting has not been read yet
		if t.Context().Err() != nil {
			t.Fatal("the standby does not get what the primary has")
		}
	}
	primary.Crash(t)
	standby.Promote(t)
	standby.Execute(t, "ALTER SYSTEM RESET synchronous_standby_names")
	standby.Execute(t, "SELECT pg_reload_conf()")
	standby.Execute(t, "INSERT INTO sample VALUES (3)")
	primary.Start(t)
	if first, second := count(t, connect(t, primary.URL())), count(t, connect(t, standby.URL())); first != 2 || second != 3 {
		t.Errorf("%d rows on the old primary and %d on the new, want 2 and 3", first, second)
	}
}
