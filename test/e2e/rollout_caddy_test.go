package e2e

import (
	"iter"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/test/proc"
)

// deployedCaddy is Caddy with the files of deploy/caddy, as they are.
func deployedCaddy(t *testing.T) *scriptedProxy {
	t.Helper()
	dir, address := t.TempDir(), freePort(t)
	const config = "../../deploy/caddy/Caddyfile"
	program, shares := proc.Tool(t, "vacancy/tools/caddy"), filepath.Join(dir, "vacancy-upstream")
	return &scriptedProxy{
		address: address, command: []string{program, "run", "--adapter", "caddyfile", "--config", config},
		environment: []string{
			"CADDY=" + program, "CADDYFILE=" + config, "CADDY_ADMIN=" + freePort(t), "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir,
			"VACANCY_SITE=http://" + address, "VACANCY_BIND=127.0.0.1", "VACANCY_UPSTREAM=" + shares,
		},
		script: "../../deploy/caddy/shift.sh", shares: shares, first: "to %s\n",
	}
}

// TestRolloutBehindCaddy moves the traffic by weights that Caddy is given by reloads. The first green is faulty and has migrated the
// schema: the traffic goes back by itself. The second one takes over, and blue ends: no booking fails but by the faulty version.
func TestRolloutBehindCaddy(t *testing.T) {
	t.Parallel()
	r := startRollout(t, deployedCaddy(t), proc.Program(t), todaysArgs...)
	green := r.launchGreen(t, faultyProgram(t))
	checkMigrated(t, r.database)
	if got := r.load.failures(); got != "map[]" {
		t.Errorf("before the rollout, bookings failed: %s", got)
	}
	said, code := r.run(t, green, "--steps", "10,100")
	checkReturned(t, said, code)
	must(t, green.Stop(t.Context()))
	faults := r.load.onlyFaults(t)
	r.takesOver(t, faults)
	r.refuses(t, r.blueAt(), "some", "10")
	r.refuses(t, r.blueAt(), "0", "0")
	r.refuses(t, "127.0.0.1:no-port", "90", "10")
}

// TestLiveConnectionsBehindCaddy sees each booking on a stream and a socket that stay open while Caddy is reloaded, and half of the traffic
// is meant for a server that is not there: what cannot be connected to is tried again. Nobody passes for another client, and what is the
// operator's is not shown.
func TestLiveConnectionsBehindCaddy(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--access-log", "--log-level", "info")
	class(t, server.Client(t), 100)
	caddy, at := deployedCaddy(t), strings.TrimPrefix(server.URL, "http://")
	proxy := caddy.start(t, at)
	status, _, _ := outsider{t, proxy, "203.0.113.9"}.call(http.MethodGet, "/v1/venues/studio", "")
	if status != http.StatusOK || !strings.Contains(server.Said(), `"client":"127.0.0.1"`) || strings.Contains(server.Said(), "203.0.113.9") {
		t.Errorf("a client that says to be another gets %d, and the server says: %s", status, server.Said())
	}
	for path, want := range map[string]int{"/studio": 200, "/metrics": 404, "/readyz": 404, "/weight": 404} {
		if got := newAsker(proxy).get(t, path).status; got != want {
			t.Errorf("%s through the proxy: %d", path, got)
		}
	}
	through, err := client.New(proxy, client.WithKey(proc.AdminKey))
	must(t, err)
	stream := streamThrough(t, proxy)
	socket, err := through.Dial(t.Context())
	must(t, err)
	defer func() { _ = socket.Close() }()
	must(t, socket.Subscribe("a", query()))
	nextEvent, stop := iter.Pull2(socket.Events(t.Context()))
	defer stop()
	for n := range 20 {
		if n == 10 {
			if said, err := caddy.shift(t, at, freePort(t), "50", "50"); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
		}
		_, err := through.Book(t.Context(), "studio", wish())
		must(t, err)
		awaitRemaining(t, stream, 99-n)
		for left := 1000; left != 99-n; {
			event, err, ok := nextEvent()
			if err != nil || !ok {
				t.Fatalf("the socket ends after %d bookings: %v", n, err)
			}
			left = slotAt(t, event.State.Availability(), tomorrow()).Remaining
		}
	}
}
