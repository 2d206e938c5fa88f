package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/test/proc"
)

// bare is how everybody writes it. sockets are the lines of the README, which WebSockets need.
const (
	bare    = `proxy_pass http://%s;`
	sockets = bare + ` proxy_http_version 1.1; proxy_set_header Host $host;
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;`
)

// behindNginx starts an nginx in front of a server, and returns its address.
func behindNginx(t *testing.T, server *proc.Process, location string) string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // where Debian has it, outside of users' paths
	}
	dir, address := t.TempDir(), freePort(t)
	config := fmt.Sprintf(`daemon off; master_process off; pid nginx.pid; error_log stderr error; events {}
		http { access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
		scgi_temp_path scgi; server { listen %s; location / { %s } } }`,
		address, fmt.Sprintf(location, strings.TrimPrefix(server.URL, "http://")))
	must(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600))
	cmd := exec.Command(program, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
	var said strings.Builder
	cmd.Stderr = &said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx said: %s", said.String())
		}
	})
	eventually(t, "nginx listens", func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
	return "http://" + address
}

// streamThrough opens a live stream through a proxy.
func streamThrough(t *testing.T, proxy string) *bufio.Scanner {
	t.Helper()
	r, err := http.Get(proxy + "/v1/live?venue=studio&service=class&from=" + query().From + "&to=" + query().To)
	must(t, err)
	t.Cleanup(func() { _ = r.Body.Close() })
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	next(t, lines, "event: snapshot")
	return lines
}

// awaitRemaining reads a live stream until so many places are left.
func awaitRemaining(t *testing.T, stream *bufio.Scanner, want int) {
	t.Helper()
	for left := 1000; left != want; {
		left = remaining(t, next(t, stream, "data: "))
	}
}

// With a proxy_pass alone, pages and live events come through, a change without delay; sockets do not, which clients are told in a way
// that lets them fall back. Nothing of the operator's is shown.
func TestBehindBareNginx(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"))
	api := server.Client(t)
	class(t, api, 100)
	proxy := behindNginx(t, server, bare)
	stream := streamThrough(t, proxy)
	for n := range 20 { // each is seen before the next is made: nothing waits in the proxy
		_, err := api.Book(t.Context(), "studio", wish())
		must(t, err)
		awaitRemaining(t, stream, 99-n)
	}
	for path, want := range map[string]int{"/studio": http.StatusOK, "/metrics": http.StatusUnauthorized} {
		r, err := http.Get(proxy + path)
		must(t, err)
		_ = r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s through the proxy: %d", path, r.StatusCode)
		}
	}
	through, err := client.New(proxy)
	must(t, err)
	if socket, err := through.Dial(t.Context()); err == nil {
		_ = socket.Close()
		t.Error("a socket came through a proxy that does not pass the upgrade on")
	}
}

// With the lines of the README, sockets come through as well.
func TestSocketsBehindNginx(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"))
	class(t, server.Client(t), 100)
	proxy := behindNginx(t, server, sockets)
	through, err := client.New(proxy)
	must(t, err)
	socket, err := through.Dial(t.Context())
	must(t, err)
	must(t, socket.Close())
	metrics, err := url.JoinPath(proxy, "metrics")
	must(t, err)
	r, err := http.Get(metrics)
	must(t, err)
	_ = r.Body.Close()
	if r.StatusCode != http.StatusUnauthorized {
		t.Errorf("metrics through the proxy: %d", r.StatusCode)
	}
}

// The lines that are tested are those of the README.
func TestReadmeHasTheLinesOfNginx(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	must(t, err)
	for line := range strings.SplitSeq(sockets, ";") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.Contains(line, "%s") && !strings.Contains(string(readme), line+";") {
			t.Errorf("README.md lacks %q", line)
		}
	}
}
