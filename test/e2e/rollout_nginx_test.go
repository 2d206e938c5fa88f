package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// nginxSetup is nginx with the files of deploy/nginx. Only the port and the path of the upstream's file are the test's own.
type nginxSetup struct {
	address, upstream, command string
}

// around is the nginx.conf that Debian has around such a file, without its paths.
const around = `daemon off; user root; pid nginx.pid; error_log stderr error; worker_processes 2; worker_shutdown_timeout 20s; events {}
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
%s }
`

func deployedNginx(t *testing.T) *nginxSetup {
	t.Helper()
	dir := t.TempDir()
	n := &nginxSetup{address: freePort(t), upstream: filepath.Join(dir, "upstream.inc")}
	config, err := os.ReadFile("../../deploy/nginx/vacancy.conf")
	must(t, err)
	text := string(config)
	for from, to := range map[string]string{"listen 80;": "listen " + n.address + ";", "/etc/nginx/vacancy-upstream.inc": n.upstream} {
		if strings.Count(text, from) != 1 {
			t.Fatalf("vacancy.conf does not have %q once", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	file := filepath.Join(dir, "nginx.conf")
	must(t, os.WriteFile(file, fmt.Appendf(nil, around, text), 0o600))
	n.command = fmt.Sprintf("%s -p %s -c %s -e stderr", debianProgram("nginx"), dir, file)
	return n
}

// shiftLine is the command that moves the traffic.
func (n *nginxSetup) shiftLine(blue, green string) string {
	return fmt.Sprintf("NGINX='%s' UPSTREAM=%s BLUE=%s GREEN=%s sh ../../deploy/nginx/shift.sh", n.command, n.upstream, blue, green)
}

// start has nginx run with all of the traffic going to blue.
func (n *nginxSetup) start(t *testing.T, blue, green string) string {
	t.Helper()
	upstream := fmt.Sprintf("upstream vacancy { server %s; server %s down; }\n", blue, green)
	must(t, os.WriteFile(n.upstream, []byte(upstream), 0o600))
	words := strings.Fields(n.command)
	startProxy(t, exec.Command(words[0], words[1:]...), n.address)
	return "http://" + n.address
}

// TestRolloutBehindNginx moves the traffic of the oldest version that may share a database to today's, which migrates the schema, by
// weights that are written anew. No booking fails, and every reader ends with what is true.
func TestRolloutBehindNginx(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	nginx := deployedNginx(t)
	blue := proc.LaunchOf(t, oldProgram(t), database)
	class(t, blue.Client(t), 1_000_000)
	greenAt := freePort(t)
	blueAt := strings.TrimPrefix(blue.URL, "http://")
	proxy := nginx.start(t, blueAt, greenAt)
	load := startTraffic(t, proxy)
	load.some(t, 50)
	green := proc.LaunchOf(t, proc.Program(t), database, "--listen", greenAt, "--limits", "off")
	load.some(t, 50)

	said, code := proc.Run(t, database, "rollout", "--blue", blue.URL, "--green", green.URL, "--step-time", "2s", "--step-timeout", "40s",
		"--min-writes", "10", "--shift-command", nginx.shiftLine(blueAt, greenAt), "--blue-stop", "kill -TERM "+strconv.Itoa(blue.PID()))
	t.Logf("the rollout:\n%s", said)
	if code != 0 || !strings.Contains(said, "blue has ended") {
		t.Errorf("the rollout ends with %d", code)
	}
	load.some(t, 100)
	load.end()
	if got := load.failures(); got != "map[]" {
		t.Errorf("bookings failed: %s", got)
	}
	load.settle(t, green, database)

	weights := nginx.shiftLine(blueAt, greenAt)
	before, err := os.ReadFile(nginx.upstream)
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "export BLUE_WEIGHT=some GREEN_WEIGHT=10; "+weights)
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("weights that nginx refuses are accepted: %s", out)
	}
	if after, err := os.ReadFile(nginx.upstream); err != nil || !bytes.Equal(after, before) {
		t.Errorf("after weights that nginx refuses the file is %s (%v)", after, err)
	}
}
