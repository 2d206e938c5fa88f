package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// The server books at a venue of its own all the time. It is in no list, count, figure or limit, nobody can reach it, and a check of the
// database finds nothing wrong with it.
func TestProbe(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "v.db") },
		"postgres": func(t *testing.T) string { return postgrestest.Shared(t).Schema(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			server := proc.Launch(t, url, "--probe-interval", "1s")
			probed(t, server, 3)
			checkHidden(t, server)
			must(t, server.Stop(t.Context()))
			checkVerified(t, url)

			again := proc.Launch(t, url, "--probe-interval", "1s")
			probed(t, again, 1)
		})
	}
}

// probed waits until the probe has succeeded so many times, and fails when it has failed.
func probed(t *testing.T, server *proc.Process, rounds float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		metrics := get(t, server.URL+"/metrics")
		if figure(t, metrics, `vacancy_probe_rounds_total{result="failed"}`) > 0 {
			t.Fatalf("the probe fails: %s", server.Said())
		}
		if figure(t, metrics, `vacancy_probe_rounds_total{result="ok"}`) >= rounds {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the probe does not come")
		}
	}
}

// ofCustomers are parts of the figures that customers raise.
var ofCustomers = []string{`POST /v1/venues/{venue}/bookings`, `vacancy_http_problems_total{`, `vacancy_limit_unidentified_total{`}

func checkHidden(t *testing.T, server *proc.Process) {
	t.Helper()
	metrics := get(t, server.URL+"/metrics")
	for _, name := range []string{
		"vacancy_desk_transaction_seconds_count", "vacancy_desk_transaction_commands_count", "vacancy_live_readers",
		"vacancy_limit_table_entries",
	} {
		if n := figure(t, metrics, name); n != 0 {
			t.Errorf("%s is %v, and no customer came", name, n)
		}
	}
	counted := 0
	for line := range strings.Lines(metrics) { // counters are there from the start, at 0
		if strings.HasPrefix(line, "#") || !slices.ContainsFunc(ofCustomers, func(part string) bool { return strings.Contains(line, part) }) {
			continue
		}
		if counted++; !strings.HasSuffix(strings.TrimSpace(line), " 0") {
			t.Errorf("%s is in the figures, and no customer came", strings.TrimSpace(line))
		}
	}
	if counted == 0 {
		t.Error("there are no figures to look at")
	}
	if list := get(t, server.URL+"/v1/venues"); strings.TrimSpace(list) != `{"venues":[]}` {
		t.Errorf("the venues are %s", list)
	}
	checkUnreachable(t, server)
}

// checkUnreachable tries every call of the API at the probe's venue, as staff, and as somebody who guesses what the probe sends.
func checkUnreachable(t *testing.T, server *proc.Process) {
	t.Helper()
	var description struct{ Paths map[string]map[string]any }
	must(t, yaml.Unmarshal([]byte(get(t, server.URL+"/openapi.yaml")), &description))
	tried := 0
	for path, methods := range description.Paths {
		if !strings.Contains(path, "{venue}") {
			continue
		}
		path = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(strings.Replace(path, "{venue}", "_probe", 1), "probe")
		for method := range methods {
			tried++
			r, err := http.NewRequestWithContext(t.Context(), strings.ToUpper(method), server.URL+path, strings.NewReader(`{}`))
			must(t, err)
			r.Header.Set("Authorization", "Bearer "+proc.AdminKey)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Vacancy-Probe", "guessed")
			res, err := new(http.Client).Do(r)
			must(t, err)
			must(t, res.Body.Close())
			if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s %s is answered with %d", method, path, res.StatusCode)
			}
		}
	}
	if tried < 15 {
		t.Errorf("only %d calls were tried", tried)
	}
}

func checkVerified(t *testing.T, database string) {
	t.Helper()
	out, _ := proc.Run(t, database, "verify", "--json") // the report tells
	var report struct {
		Venues, Changes, Bookings, Claims int
		Problems                          []string
	}
	must(t, json.Unmarshal([]byte(out), &report))
	if len(report.Problems) > 0 || report.Venues+report.Changes+report.Bookings+report.Claims > 0 {
		t.Errorf("the check says %s", out)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must(t, err)
	res, err := new(http.Client).Do(r)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return string(body)
}

// figure is the value of a series; 0 if it is not there.
func figure(t *testing.T, metrics, series string) float64 {
	t.Helper()
	for line := range strings.SplitSeq(metrics, "\n") {
		if text, ok := strings.CutPrefix(line, series+" "); ok {
			value, err := strconv.ParseFloat(text, 64)
			must(t, err)
			return value
		}
	}
	return 0
}
