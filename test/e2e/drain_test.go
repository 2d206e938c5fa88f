package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// checks asks a server's readyz as HAProxy does, every half a second here, and holds it to be down after three failures.
type checks struct{ down atomic.Bool }

func startChecks(t *testing.T, server *proc.Process) *checks {
	t.Helper()
	c := new(checks)
	ask := newAsker(server.URL)
	ask.get(t, "/readyz") // before anybody stops it
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(500 * time.Millisecond)
		defer ticker.Stop()
		for failures := 0; failures < 3; {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			r, err := ask.client.Get(server.URL + "/readyz")
			if failures++; err == nil {
				_ = r.Body.Close()
				if r.StatusCode == http.StatusOK {
					failures = 0
				}
			}
		}
		c.down.Store(true)
	})
	t.Cleanup(func() { stop(); running.Wait() })
	return c
}

// A server with many readers is told to stop while a load balancer checks it. They all arrive at the other server, spread over the drain
// time, told goodbye and never cut off; and the other answers as ever meanwhile.
func TestReadersAreMovedByARestart(t *testing.T) {
	t.Parallel()
	const readers, drainTime = 1500, 4
	database := postgrestest.Shared(t).Schema(t)
	drain := []string{"--limits", "off", "--drain-delay", "2s", "--drain-time", fmt.Sprintf("%ds", drainTime)}
	first, second := proc.Launch(t, database, drain...), proc.Launch(t, database, drain...)
	class(t, first.Client(t), 100)
	balancer := startChecks(t, first)
	arrivals, here := make(chan time.Time, readers), make(chan struct{}, readers)
	var reading sync.WaitGroup
	ctx, leave := context.WithCancel(t.Context())
	defer reading.Wait()
	defer leave()
	for range readers {
		reading.Go(func() {
			if err := move(ctx, balancer, first, second, here, arrivals); err != nil {
				t.Error(err)
				leave()
			}
		})
	}
	for range readers {
		select {
		case <-here:
		case <-ctx.Done():
			t.Fatal("not all readers could begin")
		}
	}
	stopped := make(chan error, 1)
	go func() { stopped <- first.Stop(t.Context()) }()
	ask := newAsker(second.URL)
	var arrived []time.Time
	var latencies []time.Duration
	for len(arrived) < readers && ctx.Err() == nil {
		a := ask.get(t, "/v1/venues/studio/services/class/availability?from="+query().From+"&to="+query().To)
		if a.status != http.StatusOK {
			t.Errorf("meanwhile the other server answers %d", a.status)
		}
		latencies = append(latencies, a.took)
		for more := true; more; {
			select {
			case at := <-arrivals:
				arrived = append(arrived, at)
			default:
				more = false
			}
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	slices.SortFunc(arrived, time.Time.Compare)
	busiest := 0
	for i, from := range arrived {
		n, _ := slices.BinarySearchFunc(arrived[i:], from.Add(time.Second), time.Time.Compare)
		busiest = max(busiest, n)
	}
	slices.Sort(latencies)
	t.Logf("%d readers arrived within %s, at most %d within a second", len(arrived), arrived[len(arrived)-1].Sub(arrived[0]), busiest)
	t.Logf("the other server's %d answers took %s, and the slowest hundredth %s or more", len(latencies), latencies[len(latencies)/2],
		latencies[len(latencies)*99/100])
	if most := 2 * readers / drainTime; busiest > most {
		t.Errorf("%d readers arrived within a second, and not %d", busiest, most)
	}
}

// move is one reader, who goes where the load balancer leads until it has arrived at the second server. It is told goodbye each time.
func move(ctx context.Context, b *checks, first, second *proc.Process, here chan<- struct{}, arrivals chan<- time.Time) error {
	for began := false; ; {
		to := first
		if b.down.Load() {
			to = second
		}
		after, err := watchUntilGoodbye(ctx, to.URL, func() {
			switch {
			case to == second:
				arrivals <- time.Now()
			case !began:
				began = true
				here <- struct{}{}
			}
		})
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was told to leave
		case err != nil:
			return fmt.Errorf("at %s: %w", to.URL, err)
		}
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return nil
		}
	}
}

// watchUntilGoodbye is told after how long to come back. It calls seen at its first event.
func watchUntilGoodbye(ctx context.Context, base string, seen func()) (after time.Duration, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	unregister := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer unregister()
	q := query()
	_, err = fmt.Fprintf(conn, "GET /v1/live?venue=studio&service=class&from=%s&to=%s HTTP/1.1\r\nHost: localhost\r\n\r\n", q.From, q.To)
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bufio.NewReaderSize(conn, 512))
	lines.Buffer(make([]byte, 512), 1<<20)
	for first := true; lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), `data: {"reconnect_after_ms":`); ok {
			ms, err := strconv.Atoi(strings.TrimSuffix(text, "}"))
			return time.Duration(ms) * time.Millisecond, err
		}
		if first && strings.HasPrefix(lines.Text(), "event: snapshot") {
			first = false
			seen()
		}
	}
	return 0, errors.Join(errors.New("it was cut off without a goodbye"), lines.Err())
}

// A server that nobody checks, and that few watch, stops at once; one whose readyz is asked goes on serving first.
func TestDrainDelay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		asked       bool
		least, most time.Duration
	}{"nobody asks readyz": {false, 0, 3 * time.Second}, "readyz is asked": {true, 3 * time.Second, time.Minute}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--drain-delay", "3s")
			class(t, server.Client(t), 10)
			ask := newAsker(server.URL)
			if test.asked {
				ask.get(t, "/readyz")
			}
			began := time.Now()
			stopped := make(chan error, 1)
			go func() { stopped <- server.Stop(t.Context()) }()
			if test.asked {
				eventually(t, "readyz is 503", func() bool { return ask.get(t, "/readyz").status == http.StatusServiceUnavailable })
				if _, err := server.Client(t).Book(t.Context(), "studio", wish()); err != nil {
					t.Errorf("while it drains, a booking ends with %v", err)
				}
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < test.least || took > test.most {
				t.Errorf("it took %s to stop", took)
			}
		})
	}
}

// Whoever does not want to wait for the drain tells the server a second time.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--drain-delay", "10m")
	ask := newAsker(server.URL)
	ask.get(t, "/readyz")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v, and did not wait", err)
	}
	eventually(t, "it drains", func() bool { return ask.get(t, "/readyz").status == http.StatusServiceUnavailable })
	ended, ok := errors.AsType[*exec.ExitError](server.Stop(t.Context()))
	if !ok || ended.String() != "signal: terminated" {
		t.Errorf("it ended with %v", ended)
	}
}
