package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// around is the nginx.conf that Debian has around such a file, without its paths.
const around = `daemon off; user root; pid nginx.pid; error_log stderr error; worker_processes 2; worker_shutdown_timeout 20s; events {}
http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
%s }
`

// deployedNginx is nginx with the files of deploy/nginx. Only the port and the path of the upstream's file are the test's own.
func deployedNginx(t *testing.T) *scriptedProxy {
	t.Helper()
	dir, address := t.TempDir(), freePort(t)
	upstream := filepath.Join(dir, "upstream.inc")
	config, err := os.ReadFile("../../deploy/nginx/vacancy.conf")
	must(t, err)
	text := string(config)
	for from, to := range map[string]string{"listen 80;": "listen " + address + ";", "/etc/nginx/vacancy-upstream.inc": upstream} {
		if strings.Count(text, from) != 1 {
			t.Fatalf("vacancy.conf does not have %q once", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	file := filepath.Join(dir, "nginx.conf")
	must(t, os.WriteFile(file, fmt.Appendf(nil, around, text), 0o600))
	command := []string{debianProgram("nginx"), "-p", dir, "-c", file, "-e", "stderr"}
	return &scriptedProxy{
		address: address, command: command, environment: []string{"NGINX=" + strings.Join(command, " "), "UPSTREAM=" + upstream},
		script: "../../deploy/nginx/shift.sh", shares: upstream, first: "upstream vacancy { server %s; }\n",
	}
}

// TestRolloutBehindNginx moves the traffic of the oldest version that may share a database to today's, which migrates the schema, by
// weights that are written anew. No booking fails, and every reader ends with what is true.
func TestRolloutBehindNginx(t *testing.T) {
	t.Parallel()
	r := startRollout(t, deployedNginx(t), oldProgram(t))
	r.takesOver(t, "map[]")
	r.refuses(t, r.blueAt(), "some", "10")
}
