package agentcheck_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/agentcheck"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is an agent that answers, and whether its server is ready.
func served(t *testing.T, weight *agentcheck.Weight) (address string, ready *atomic.Bool) {
	t.Helper()
	ready = new(atomic.Bool)
	agent, err := agentcheck.Listen(t.Context(), agentcheck.Config{
		Address: "127.0.0.1:0", Weight: weight, Ready: ready.Load, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(agent.Serve)
	t.Cleanup(func() {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
	return agent.Address(), ready
}

// ask is what a check is answered with, to its end.
func ask(t *testing.T, address string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func weight(t *testing.T, initial int, file string) *agentcheck.Weight {
	t.Helper()
	w, err := agentcheck.NewWeight(initial, file)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// A check is answered with one line, which says what the weight is now and whether the server serves.
func TestAnswers(t *testing.T) {
	t.Parallel()
	w := weight(t, 100, "")
	address, ready := served(t, w)
	for _, c := range []struct {
		ready  bool
		weight int
		want   string
	}{
		{false, 100, "drain\n"},
		{true, 100, "ready 100%\n"},
		{true, 1, "ready 1%\n"},
		{true, 0, "drain\n"},
		{true, 50, "ready 50%\n"},
		{false, 50, "drain\n"},
	} {
		ready.Store(c.ready)
		if err := w.SetWeight(c.weight); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, address); got != c.want {
			t.Errorf("ready %v, weight %d: answered with %q", c.ready, c.weight, got)
		}
	}
}

// Nobody is waited for: a check is answered while others are connected and take nothing.
func TestSilentConnectionsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	address, ready := served(t, weight(t, 100, ""))
	ready.Store(true)
	for range 100 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	if got := ask(t, address); got != "ready 100%\n" {
		t.Errorf("answered with %q", got)
	}
}

// A weight that was set is there after a restart, whatever the initial one; one that cannot be kept is not taken over.
func TestWeightIsKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "weight")
	w := weight(t, 0, file)
	if w.Weight() != 0 {
		t.Errorf("without a file it is %d", w.Weight())
	}
	if err := w.SetWeight(10); err != nil {
		t.Fatal(err)
	}
	if again := weight(t, 100, file); again.Weight() != 10 {
		t.Errorf("after a restart it is %d", again.Weight())
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("beside the file there are %v, %v", entries, err)
	}

	lost := weight(t, 100, filepath.Join(t.TempDir(), "nowhere", "weight"))
	if err := lost.SetWeight(10); err == nil || lost.Weight() != 100 {
		t.Errorf("a weight that cannot be kept: %v, and it is %d", err, lost.Weight())
	}
}

func TestWrongWeights(t *testing.T) {
	t.Parallel()
	w := weight(t, 70, "")
	for _, value := range []int{-1, 101} {
		if err := w.SetWeight(value); !errors.Is(err, agentcheck.ErrWeight) || w.Weight() != 70 {
			t.Errorf("%d: %v, and it is %d", value, err, w.Weight())
		}
		if _, err := agentcheck.NewWeight(value, ""); !errors.Is(err, agentcheck.ErrWeight) {
			t.Errorf("%d as the initial one: %v", value, err)
		}
	}
	for _, text := range []string{"", "many", "101", "-1", "1.5", "0x10", strings.Repeat("1", 1000)} {
		file := filepath.Join(t.TempDir(), "weight")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := agentcheck.NewWeight(100, file); !errors.Is(err, agentcheck.ErrWeight) {
			t.Errorf("a file with %.10q: %v", text, err)
		}
	}
}
