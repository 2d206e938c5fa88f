package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// A server that cannot book any more tells the operator's command so, once, and again when it can. Nothing secret is told.
func TestAlertCommand(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	told := filepath.Join(t.TempDir(), "told")
	server := proc.Launch(t, database.Schema(t), "--probe-interval", "1s", "--alert-command", "cat >> '"+told+"'; env >> '"+told+".env'")
	waitForProbe(t, server)
	database.Freeze(t)
	waitForAlert(t, told, "probe_failing", "raised")
	database.Thaw(t)
	waitForAlert(t, told, "probe_failing", "resolved")
	count := 0
	for _, n := range notifications(t, told) {
		if n.Key == "probe_failing" {
			count++
		}
		if n.Node == "" || n.Since.IsZero() || !strings.HasSuffix(n.Runbook, "#"+n.Key) {
			t.Errorf("a notification lacks something: %+v", n)
		}
	}
	if count != 2 {
		t.Errorf("the command was told %d times of one outage", count)
	}
	environment, err := os.ReadFile(told + ".env")
	must(t, err)
	for _, secret := range []string{proc.AdminKey, "VACANCY_DATABASE"} {
		if strings.Contains(string(environment), secret) {
			t.Errorf("the command sees %s", secret)
		}
	}
}

// waitForProbe waits until the probe has succeeded. It may have failed before: a database that has just started is not written to at once.
func waitForProbe(t *testing.T, server *proc.Process) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for figure(t, get(t, server.URL+"/metrics"), `vacancy_probe_rounds_total{result="ok"}`) == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the probe does not succeed")
		}
	}
}

// notification is what a command is told.
type notification struct {
	Key, Status, Severity, Text, Node, Runbook string
	Since                                      time.Time
}

func notifications(t *testing.T, file string) (all []notification) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(content)), "\n") {
		var n notification
		must(t, json.Unmarshal([]byte(line), &n))
		all = append(all, n)
	}
	return all
}

// waitForAlert waits until the command was told of an alert.
func waitForAlert(t *testing.T, file, key, status string) { //nolint:unparam // the key says in each test what is waited for
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		for _, n := range notifications(t, file) {
			if n.Key == key && n.Status == status {
				return
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("nobody was told that %s was %s, but of %+v", key, status, notifications(t, file))
		}
	}
}
