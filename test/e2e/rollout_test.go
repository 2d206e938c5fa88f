package e2e

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// version is one of two versions of the server, with the ports that proxies and operators use.
type version struct {
	*proc.Process
	listen, admin, agent string
	weightFile           string
}

// newVersion chooses the ports. The version runs once it is launched.
func newVersion(t *testing.T) *version {
	t.Helper()
	return &version{listen: freePort(t), admin: freePort(t), agent: freePort(t), weightFile: filepath.Join(t.TempDir(), "weight")}
}

// launch runs a build of the server, with a weight to begin with, and waits until it serves.
func (v *version) launch(t *testing.T, program, database string, weight int) {
	t.Helper()
	v.Process = proc.LaunchOf(t, program, database, "--listen", v.listen, "--admin-listen", v.admin, "--agent-listen", v.agent,
		"--agent-weight", strconv.Itoa(weight), "--agent-weight-file", v.weightFile, "--drain-delay", "3s", "--drain-time", "2s",
		"--limits", "off") // all of the traffic is one client's
	operator := newAsker("http://" + v.admin)
	eventually(t, "it serves", func() bool { return operator.get(t, "/readyz").status == http.StatusOK })
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// haproxy is HAProxy with the configuration of deploy/haproxy, as it is.
type haproxy struct {
	url    string
	master *os.Process
	said   *output
}

// behindHAProxy returns once HAProxy has noticed that green does not run.
func behindHAProxy(t *testing.T, blue, green *version) *haproxy {
	t.Helper()
	address := freePort(t)
	cmd := exec.Command(debianProgram("haproxy"), "-W", "-db", "-f", "../../deploy/haproxy/haproxy.cfg")
	cmd.Env = append(os.Environ(), "VACANCY_BIND="+address,
		"BLUE="+blue.listen, "BLUE_ADMIN_PORT="+portOf(blue.admin), "BLUE_AGENT_PORT="+portOf(blue.agent),
		"GREEN="+green.listen, "GREEN_ADMIN_PORT="+portOf(green.admin), "GREEN_AGENT_PORT="+portOf(green.agent))
	said := startProxy(t, cmd, address)
	eventually(t, "HAProxy knows that green is down", func() bool { return strings.Contains(said.text(), "Server vacancy/green is DOWN") })
	return &haproxy{"http://" + address, cmd.Process, said}
}

// reload has a new process take over, as systemctl reload does, and returns once it has heard that green is to have nothing.
func (h *haproxy) reload(t *testing.T) {
	t.Helper()
	const drains = "Server vacancy/green enters drain state"
	before := strings.Count(h.said.text(), drains)
	must(t, h.master.Signal(syscall.SIGUSR2))
	eventually(t, "the new process knows the weights", func() bool { return strings.Count(h.said.text(), drains) > before })
}

// debianProgram is where Debian has a daemon, which may be outside of users' paths.
func debianProgram(name string) string {
	if program, err := exec.LookPath(name); err == nil {
		return program
	}
	return "/usr/sbin/" + name
}

// output is what a program says.
type output struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.Write(p)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.String()
}

// startProxy runs a proxy until the end of the test, and waits until it listens.
func startProxy(t *testing.T, cmd *exec.Cmd, address string) *output {
	t.Helper()
	said := new(output)
	cmd.Stdout, cmd.Stderr = said, said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // nginx ends its workers, too
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", cmd.Path, said.text())
		}
	})
	eventually(t, "the proxy listens", func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
	return said
}

// faultyProgram builds the server with every tenth booking answered with 500, and a migration that the server of today does not have.
// The faults are laid over the source for this one build; the product has no such option.
func faultyProgram(t *testing.T) string {
	t.Helper()
	contents := func(path string) string {
		text, err := os.ReadFile("../../" + path)
		must(t, err)
		return string(text)
	}
	const bookings, begins = "internal/httpapi/bookings.go", "func (c *requestContext) book(b BookingRequest) error {\n"
	const fails = "\tif err := everyTenth(); err != nil {\n\t\treturn err\n\t}\n"
	source := contents(bookings)
	if strings.Count(source, begins) != 1 {
		t.Fatalf("%s does not have %q once", bookings, begins)
	}
	return proc.ProgramWith(t, "faulty", map[string]string{
		bookings:                        strings.Replace(source, begins, begins+fails, 1),
		"internal/httpapi/faults.go":    contents("test/e2e/testdata/faulty/faults.go.txt"),
		migrations + "/99999_later.sql": contents("test/e2e/testdata/faulty/99999_later.sql"),
	})
}

