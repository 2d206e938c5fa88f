package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

const pausedFigure = "vacancy_outbox_paused"

// outboxPaused asks a server whether its alerts go nowhere.
func outboxPaused(t *testing.T, server *proc.Process) bool {
	t.Helper()
	return figure(t, get(t, server.URL+"/metrics"), pausedFigure) == 1
}

// outboxCommand runs a command of the outbox, and returns what it says.
func outboxCommand(t *testing.T, database string, args ...string) string {
	t.Helper()
	said, code := proc.Run(t, database, append([]string{"outbox"}, args...)...)
	if code != 0 {
		t.Fatalf("outbox %q ends with %d: %s", args, code, said)
	}
	return said
}

// A SQLite file is copied, as for a test, and a server started on it with the settings of the original. It alerts in its log, and tells
// nobody, until it is resumed. The original tells as ever.
func TestCopiedFileTellsNobody(t *testing.T) {
	t.Parallel()
	original, copied := filepath.Join(t.TempDir(), "v.db"), filepath.Join(t.TempDir(), "v.db")
	start := func(file string) (server *proc.Process, told string) {
		told = filepath.Join(t.TempDir(), "told")
		return proc.Launch(t, "sqlite:"+file, "--log-level", "info", "--probe-interval", "1s", "--alert-command", "cat >> '"+told+"'"), told
	}
	server, _ := start(original)
	class(t, server.Client(t), 10)
	must(t, server.Stop(t.Context()))
	data, err := os.ReadFile(original)
	must(t, err)
	must(t, os.WriteFile(copied, data, 0o600))

	server, told := start(original)
	clone, toldOfClone := start(copied)
	if outboxPaused(t, server) || !outboxPaused(t, clone) {
		t.Errorf("the original is paused: %v, and the copy: %v", outboxPaused(t, server), outboxPaused(t, clone))
	}
	if said := clone.Said(); !strings.Contains(said, "what goes to the outside is paused") || !strings.Contains(said, "outbox=paused") {
		t.Errorf("the copy does not say that it is paused:\n%s", said)
	}
	if said := outboxCommand(t, "sqlite:"+copied, "status"); !strings.Contains(said, "paused since") || !strings.Contains(said, "copy") {
		t.Errorf("the state of the copy is told as %q", said)
	}
	outage := func(file string, away bool) {
		from, to := file, file+".away"
		if !away {
			from, to = to, from
		}
		must(t, os.Rename(from, to)) // the server notices, and refuses to write
	}
	waitForProbe(t, server)
	waitForProbe(t, clone)
	outage(copied, true)
	outage(original, true)
	waitForAlert(t, told, "probe_failing", "raised")
	says(t, clone, "key=probe_failing")
	if n := notifications(t, toldOfClone); len(n) > 0 {
		t.Errorf("the copy has told %+v", n)
	}

	outage(copied, false)
	says(t, clone, "alert resolved")
	outboxCommand(t, "sqlite:"+copied, "resume", "--reason", "it has people of its own")
	eventually(t, "the copy is resumed", func() bool { return !outboxPaused(t, clone) })
	outage(copied, true)
	waitForAlert(t, toldOfClone, "probe_failing", "raised")
	for _, n := range notifications(t, toldOfClone) {
		if n.Key != "probe_failing" || n.Status != "raised" {
			t.Errorf("the copy has told %+v", n)
		}
	}
}

// A PostgreSQL database is made a copy of its own: servers that are started on it tell nobody, and tell what is true once they are resumed.
func TestCopiedDatabaseTellsNobody(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	first := proc.Launch(t, database.URL())
	if outboxPaused(t, first) {
		t.Error("a new database is paused")
	}
	must(t, first.Stop(t.Context()))
	said, code := proc.Run(t, database.URL(), "failover", "allow", "--copy", "--reason", "for a test")
	if code != 0 || !strings.Contains(said, "vacancy outbox resume") {
		t.Fatalf("allow --copy ends with %d: %s", code, said)
	}
	told := filepath.Join(t.TempDir(), "told")
	server := proc.Launch(t, database.URL(), "--probe-interval", "1s", "--alert-command", "cat >> '"+told+"'")
	if !outboxPaused(t, server) {
		t.Error("the copy is not paused")
	}
	waitForProbe(t, server)
	database.Execute(t, `ALTER TABLE bookings RENAME TO gone`) // nothing can be booked
	says(t, server, "key=probe_failing")
	if n := notifications(t, told); len(n) > 0 {
		t.Errorf("a copy has told %+v", n)
	}
	outboxCommand(t, database.URL(), "resume")
	waitForAlert(t, told, "probe_failing", "raised")
	if outboxPaused(t, server) {
		t.Error("it is still paused")
	}
}
