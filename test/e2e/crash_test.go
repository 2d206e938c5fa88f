package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vacancy/client"
)

// program builds the server once for all tests that need a process of their own.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "vacancy")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "vacancy")
	out, err := exec.Command("go", "build", "-o", path, "vacancy/cmd/vacancy").CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: "go build: " + string(out), Err: err}
	}
	return path, nil
})

// process is a server in a process of its own.
type process struct {
	cmd *exec.Cmd
	url string
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// launch starts a server on the database file and waits until it says where it is.
func launch(t *testing.T, database string) *process {
	t.Helper()
	path, err := program()
	must(t, err)
	cmd := exec.Command(path, "serve", "--listen", "127.0.0.1:0", "--database", "sqlite:"+database)
	cmd.Env = append(os.Environ(), "VACANCY_ADMIN_KEY="+adminKey)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := address.FindString(lines.Text()); url != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &process{cmd: cmd, url: url}
		}
	}
	t.Fatal("the server said nothing of where it is")
	return nil
}

// kill ends the process as a power cut would end it: it cannot do anything any more.
func (p *process) kill(t *testing.T) {
	t.Helper()
	must(t, p.cmd.Process.Kill())
	_ = p.cmd.Wait()
}

// The server is killed in the middle of bookings, again and again. Each booking that was acknowledged is there afterwards, and no
// slot has more than its places.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	const places = 5
	database := filepath.Join(t.TempDir(), "v.db")
	server := launch(t, database)
	class(t, connect(t, server.url), places)
	acknowledged := make(map[string]bool)
	for range 5 {
		for _, id := range bookUntilKilled(t, server) {
			acknowledged[id] = true
		}
		server = launch(t, database)
		c := connect(t, server.url)
		stored, taken := make(map[string]bool), make(map[time.Time]int)
		for b, err := range c.Bookings(t.Context(), "studio", client.BookingsQuery{}) {
			must(t, err)
			stored[b.ID] = true
			if b.Status == client.Confirmed {
				taken[b.Start.UTC()]++
			}
		}
		for id := range acknowledged {
			if !stored[id] {
				t.Errorf("%s was acknowledged and is lost", id)
			}
		}
		for start, n := range taken {
			if n > places {
				t.Errorf("%d were booked at %s", n, start)
			}
		}
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was ever acknowledged, so nothing could be lost")
	}
}

// bookUntilKilled books all over the next days until the server is killed under it, and returns what was acknowledged.
func bookUntilKilled(t *testing.T, server *process) (ids []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	made := make(chan string)
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			// An answer that does not arrive leaves the outcome unknown; only what was acknowledged counts.
			c, err := client.New(server.url)
			if err != nil {
				t.Error(err)
				return
			}
			for n := 0; ctx.Err() == nil; n++ {
				b := wish()
				b.Start = b.Start.Add(time.Duration(i+8*(n%200)) * time.Hour)
				if booked, err := c.Book(ctx, "studio", b); err == nil {
					made <- booked.ID
				}
			}
		})
	}
	for len(ids) < 100 {
		ids = append(ids, <-made)
	}
	server.kill(t)
	cancel()
	ended := make(chan struct{})
	go func() { clients.Wait(); close(ended) }()
	for {
		select {
		case id := <-made:
			ids = append(ids, id)
		case <-ended:
			return ids
		}
	}
}

// The server is told to stop in the middle of bookings. Whatever it accepted is answered, and what it answered is there.
func TestStoppedServerAnswersWhatItAccepted(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "v.db")
	server := launch(t, database)
	class(t, connect(t, server.url), 1_000_000)
	reader, err := http.Get(server.url + "/v1/live?venue=studio&service=class&from=" + query().From + "&to=" + query().To)
	must(t, err)
	defer reader.Body.Close()
	body := `{"service":"class","start":"` + tomorrow().Format(time.RFC3339) + `","customer":{"name":"Ada","email":"ada@example.com"}}`
	var booked, cut atomic.Int64
	var clients sync.WaitGroup
	stopping := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for {
				r, err := http.Post(server.url+"/v1/venues/studio/bookings", "application/json", strings.NewReader(body))
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
				_, _ = io.Copy(io.Discard, r.Body)
				_ = r.Body.Close()
			}
		})
	}
	<-stopping
	must(t, server.cmd.Process.Signal(syscall.SIGTERM))
	stream, err := io.ReadAll(reader.Body)
	if !strings.Contains(string(stream), "event: goodbye") {
		t.Errorf("the reader was not told goodbye: %v", err)
	}
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	clients.Wait()
	again := connect(t, launch(t, database).url)
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
	server := launch(t, database)
	path, err := program()
	must(t, err)
	second := exec.Command(path, "serve", "--listen", "127.0.0.1:0", "--database", "sqlite:"+database)
	out, err := second.CombinedOutput()
	if err == nil {
		t.Error("a second server started on the same file")
	}
	if !strings.Contains(string(out), database) || strings.Contains(string(out), "goroutine") {
		t.Errorf("the second server said: %s", out)
	}
	class(t, connect(t, server.url), 1) // the first still writes
}

// What cannot work ends with a clear sentence and an exit code, and without a stack trace.
func TestClearErrorsAtTheStart(t *testing.T) {
	t.Parallel()
	path, err := program()
	must(t, err)
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