// rolloutOf is the command line of a rollout, with steps that are short.
func rolloutOf(blue, green *version, more ...string) []string {
	return append([]string{
		"rollout", "--blue", "http://" + blue.admin, "--green", "http://" + green.admin, "--step-time", "2s", "--step-timeout", "40s",
		"--min-writes", "20",
	}, more...)
}

// TestRolloutBehindHAProxy moves the traffic of one version to another, under load and with open pages, by the weights that the versions
// tell HAProxy. The first green is faulty and has migrated the schema: it comes back by itself and nothing acknowledged is lost. The second
// one takes over, and blue ends: no booking fails.
func TestRolloutBehindHAProxy(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	faulty := faultyProgram(t)
	blue, green := newVersion(t), newVersion(t)
	blue.launch(t, proc.Program(t), database, 100)
	class(t, blue.Client(t), 1_000_000)
	proxy := behindHAProxy(t, blue, green)
	load := startTraffic(t, proxy.url)
	load.some(t, 100)

	green.launch(t, faulty, database, 0) // and gets nothing before it is told to
	checkMigrated(t, database)
	load.some(t, 100) // of blue, on the newer schema
	if got := load.failures(); got != "map[]" {
		t.Errorf("before the rollout, bookings failed: %s", got)
	}
	said, code := proc.Run(t, database, rolloutOf(blue, green)...)
	t.Logf("the rollout of a faulty version:\n%s", said)
	checkReturned(t, said, code)
	if got := agentSays(t, blue.agent) + agentSays(t, green.agent); got != "ready 100%\ndrain\n" {
		t.Errorf("after the return the agents say %q", got)
	}
	must(t, green.Stop(t.Context()))
	faults := load.onlyFaults(t)

	must(t, os.Remove(green.weightFile))
	green.launch(t, proc.Program(t), database, 0)
	proxy.reload(t)
	load.some(t, 100) // what green was given before the first check is answered
	answered := answersOf(t, green)
	load.some(t, 300)
	if got := answersOf(t, green); got != answered {
		t.Errorf("after a reload of HAProxy green, whose weight is 0, has answered %.0f bookings", got-answered)
	}
	said, code = proc.Run(t, database, rolloutOf(blue, green, "--blue-stop", "kill -TERM "+strconv.Itoa(blue.PID()))...)
	t.Logf("the rollout:\n%s", said)
	if code != 0 || !strings.Contains(said, "blue has ended") {
		t.Errorf("the rollout ends with %d", code)
	}
	load.some(t, 100)
	if got := load.failures(); got != faults {
		t.Errorf("during the rollout bookings failed: %s, and before it %s", got, faults)
	}
	load.end()
	load.settle(t, green.Process, database)
}

// checkReturned fails unless a rollout has given everything back to blue.
func checkReturned(t *testing.T, said string, code int) {
	t.Helper()
	if code != 1 || !strings.Contains(said, "CHECK FAILED") || !strings.Contains(said, "100 % to blue") {
		t.Errorf("the rollout of a faulty version ends with %d", code)
	}
}

// onlyFaults waits for further bookings, after a return from a faulty version: none of them fails, and those that have failed are its own.
func (w *traffic) onlyFaults(t *testing.T) (faults string) {
	t.Helper()
	faults = w.failures()
	w.some(t, 200)
	if got := w.failures(); got != faults || strings.Count(got, ":") != 1 || !strings.Contains(got, "500 Internal Server Error internal") {
		t.Errorf("bookings failed: %s, and after the return %s", faults, got)
	}
	return faults
}

// checkMigrated fails unless the database has what the faulty version brings along: else a return from it proves nothing.
func checkMigrated(t *testing.T, database string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), database)
	must(t, err)
	defer func() { must(t, c.Close(context.WithoutCancel(t.Context()))) }()
	var newest int64
	must(t, c.QueryRow(t.Context(), "SELECT max(version_id) FROM goose_db_version").Scan(&newest))
	if newest != 99999 {
		t.Fatalf("the schema is at version %d", newest)
	}
}

// answersOf is how many bookings a version has answered.
func answersOf(t *testing.T, v *version) float64 {
	t.Helper()
	const series = `vacancy_http_request_seconds_count{route="POST /v1/venues/{venue}/bookings",status="201"}`
	return figure(t, get(t, "http://"+v.admin+"/metrics"), series)
}
