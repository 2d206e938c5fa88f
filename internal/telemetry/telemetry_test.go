package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vacancy/internal/telemetry"
)

// Two servers live in one process, and each counts what is its own.
func TestServersCountForThemselves(t *testing.T) {
	t.Parallel()
	one, other := telemetry.New(), telemetry.New()
	one.Desk.Batch(3, 64, 2*time.Millisecond)
	one.HTTP.Request("GET /v1/venues", 200, time.Millisecond)
	one.Live.Readers(7)
	one.Live.Frame("delta")
	one.Live.Began("schedule_changed")
	one.Live.Published(5*time.Millisecond, 4)
	for _, line := range []string{
		"vacancy_desk_transaction_commands_sum 64",
		"vacancy_desk_transaction_seconds_count 1",
		`vacancy_http_request_seconds_count{route="GET /v1/venues",status="200"} 1`,
		"vacancy_live_readers 7",
		`vacancy_live_frames_total{event="delta"} 1`,
		`vacancy_live_resets_total{reason="schedule_changed"} 1`,
		"vacancy_live_changes_published_total 4",
	} {
		if !strings.Contains(page(one), line) {
			t.Errorf("%s is missing", line)
		}
		if strings.Contains(page(other), line) {
			t.Errorf("%s is counted in the other server", line)
		}
	}
	if !strings.Contains(page(one), "process_cpu_seconds_total") {
		t.Error("the process is not measured")
	}
}

// What limits by client know is read at each scrape.
func TestLimitTable(t *testing.T) {
	t.Parallel()
	var table telemetry.LimitTable
	tm := telemetry.New()
	tm.Limits.Table(func() telemetry.LimitTable { return table })
	if got := page(tm); !strings.Contains(got, "vacancy_limit_table_entries 0") {
		t.Errorf("an empty table is not shown:\n%s", got)
	}
	table = telemetry.LimitTable{
		Entries: 12, MaxEntries: 100, FullShards: 3, DominantShare: 0.75,
		OverLimit: map[string]int{"bookings": 2}, UnidentifiedPeers: map[string]int{"untrusted_peer": 4},
	}
	for _, line := range []string{
		"vacancy_limit_table_entries 12", "vacancy_limit_table_entries_max 100", "vacancy_limit_table_full_shards 3",
		"vacancy_limit_dominant_client_share 0.75", `vacancy_limit_clients_over{limit="bookings"} 2`,
		`vacancy_limit_unidentified_peers{reason="untrusted_peer"} 4`,
	} {
		if !strings.Contains(page(tm), line) {
			t.Errorf("%s is missing", line)
		}
	}
}

// What other hosts are good for is shown by host; the lag of one that does not answer is not known.
func TestBackups(t *testing.T) {
	t.Parallel()
	tm := telemetry.New()
	tm.Database.Backups(func() []telemetry.Backup {
		return []telemetry.Backup{{Host: "b:5432", Fit: true, Seen: true, Lag: 2 * time.Second}, {Host: "c:5432"}}
	})
	got := page(tm)
	for _, line := range []string{
		`vacancy_database_backup_fit{host="b:5432"} 1`, `vacancy_database_backup_fit{host="c:5432"} 0`,
		`vacancy_database_backup_lag_seconds{host="b:5432"} 2`,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(got, `vacancy_database_backup_lag_seconds{host="c:5432"}`) {
		t.Error("a host that does not answer has a lag")
	}
}

// The failures of a route that is expected are there before its first request: what begins with its first event is no increase.
func TestExpectedRoutes(t *testing.T) {
	t.Parallel()
	tm := telemetry.New()
	tm.HTTP.Expect("POST /v1/things")
	line := `vacancy_http_request_seconds_count{route="POST /v1/things",status="503"} `
	if !strings.Contains(page(tm), line+"0") {
		t.Errorf("%s0 is missing", line)
	}
	tm.HTTP.Request("POST /v1/things", 503, time.Millisecond)
	if !strings.Contains(page(tm), line+"1") {
		t.Errorf("%s1 is missing", line)
	}
}

func page(t *telemetry.Telemetry) string {
	w := httptest.NewRecorder()
	t.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}
