package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// What the tests of a frozen database allow an answer, on a machine that runs other tests too. An idle machine answers from memory within
// milliseconds, and what needs the database within the two seconds that docs/operations.md states.
const (
	fromMemory   = time.Second
	fromDatabase = 6 * time.Second
)

// All processes of PostgreSQL are stopped where they are. Nothing that is in memory, or that load balancers ask, waits for it; what needs
// it is answered with 503 in time.
func TestFrozenDatabase(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	outlive(t, proc.Launch(t, database.URL()), func() { database.Freeze(t) }, func() { database.Thaw(t) })
}

// The same for a network that swallows everything: connections stay open, and new ones are accepted.
func TestBlackHoledDatabase(t *testing.T) {
	t.Parallel()
	direct, err := url.Parse(postgrestest.Shared(t).Schema(t))
	must(t, err)
	hole := newBlackHole(t, direct.Host)
	direct.Host = hole.listener.Addr().String()
	outlive(t, proc.Launch(t, direct.String()), hole.swallow, hole.release)
}

// outlive has a server outlive a database that does not answer from freeze to thaw.
func outlive(t *testing.T, server *proc.Process, freeze, thaw func()) {
	t.Helper()
	c := server.Client(t)
	class(t, c, 100)
	made, err := c.Book(t.Context(), "studio", wish())
	must(t, err)
	free := "/v1/venues/studio/services/class/availability?from=" + query().From + "&to=" + query().To
	watch := "/v1/live?venue=studio&service=class&from=" + query().From + "&to=" + query().To
	memory := []string{
		"/healthz", "/readyz", free, free + "&at_least=" + made.Position, watch, watch + "&position=" + made.Position, "/studio",
	}
	const bookings = "/v1/venues/studio/bookings"
	needsDatabase := []string{"/v1/venues", "/nowhere", bookings, bookings + "/" + made.ID, "/v1/venues/nowhere"}
	ask := newAsker(server.URL)
	for _, path := range memory {
		if a := ask.get(t, path); a.status != http.StatusOK {
			t.Fatalf("before, %s is answered with %d", path, a.status)
		}
	}

	freeze()
	// First nothing is known of it yet; then it is, and in the end connections are gone, too.
	for known := 0; known < 2 && !t.Failed(); {
		for path, a := range ask.all(t, memory) {
			if a.status != http.StatusOK || a.took > fromMemory {
				t.Errorf("%s is answered with %d after %s", path, a.status, a.took)
			}
			if path == "/readyz" && strings.Contains(a.body, "false") {
				known++
			}
		}
		for path, a := range ask.all(t, needsDatabase) {
			if a.status != http.StatusServiceUnavailable || a.took > fromDatabase || a.retryAfter == "" {
				t.Errorf("%s is answered with %d after %s, Retry-After %q", path, a.status, a.took, a.retryAfter)
			}
		}
	}
	ask.bookInVain(t)
	t.Logf("the longest answer from memory took %s, and of what needs the database %s", ask.longest(memory), ask.longest(needsDatabase))

	thaw()
	comesBack(t, server)
	eventually(t, "readyz says that bookings can be made", func() bool { return strings.Contains(ask.get(t, "/readyz").body, "true") })
	for path, a := range ask.all(t, append(memory, "/v1/venues", bookings)) {
		if a.status != http.StatusOK {
			t.Errorf("afterwards, %s is answered with %d", path, a.status)
		}
	}
}

// Somebody else holds the write lock of the SQLite file. Reads go on, and readyz tells once a booking has failed for it.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, "sqlite:"+path)
	class(t, server.Client(t), 100)
	release := lockFile(t, path)
	ask := newAsker(server.URL)
	ask.bookInVain(t)
	free := "/v1/venues/studio/services/class/availability?from=" + query().From + "&to=" + query().To
	for path, a := range ask.all(t, []string{"/healthz", "/readyz", free, "/studio", "/v1/venues", "/v1/venues/studio/bookings"}) {
		if a.status != http.StatusOK || a.took > fromMemory {
			t.Errorf("%s is answered with %d after %s", path, a.status, a.took)
		}
		if path == "/readyz" && !strings.Contains(a.body, "false") {
			t.Errorf("readyz says %s", a.body)
		}
	}
	release()
	comesBack(t, server)
}

