package running

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/doctor/facts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const shown = `# TYPE vacancy_ready gauge
vacancy_ready 1
# TYPE vacancy_database_writable gauge
vacancy_database_writable 1
# TYPE vacancy_database_term gauge
vacancy_database_term 3
# TYPE vacancy_limit_unidentified_peers gauge
vacancy_limit_unidentified_peers{reason="untrusted_peer"} 2
vacancy_limit_unidentified_peers{reason="other"} 5
# TYPE vacancy_alert_active gauge
vacancy_alert_active{key="probe_failing",severity="critical"} 1
vacancy_alert_active{key="dominant_client",severity="warning"} 1
vacancy_alert_active{key="database_lost",severity="critical"} 0
`

func collect(t *testing.T, answer http.HandlerFunc) *facts.Server {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	var found facts.Facts
	if err := (Collector{URL: server.URL + "/metrics"}).Collect(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	return found.Server
}

func TestServer(t *testing.T) {
	t.Parallel()
	found := collect(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(shown)) })
	alerts := []facts.Alert{{Key: "probe_failing", Critical: true}, {Key: "dominant_client"}}
	if found == nil || !found.Ready || !found.Writable || found.Term != 3 || found.UntrustedPeers != 2 || !slices.Equal(found.Alerts, alerts) {
		t.Errorf("it finds %+v", found)
	}
}

// What does not show a server's metrics is not taken for one.
func TestNoServer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"another program": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("go_goroutines 7\n")) },
		"a page":          func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a key is needed": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, shown, http.StatusUnauthorized) },
		"elsewhere":       func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) },
	} {
		if found := collect(t, answer); found != nil {
			t.Errorf("%s: it finds %+v", name, found)
		}
	}
	var found facts.Facts
	if err := (Collector{URL: "http://127.0.0.1:1/metrics"}).Collect(t.Context(), &found); err != nil || found.Server != nil {
		t.Errorf("where nobody listens it finds %+v, error %v", found.Server, err)
	}
	if err := (Collector{}).Collect(t.Context(), &found); err != nil || found.Server != nil {
		t.Errorf("without an address it finds %+v, error %v", found.Server, err)
	}
}
