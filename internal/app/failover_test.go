package app

import (
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"vacancy/internal/alert"
	"vacancy/internal/config"
	"vacancy/internal/failover"
	"vacancy/internal/telemetry"
)

// What the database's hosts need of a person is an alert, with the host as its subject, and ends when it is over.
func TestHostsRaiseAlerts(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	log := slog.New(slog.NewTextHandler(&said, nil))
	tracker := newAlerts(config.Default(), log, telemetry.New().Alerts)
	o := databaseObserver{tracker: tracker}
	o.Alerts([]failover.Alert{
		{Key: failover.AlertLost, Host: "db1:5432", Urgent: true, Text: "it does not answer"},
		{Key: failover.AlertBackupUnfit, Host: "db2:5432", Text: "it lags"},
	})
	o.Alerts(nil)
	o.Database(7, true)
	for _, part := range []string{
		"key=database_lost subject=db1:5432 severity=" + string(alert.Critical),
		"key=database_backup_unfit subject=db2:5432 severity=" + string(alert.Warning),
		`msg="alert resolved" key=database_lost`,
	} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, said.String())
		}
	}
	if o.term.Load() != 7 {
		t.Errorf("the term is %d", o.term.Load())
	}
}

// Every alert of the database's hosts has its section in the runbook.
func TestRunbookHasEveryAlertOfHosts(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../failover/alerts.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[string]bool)
	for _, match := range regexp.MustCompile(`= "(database_[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		keys[match[1]] = true
		if !strings.Contains(string(page), "\n## "+match[1]+"\n") {
			t.Errorf("the runbook has no section %s", match[1])
		}
	}
	if len(keys) < 15 {
		t.Errorf("%d keys were found", len(keys))
	}
}
