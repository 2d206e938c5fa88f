package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// The server is told to stop in the middle of bookings. Whatever it accepted is answered, and what it answered is there.
func TestStoppedServerAnswersWhatItAccepted(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, "sqlite:"+database)
	class(t, server.Client(t), 1_000_000)
	reader, err := http.Get(server.URL + "/v1/live?venue=studio&service=class&from=" + query().From + "&to=" + query().To)
	must(t, err)
	defer reader.Body.Close()
	start := tomorrow().Format(time.RFC3339)
	var booked, cut atomic.Int64
	var clients sync.WaitGroup
	stopping := make(chan struct{})
	for i := range 8 {
		clients.Go(func() {
			for j := 0; ; j++ {
				body := fmt.Sprintf(`{"service":"class","start":%q,"customer":{"name":"Ada","email":"ada-%d-%d@example.com"}}`, start, i, j)
				r, err := http.Post(server.URL+"/v1/venues/studio/bookings", "application/json", strings.NewReader(body))
				switch {
				case err == nil && r.StatusCode == http.StatusCreated:
					if booked.Add(1) == 50 {
						close(stopping)
					}
				case err != nil && !errors.Is(err, syscall.ECONNREFUSED):
					cut.Add(1) // by the closing of a connection that was idle, or of one that was still waiting to be accepted
				}
				if err != nil {
					return
				}
				answer, _ := io.ReadAll(r.Body) // what is missing shows in the counts
				_ = r.Body.Close()
				if r.StatusCode >= 400 && r.StatusCode < 500 {
					t.Errorf("a booking was refused: %s", answer)
					return
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		clients.Wait()
		close(ended)
	}()
	select {
	case <-stopping:
	case <-ended:
		t.Fatalf("all clients ended after %d bookings", booked.Load())
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(t.Context()) }()
	stream, err := io.ReadAll(reader.Body)
	if !strings.Contains(string(stream), "event: goodbye") {
		t.Errorf("the reader was not told goodbye: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	<-ended
	again := proc.Launch(t, "sqlite:"+database).Client(t)
	stored := int64(0)
	for _, err := range again.Bookings(t.Context(), "studio", client.BookingsQuery{}) {
		must(t, err)
		stored++
	}
	// Each client has at most one request under way, and only one that was never accepted may end without an answer.
	if stored != booked.Load() {
		t.Errorf("%d bookings were answered, and %d are there; %d calls ended without an answer", booked.Load(), stored, cut.Load())
	}
}

// A second server on the same file is refused with a sentence that names it, and does no harm.
func TestSecondWriterIsRefused(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, "sqlite:"+database)
	path := proc.Program(t)
	second := exec.Command(path, "serve", "--listen", "127.0.0.1:0", "--database", "sqlite:"+database)
	out, err := second.CombinedOutput()
	if err == nil {
		t.Error("a second server started on the same file")
	}
	if !strings.Contains(string(out), database) || strings.Contains(string(out), "goroutine") {
		t.Errorf("the second server said: %s", out)
	}
	class(t, server.Client(t), 1) // the first still writes
}

// What cannot work ends with a clear sentence and an exit code, and without a stack trace.
func TestClearErrorsAtTheStart(t *testing.T) {
	t.Parallel()
	path := proc.Program(t)
	notADatabase := filepath.Join(t.TempDir(), "text.db")
	must(t, os.WriteFile(notADatabase, []byte(strings.Repeat("This is no database. ", 100)), 0o600))
	for name, args := range map[string][]string{
		"no such folder":      {"--database", "sqlite:/nowhere/at/all/v.db"},
		"not a database":      {"--database", "sqlite:" + notADatabase},
		"a folder":            {"--database", "sqlite:" + t.TempDir()},
		"unknown database":    {"--database", "oracle://u:secret@h/d"},
		"not an address":      {"--listen", "nonsense"},
		"an unknown flag":     {"--no-such-flag"},
		"a bound that is off": {"--max-readers", "0"},
	} {
		args = append([]string{"serve"}, args...)
		if name != "not an address" {
			args = append(args, "--listen", "127.0.0.1:0")
		}
		out, err := exec.Command(path, args...).CombinedOutput()
		text := string(out)
		if err == nil || !strings.Contains(text, "vacancy: ") || strings.Contains(text, "goroutine") || strings.Contains(text, "secret") {
			t.Errorf("%s: error %v, and it said: %s", name, err, text)
		}
	}
}
