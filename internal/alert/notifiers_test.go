package alert_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/internal/alert"
)

var from = alert.Source{Node: "node-1", Version: "v1.2.3"}

func raised() alert.Alert {
	return alert.Alert{
		Key: "database_away", Severity: alert.Critical, Text: `no database "db1" or 'db2' $(touch x) can be written to`,
		Since: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC),
	}
}

// document is what commands and webhooks are promised.
const document = `{"key":"database_away","status":"raised","severity":"critical",` +
	`"text":"no database \"db1\" or 'db2' $(touch x) can be written to",` +
	`"since":"2026-11-28T10:00:00Z","runbook":"docs/runbook.md#database_away","node":"node-1","version":"v1.2.3"}` + "\n"

// rewrite sends requests to a test server, whatever host they are for.
type rewrite struct{ host string }

func (t rewrite) RoundTrip(r *http.Request) (*http.Response, error) {
	r.URL.Host, r.URL.Scheme = t.host, "http"
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	type received struct{ body, contentType, agent, user string }
	got := make(chan received, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		user, _, _ := r.BasicAuth()
		got <- received{string(body), r.Header.Get("Content-Type"), r.Header.Get("User-Agent"), user}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	hook := alert.Webhook(strings.Replace(server.URL, "//", "//operator:hunter2@", 1)+"/hooks/T0/secret", from, nil)
	if err := hook.Notify(t.Context(), raised()); err != nil {
		t.Fatal(err)
	}
	if r := <-got; r != (received{document, "application/json", "Vacancy/v1.2.3", "operator"}) {
		t.Errorf("it got %+v", r)
	}
	ended := raised()
	ended.ResolvedAt = ended.Since.Add(90 * time.Second)
	if err := hook.Notify(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	var n map[string]string
	if err := json.Unmarshal([]byte((<-got).body), &n); err != nil || n["status"] != "resolved" || n["resolved_at"] != "2026-11-28T10:01:30Z" {
		t.Errorf("the end is told as %v, %v", n, err)
	}
}

func TestAnswersOfWebhooks(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "", 202: "", 204: "", 301: "refused", 307: "refused", 400: "refused", 401: "refused", 404: "refused", 410: "refused",
		408: "again", 425: "again", 429: "again", 500: "again", 502: "again", 503: "again",
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		hook := alert.Webhook("http://hooks.example/secret", from, rewrite{strings.TrimPrefix(server.URL, "http://")})
		err := hook.Notify(t.Context(), raised())
		server.Close()
		_, refused := errors.AsType[alert.RefusedError](err)
		if got := map[bool]string{true: "refused", false: "again"}[refused]; (err == nil) != (want == "") || err != nil && got != want {
			t.Errorf("%d: %v", status, err)
		}
		if asked != 1 {
			t.Errorf("%d: it was asked %d times", status, asked)
		}
	}
}

// The address of a webhook is often the only secret that it has.
func TestWebhooksAddressIsInNoError(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://127.0.0.1:1/T0/hunter2", "http://[::1/hunter2", "http://u:hunter2@127.0.0.1:1/"} {
		err := alert.Webhook(address, from, nil).Notify(t.Context(), raised())
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestCommand(t *testing.T) {
	t.Setenv("VACANCY_ADMIN_KEY", "hunter2-hunter2-hunter2")
	t.Setenv("PGPASSWORD", "hunter2")
	dir := t.TempDir()
	file := filepath.Join(dir, "told")
	line := fmt.Sprintf(`cat > '%s' && env > '%s.env' && printf %%s "$ALERT_TEXT" > '%s.text'`, file, file, file)
	if err := alert.Command(line, from).Notify(t.Context(), raised()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": document, ".text": raised().Text} {
		if got, err := os.ReadFile(file + name); err != nil || string(got) != want {
			t.Errorf("told%s is %q, %v", name, got, err)
		}
	}
	env, err := os.ReadFile(file + ".env")
	if err != nil || strings.Contains(string(env), "hunter2") {
		t.Errorf("the command sees the server's secrets: %s, %v", env, err)
	}
	for _, want := range []string{"PATH=", "ALERT_KEY=database_away\n", "ALERT_STATUS=raised\n", "ALERT_SEVERITY=critical\n"} {
		if !strings.Contains(string(env), want) {
			t.Errorf("%s is missing in %s", want, env)
		}
	}
}

func TestCommandThatFails(t *testing.T) {
	t.Parallel()
	err := alert.Command("echo no such mailbox >&2; echo password=hunter2; exit 3", from).Notify(t.Context(), raised())
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("the error is %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error has what it printed of secrets: %v", err)
	}
	err = alert.Command("yes | head -c 100000; exit 1", from).Notify(t.Context(), raised())
	if err == nil || len(err.Error()) > 2000 {
		t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
	}
}

// A command that takes too long is ended with what it has started, which holds its standard output open.
func TestCommandThatHangs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	file := filepath.Join(t.TempDir(), "child")
	ready := filepath.Join(filepath.Dir(file), "fifo")
	line := fmt.Sprintf(`sleep 1000 & echo $! > '%s'; mkfifo '%s'; cat '%s'`, file, ready, ready)
	ended := make(chan error, 1)
	go func() { ended <- alert.Command(line, from).Notify(ctx, raised()) }()
	child := waitForContent(t, file)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	waitUntil(t, func() bool { return !running(child) }, "the command's child goes on")
}
