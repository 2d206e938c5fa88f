package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// prometheus is a real one that scrapes servers every second, and has our rules.
type prometheus struct{ url string }

// startPrometheus starts it with the test, and ends it with the test. Targets are URLs, or what stands for one: "host:port".
func startPrometheus(t *testing.T, targets ...string) prometheus {
	t.Helper()
	dir := t.TempDir()
	records, err := filepath.Abs(rulesDir + "/recording.yml")
	must(t, err)
	alerts, err := filepath.Abs(rulesDir + "/alerts.yml")
	must(t, err)
	quoted := make([]string, len(targets))
	for i, s := range targets {
		quoted[i] = fmt.Sprintf("%q", strings.TrimPrefix(s, "http://"))
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q, %q]\n"+
		"scrape_configs: [{job_name: vacancy, static_configs: [{targets: [%s]}]}]\n", records, alerts, strings.Join(quoted, ", "))
	must(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	address := freeAddress(t)
	cmd := exec.Command("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address="+address,
		"--log.level=error")
	cmd.Dir = dir
	said := new(strings.Builder)
	cmd.Stderr = said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("Prometheus said: %s", said)
		}
	})
	p := prometheus{"http://" + address}
	eventually(t, time.Minute, "Prometheus does not answer", func() bool {
		_, err := p.query(t.Context(), "vector(1)")
		return err == nil
	})
	return p
}

// freeAddress is one that nobody listens on: Prometheus does not tell which port it takes.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// query is the values of an expression now.
func (p prometheus) query(ctx context.Context, expr string) (values []string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/query?query="+url.QueryEscape(expr), nil)
	if err != nil {
		return nil, err
	}
	res, err := new(http.Client).Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", expr, answer.Error)
	}
	for _, r := range answer.Data.Result {
		values = append(values, fmt.Sprint(r.Value[1]))
	}
	return values, nil
}

// eventually asks until it is so.
func eventually(t *testing.T, within time.Duration, otherwise string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(within)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(otherwise)
		}
	}
}
