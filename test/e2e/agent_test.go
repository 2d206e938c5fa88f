package e2e

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"vacancy/test/proc"
)

// agentSays is the answer to an agent check.
func agentSays(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	said, err := io.ReadAll(conn)
	must(t, err)
	return string(said)
}

// setWeight sets a server's weight as an operator on its machine does.
func setWeight(t *testing.T, admin, weight string) {
	t.Helper()
	status, said := sendOnce(t, http.MethodPut, "http://"+admin+"/weight", []byte(`{"weight":`+weight+`}`), "Content-Type", "application/json")
	if status != http.StatusOK {
		t.Fatalf("the weight %s is answered with %d: %s", weight, status, said)
	}
}

// A load balancer that asks the agent alone hears of a weight at once, of a server that starts and of one that stops, for as long as the
// drain lasts; and a weight is kept over a restart.
func TestAgentCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database := "sqlite:" + filepath.Join(dir, "v.db")
	agent, admin := freePort(t), freePort(t)
	args := []string{
		"--agent-listen", agent, "--admin-listen", admin, "--agent-weight", "0", "--agent-weight-file", filepath.Join(dir, "weight"),
		"--drain-delay", "2s",
	}
	server := proc.Launch(t, database, args...)
	class(t, server.Client(t), 10)
	if got := agentSays(t, agent); got != "drain\n" {
		t.Errorf("with the weight 0 it says %q", got)
	}
	setWeight(t, admin, "25")
	if got := agentSays(t, agent); got != "ready 25%\n" {
		t.Errorf("it says %q", got)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(t.Context()) }()
	eventually(t, "it drains", func() bool { return agentSays(t, agent) == "drain\n" })
	if _, err := server.Client(t).Book(t.Context(), "studio", wish()); err != nil {
		t.Errorf("while it drains, a booking ends with %v", err)
	}
	if got := agentSays(t, agent); got != "drain\n" { // the drain is waited for, since somebody asks
		t.Errorf("while it drains it says %q", got)
	}
	must(t, <-stopped)

	proc.Launch(t, database, args...)
	if got := agentSays(t, agent); got != "ready 25%\n" {
		t.Errorf("after a restart it says %q", got)
	}
}

// While a server waits for its database, its agent answers that nobody is to come.
func TestAgentCheckOfAServerThatWaits(t *testing.T) {
	t.Parallel()
	agent := freePort(t)
	proc.LaunchAt(t, freePort(t), "postgres://vacancy@"+freePort(t)+"/vacancy", "--agent-listen", agent, "--admin-listen", freePort(t))
	eventually(t, "the agent listens", func() bool {
		conn, err := net.Dial("tcp", agent)
		return err == nil && conn.Close() == nil
	})
	if got := agentSays(t, agent); got != "drain\n" {
		t.Errorf("it says %q", got)
	}
}
