package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// examined is what `vacancy doctor --json` prints, and how it ends.
type examined struct {
	Findings []struct{ Check, Level, Subject, Text, Do string }
	Problems int
	Unseen   []string

	code int
}

// examine asks the doctor about a database.
func examine(t *testing.T, database string, args ...string) (found examined) {
	t.Helper()
	if !slices.Contains(args, "--listen") { // whatever else runs on this machine is not asked
		args = append(args, "--listen", "127.0.0.1:0")
	}
	said, code := proc.Run(t, database, append([]string{"doctor", "--json"}, args...)...)
	if err := json.NewDecoder(strings.NewReader(said)).Decode(&found); err != nil {
		t.Fatalf("it ends with %d and says %s", code, said)
	}
	found.code = code
	return found
}

// check has a report hold a finding.
func (e examined) check(t *testing.T, check, level, subject, text string) {
	t.Helper()
	for _, f := range e.Findings {
		if f.Check == check && f.Level == level && f.Subject == subject && strings.Contains(f.Text, text) {
			return
		}
	}
	t.Errorf("%s says nothing at level %s of %q with %q; there is %q", check, level, subject, text, e.Findings)
}

// set alters settings of a server, each as a parameter of ALTER SYSTEM SET, and has it read them.
func set(t *testing.T, server *postgrestest.Server, settings ...string) {
	t.Helper()
	for _, s := range settings {
		server.Execute(t, "ALTER SYSTEM SET "+s)
	}
	server.Execute(t, "SELECT pg_reload_conf()")
}

// follow has a standby follow a primary under a name of its own, and returns when it has said what it replayed: before that, the primary
// does not tell it from a program that only receives.
func follow(t *testing.T, standby, primary *postgrestest.Server, name string) {
	t.Helper()
	host, port, err := net.SplitHostPort(primary.Host(t))
	must(t, err)
	set(t, standby, fmt.Sprintf("primary_conninfo = 'host=%s port=%s user=vacancy application_name=%s'", host, port, name))
	await(t, primary.URL(), "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn IS NOT NULL "+
		"AND application_name = '"+name+"'")
	await(t, standby.URL(), "SELECT count(*) = 1 FROM pg_stat_wal_receiver WHERE conninfo LIKE '%application_name="+name+" %'")
}

