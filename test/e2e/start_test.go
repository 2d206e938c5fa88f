package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// A server that starts before its database, or while that is frozen, waits for it in the open, and serves when it is there.
func TestServerWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		away, back func(*postgrestest.Server, testing.TB)
		reason     string
	}{
		"stopped": {(*postgrestest.Server).Stop, (*postgrestest.Server).Start, "cannot be reached"},
		"frozen":  {(*postgrestest.Server).Freeze, (*postgrestest.Server).Thaw, "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := postgrestest.Start(t)
			test.away(database, t)
			admin := freePort(t)
			server := proc.LaunchAt(t, freePort(t), database.URL(), "--admin-listen", admin)
			ask, operator := newAsker(server.URL), newAsker("http://"+admin)
			listens := func() bool { r, err := http.Get(server.URL + "/healthz"); return err == nil && r.Body.Close() == nil }
			eventually(t, "the process answers", listens)
			eventually(t, "the log says what is waited for", func() bool {
				return strings.Contains(server.Said(), "waiting for the database") && strings.Contains(server.Said(), test.reason)
			})
			for path, want := range map[string]int{"/healthz": 200, "/": 503, "/studio": 503, "/v1/venues": 503, "/nowhere/at/all": 503} {
				a := ask.get(t, path)
				if a.status != want || want == http.StatusServiceUnavailable && a.retryAfter == "" {
					t.Errorf("%s is answered with %d, Retry-After %q", path, a.status, a.retryAfter)
				}
			}
			for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/metrics": 200} {
				a := operator.get(t, path)
				if a.status != want || path == "/metrics" && !strings.Contains(a.body, "vacancy_database_readable 0") {
					t.Errorf("the operator's port answers %s with %d: %s", path, a.status, a.body)
				}
			}
			ask.bookInVain(t)
			awaited := func() bool {
				page := operator.get(t, "/metrics").body
				return strings.Contains(page, `vacancy_alert_active{key="database_awaited",severity="critical"} 1`) &&
					figure(t, page, "vacancy_database_wait_seconds") > 1
			}
			eventually(t, "people are told", awaited)

			test.back(database, t)
			eventually(t, "readyz is 200", func() bool { return operator.get(t, "/readyz").status == http.StatusOK })
			page := operator.get(t, "/metrics").body
			if !strings.Contains(page, `vacancy_alert_active{key="database_awaited",severity="critical"} 0`) ||
				figure(t, page, "vacancy_database_wait_seconds") != 0 {
				t.Errorf("the database is there, and it is still waited for:\n%s", page)
			}
			class(t, server.Client(t), 10)
			if _, err := server.Client(t).Book(t.Context(), "studio", wish()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A server that waits for its database ends when it is told to, in good order.
func TestServerStopsWhileItWaits(t *testing.T) {
	t.Parallel()
	server := proc.LaunchAt(t, freePort(t), "postgres://vacancy@"+freePort(t)+"/vacancy")
	eventually(t, "it waits", func() bool { return strings.Contains(server.Said(), "waiting for the database") })
	began := time.Now()
	if err := server.Stop(t.Context()); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to end", took)
	}
}

// What waiting does not mend ends the start at once, with a sentence that says what it is.
func TestWrongSettingsEndTheStart(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	must(t, proc.Launch(t, database.URL()).Stop(t.Context())) // which has made the schema
	execute(t, database.URL(), "CREATE ROLE stranger LOGIN")
	execute(t, database.URL(), "CREATE ROLE locked")
	execute(t, database.URL(), "CREATE DATABASE newer TEMPLATE vacancy")
	in := func(change func(*url.URL)) string {
		u, err := url.Parse(database.URL())
		must(t, err)
		change(u)
		return u.String()
	}
	newer := in(func(u *url.URL) { u.Path = "/newer" })
	execute(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	for says, address := range map[string]string{
		`has no database "nowhere"`:     in(func(u *url.URL) { u.Path = "/nowhere" }),
		`refuses user "nobody"`:         in(func(u *url.URL) { u.User = url.User("nobody") }),
		`refuses user "locked"`:         in(func(u *url.URL) { u.User = url.User("locked") }),
		`user "stranger" lacks a right`: in(func(u *url.URL) { u.User = url.User("stranger") }),
		"version 9999":                  newer,
		"synchronous_commit = off":      in(func(u *url.URL) { u.RawQuery += "&synchronous_commit=off" }),
	} {
		began := time.Now()
		said, code := proc.Run(t, address, "serve", "--listen", "127.0.0.1:0")
		if code == 0 || !strings.Contains(said, says) || strings.Contains(said, "waiting for") || strings.Contains(said, "goroutine") {
			t.Errorf("%s: it ends with %d after %s and says:\n%s", says, code, time.Since(began), said)
		}
	}
}
