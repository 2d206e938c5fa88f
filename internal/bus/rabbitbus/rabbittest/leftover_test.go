package rabbittest_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// victim is set in the environment of a copy of this test program that is to be killed.
const victim = "RABBITTEST_VICTIM"

// TestVictim is nothing by itself. In the copy it starts a broker, tells where it is, and waits to be killed.
func TestVictim(t *testing.T) {
	t.Parallel()
	if os.Getenv(victim) == "" {
		return
	}
	broker := rabbittest.Shared(t)
	if rabbittest.Shared(t) != broker {
		t.Fatal("two shared brokers")
	}
	if _, err := os.Stdout.WriteString("broker " + broker.Address() + " " + broker.Directory() + "\n"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the process that holds the other end
}

func TestKilledProcessLeavesNoBroker(t *testing.T) {
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
	var address, directory string
	for lines := bufio.NewScanner(output); address == "" && lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "broker" {
			address, directory = words[1], words[2]
		}
	}
	if !listening(t.Context(), address) {
		t.Fatalf("nobody listens on %q before the kill", address)
	}
	if err := copied.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = copied.Wait() // "signal: killed"
	await(t, "the broker on "+address+" is gone", func() bool { return !listening(t.Context(), address) })
	await(t, directory+" is removed", func() bool {
		_, err := os.Stat(directory)
		return errors.Is(err, fs.ErrNotExist)
	})
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