// TestDoctorOnStandbys goes through the set-ups of a primary and its standbys, from the one that loses bookings to the one that loses none,
// and through a failover.
func TestDoctorOnStandbys(t *testing.T) {
	t.Parallel()
	a := postgrestest.Start(t)
	b := a.Replica(t)
	follow(t, b, a, "b")
	first, _ := node(t, "", a.Host(t))
	class(t, first.Client(t), places)
	must(t, first.Stop(t.Context()))
	a.Execute(t, `CREATE TABLE the_last (one integer)`)
	await(t, b.URL(), `SELECT to_regclass('the_last') IS NOT NULL`) // so that a server which starts finds it fit as a backup
	server, file := node(t, "", a.Host(t), b.Host(t))
	await(t, b.URL(), `SELECT count(*) = 1 FROM nodes WHERE seen_at > now() - interval '5 s'`) // how far behind it is, heartbeats tell
	both := postgrestest.Hosts(a.Host(t), b.Host(t))
	listen := strings.TrimPrefix(server.URL, "http://")
	usual := []string{"--failover-state", file, "--alert-command", "true", "--max-readers", "100", "--listen", listen}
	strict := append([]string{"--require-standby"}, usual...)

	found := examine(t, both, usual...)
	found.check(t, "replication", "warning", a.Host(t), "waits for no standby")
	found.check(t, "backups", "ok", b.Host(t), "could take over")
	found.check(t, "start", "ok", a.Host(t), "term 1")
	found.check(t, "nodes", "ok", a.Host(t), "1 server")
	found.check(t, "running_server", "ok", server.URL+"/metrics", "books, in term 1")
	if found.code != 1 {
		t.Errorf("of an asynchronous standby it ends with %d", found.code)
	}
	alone := examine(t, a.URL(), usual...)
	alone.check(t, "unnamed_standbys", "warning", "b at 127.0.0.1", "does not list it")

	set(t, a, "synchronous_standby_names = 'FIRST 1 (b)'")
	set(t, b, "synchronous_standby_names = 'FIRST 1 (a)'")
	await(t, a.URL(), `SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)
	found = examine(t, both, strict...)
	found.check(t, "replication", "ok", a.Host(t), "every acknowledgement is on "+b.Host(t))
	found.check(t, "require_standby", "ok", a.Host(t), "")
	found.check(t, "clock", "ok", "", "agree")
	found.check(t, "state_file", "ok", file, "term 1")
	if found.code != 0 {
		t.Errorf("of a set-up that loses nothing it ends with %d: %q", found.code, found.Findings)
	}
	examine(t, both, usual...).check(t, "require_standby", "warning", a.Host(t), "is emptied")

	a.Execute(t, `CREATE ROLE plain LOGIN`)
	a.Execute(t, `GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain`)
	await(t, b.URL(), `SELECT has_table_privilege('plain', 'nodes', 'SELECT')`)
	found = examine(t, strings.Replace(both, "vacancy@", "plain@", 1), strict...)
	found.check(t, "replication", "warning", a.Host(t), `does not show user "plain"`)

	set(t, a, "synchronous_commit = 'local'")
	await(t, a.URL(), `SELECT current_setting('synchronous_commit') = 'local'`)
	found = examine(t, both, strict...)
	found.check(t, "durability", "problem", a.Host(t), "synchronous_commit = local")
	set(t, a, "synchronous_commit = 'on'")

	c := a.Replica(t)
	follow(t, c, a, "c")
	set(t, c, "synchronous_standby_names = 'FIRST 1 (a)'")
	all := postgrestest.Hosts(a.Host(t), b.Host(t), c.Host(t))
	examine(t, both, strict...).check(t, "replication", "warning", "c at 127.0.0.1", "does not list")
	for _, names := range []string{"ANY 1 (b, c)", "FIRST 1 (c, b)", "FIRST 2 (b, c)"} {
		set(t, a, "synchronous_standby_names = '"+names+"'")
		await(t, a.URL(), `SELECT current_setting('synchronous_standby_names') = '`+names+`'`)
		await(t, a.URL(), `SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum', 'potential')) = 2 FROM pg_stat_replication`)
		found = examine(t, all, strict...)
		if names == "FIRST 2 (b, c)" {
			found.check(t, "replication", "ok", a.Host(t), b.Host(t)+" and "+c.Host(t))
			continue
		}
		found.check(t, "replication", "warning", b.Host(t), "satisfied without it")
		found.check(t, "replication", "warning", c.Host(t), "satisfied without it")
	}
	c.Stop(t)
	await(t, a.URL(), `SELECT count(*) = 1 FROM pg_stat_replication`)
	found = examine(t, all, strict...)
	found.check(t, "replication", "problem", a.Host(t), "1 of them are not there")
	found.check(t, "hosts", "problem", c.Host(t), "does not answer")

	set(t, b, "synchronous_standby_names = ''")
	set(t, a, "synchronous_standby_names = 'FIRST 1 (b)'")
	await(t, b.URL(), `SELECT current_setting('synchronous_standby_names') = ''`)
	a.Crash(t)
	b.Promote(t)
	books(t, server)
	a.Start(t)
	await(t, a.URL(), isClosed)
	found = examine(t, both, usual...)
	found.check(t, "closed", "warning", a.Host(t), "it is no backup")
	found.check(t, "start", "ok", b.Host(t), "term 2")
	found.check(t, "running_server", "ok", server.URL+"/metrics", "books, in term 2")
	found.check(t, "server_alerts", "problem", server.URL+"/metrics", "database_failed_over")
	found.check(t, "backups", "problem", "", "no listed host could take over")
	examine(t, a.URL()).check(t, "start", "problem", a.Host(t), "was closed")
}

