package postgrestest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
)

// victim is set in the environment of a copy of this test program that is to be killed.
const victim = "POSTGRESTEST_VICTIM"

// TestVictim is nothing by itself. In the copy it starts both kinds of server, tells where they are, and waits to be killed.
func TestVictim(t *testing.T) {
	t.Parallel()
	if os.Getenv(victim) == "" {
		return
	}
	for _, server := range []*postgrestest.Server{postgrestest.Shared(t), postgrestest.Start(t)} {
		if _, err := os.Stdout.WriteString("server " + server.URL() + " " + server.Directory() + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the process that holds the other end
}

func TestKilledProcessLeavesNoServer(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copied := exec.CommandContext(t.Context(), program, "-test.run=^TestVictim$")
	copied.Env = append(os.Environ(), victim+"=1")
	output, err := copied.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copied.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := copied.Start(); err != nil {
		t.Fatal(err)
	}
	var addresses, directories []string
	for lines := bufio.NewScanner(output); len(addresses) < 2 && lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "server" {
			address, err := url.Parse(words[1])
			if err != nil {
				t.Fatal(err)
			}
			addresses, directories = append(addresses, address.Host), append(directories, words[2])
		}
	}
	if len(addresses) != 2 {
		t.Fatalf("the copy told of %d servers", len(addresses))
	}
	for _, address := range addresses {
		if !listening(t.Context(), address) {
			t.Errorf("nobody listens on %s before the kill", address)
		}
	}
	if err := copied.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = copied.Wait() // "signal: killed"
	for i := range addresses {
		await(t, "the server on "+addresses[i]+" is gone", func() bool { return !listening(t.Context(), addresses[i]) })
		await(t, directories[i]+" is removed", func() bool {
			_, err := os.Stat(directories[i])
			return errors.Is(err, fs.ErrNotExist)
		})
	}
}

func listening(ctx context.Context, address string) bool {
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err == nil {
		_ = connection.Close()
	}
	return err == nil
}

// await looks again and again: the death of another process's children sends this one no signal.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(time.Minute)
	for !done() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