// asker makes calls as a stranger, or with the key where one is needed, each on a connection of its own.
type asker struct {
	base   string
	client *http.Client
	took   map[string]time.Duration
}

type answer struct {
	status           int
	body, retryAfter string
	took             time.Duration
}

func newAsker(base string) *asker {
	return &asker{base: base, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, took: make(map[string]time.Duration)}
}

// get reads an answer; of a live query, its first event. The status is 0 if there is none.
func (a *asker) get(t *testing.T, path string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		t.Error(err)
		return answer{}
	}
	if strings.Contains(path, "/bookings") {
		r.Header.Set("Authorization", "Bearer "+proc.AdminKey)
	}
	began := time.Now()
	response, err := a.client.Do(r)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return answer{}
	}
	defer response.Body.Close()
	body := ""
	if strings.HasPrefix(path, "/v1/live") {
		for lines := bufio.NewScanner(response.Body); lines.Scan() && !strings.HasPrefix(body, "event:"); {
			body = lines.Text()
		}
	} else {
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		body = string(content)
	}
	return answer{response.StatusCode, body, response.Header.Get("Retry-After"), time.Since(began)}
}

// bookInVain makes a booking that the database does not take, once: a client would try again.
func (a *asker) bookInVain(t *testing.T) {
	t.Helper()
	body := `{"service":"class","start":"` + tomorrow().Format(time.RFC3339) + `","customer":{"name":"Ada","email":"ada@example.com"}}`
	response, err := a.client.Post(a.base+"/v1/venues/studio/bookings", "application/json", strings.NewReader(body))
	must(t, err)
	said, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	if response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(said), client.CodeUnavailable) {
		t.Errorf("a booking ends with %d: %s", response.StatusCode, said)
	}
}

// all gets several addresses side by side.
func (a *asker) all(t *testing.T, paths []string) map[string]answer {
	t.Helper()
	answers := make([]answer, len(paths))
	var asking sync.WaitGroup
	for i, path := range paths {
		asking.Go(func() { answers[i] = a.get(t, path) })
	}
	asking.Wait()
	found := make(map[string]answer)
	for i, path := range paths {
		found[path] = answers[i]
		a.took[path] = max(a.took[path], answers[i].took)
	}
	return found
}

// longest is how long the slowest answer of some addresses took.
func (a *asker) longest(paths []string) (most time.Duration) {
	for _, path := range paths {
		most = max(most, a.took[path])
	}
	return most
}

// blackHole passes connections on to a server, until it swallows what it gets.
type blackHole struct {
	*cutter
	swallowing atomic.Bool
}

func newBlackHole(t *testing.T, target string) *blackHole {
	t.Helper()
	h := new(blackHole)
	h.cutter = newCutterTo(t, target, func(c net.Conn) net.Conn { return swallowed{c, h} })
	return h
}

func (h *blackHole) swallow() { h.swallowing.Store(true) }

// release lets connections pass again, but for those of which something was swallowed.
func (h *blackHole) release() {
	if h.swallowing.Swap(false) {
		h.Cut()
	}
}

// swallowed is a connection that gets nothing while its black hole swallows.
type swallowed struct {
	net.Conn
	hole *blackHole
}

func (s swallowed) Write(b []byte) (int, error) {
	if s.hole.swallowing.Load() {
		return len(b), nil
	}
	return s.Conn.Write(b)
}

// walWriteLock is where in the file beside a WAL database writers take turns: https://sqlite.org/walformat.html, "WAL Locks".
const walWriteLock = 120

// lockFile takes the write lock of a SQLite file, as a tool that somebody runs on it does, until release is called.
func lockFile(t *testing.T, path string) (release func()) {
	t.Helper()
	shared, err := os.OpenFile(path+"-shm", os.O_RDWR, 0)
	must(t, err)
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: walWriteLock, Len: 1}
	must(t, syscall.FcntlFlock(shared.Fd(), syscall.F_SETLKW, &lock))
	release = sync.OnceFunc(func() { _ = shared.Close() })
	t.Cleanup(release)
	return release
}