// TestDoctorOnTwoHistories: two standbys are promoted apart, and servers that know of one host each book on both. Then one of them becomes
// an installation of its own.
func TestDoctorOnTwoHistories(t *testing.T) {
	t.Parallel()
	a := postgrestest.Start(t)
	first, file := node(t, "", a.Host(t))
	class(t, first.Client(t), places)
	must(t, first.Stop(t.Context()))
	b, c := a.Replica(t), a.Replica(t)
	a.Crash(t)
	for _, promoted := range []*postgrestest.Server{b, c} {
		promoted.Promote(t)
		server, _ := node(t, "", promoted.Host(t))
		books(t, server)
	}
	both := postgrestest.Hosts(b.Host(t), c.Host(t))
	found := examine(t, both, "--failover-state", file)
	found.check(t, "histories", "problem", c.Host(t), "on two histories")
	found.check(t, "start", "problem", c.Host(t), "bookings were made on two histories")
	if found.code != 1 {
		t.Errorf("of two histories it ends with %d", found.code)
	}
	if said, code := proc.Run(t, c.URL(), "failover", "allow", "--copy"); code != 0 {
		t.Fatalf("it ends with %d: %s", code, said)
	}
	found = examine(t, both, "--failover-state", file)
	found.check(t, "histories", "problem", c.Host(t), "another installation than "+b.Host(t))
	found.check(t, "start", "ok", b.Host(t), "term 2")
}

// TestDoctorOnSilentHosts: hosts that do not answer, or do nothing else than accept connections, hold it up for seconds at most.
func TestDoctorOnSilentHosts(t *testing.T) {
	t.Parallel()
	a := postgrestest.Start(t)
	server, file := node(t, "", a.Host(t))
	class(t, server.Client(t), places)
	args := []string{"--failover-state", file}

	const nobody = "127.0.0.1:1"
	found := examine(t, postgrestest.Hosts(a.Host(t), nobody), args...)
	found.check(t, "hosts", "problem", nobody, "does not answer")
	if found.code != 1 || len(found.Unseen) > 0 {
		t.Errorf("with one host that answers it ends with %d: %q", found.code, found.Unseen)
	}

	const secret = "not-to-be-seen"
	said, code := proc.Run(t, "postgres://vacancy:"+secret+"@"+nobody+"/vacancy", "doctor", "--listen", "127.0.0.1:0",
		"--alert-webhook", "https://hooks.example/"+secret)
	if code != 2 || strings.Contains(said, secret) || !strings.Contains(said, "not checked: the database vacancy at "+nobody) {
		t.Errorf("with no host that answers it ends with %d: %s", code, said)
	}

	a.Freeze(t)
	began := time.Now()
	found = examine(t, postgrestest.Hosts(a.Host(t)), args...)
	if took := time.Since(began); found.code != 2 || took > 10*time.Second {
		t.Errorf("with a frozen host it ends with %d after %s", found.code, took)
	}
	found.check(t, "hosts", "problem", a.Host(t), "did not answer in time")
}

// TestDoctorOnAFile: a server's file is looked at while the server uses it and afterwards, and a missing one is no verdict.
func TestDoctorOnAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, "sqlite:"+path, "--trusted-proxies", "192.0.2.1")
	class(t, server.Client(t), places) // from an address that is no proxy's, as by one that was not named
	found := examine(t, "sqlite:"+path, "--listen", strings.TrimPrefix(server.URL, "http://"))
	found.check(t, "running_server", "ok", server.URL+"/metrics", "books")
	found.check(t, "untrusted_peers", "warning", server.URL+"/metrics", "1 address")
	for range 2 {
		found := examine(t, "sqlite:"+path)
		found.check(t, "sqlite_file", "ok", path, "it is a database")
		found.check(t, "sqlite_journal", "ok", path, "wal")
		found.check(t, "admin_key", "ok", "", "")
		found.check(t, "alerts", "warning", "", "nobody is told")
		found.check(t, "schema", "ok", "", "which this program knows")
		if found.code != 1 {
			t.Errorf("it ends with %d", found.code)
		}
		must(t, server.Stop(t.Context()))
	}
	if found := examine(t, "sqlite:"+path+".missing"); found.code != 2 || len(found.Unseen) != 1 {
		t.Errorf("of a missing file it ends with %d: %q", found.code, found.Unseen)
	}
}
