package e2e

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// places is how many a slot has in the tests of crashes.
const places = 5

// crashRuns is how often each test of crashes kills something: VACANCY_CRASH_RUNS, or 10.
func crashRuns(t *testing.T) int {
	t.Helper()
	text, set := os.LookupEnv("VACANCY_CRASH_RUNS")
	if !set {
		return 10
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// The server is killed in the middle of its work, again and again. Each booking that was acknowledged is there afterwards in the state
// that was acknowledged, no slot has more than its places, and the database agrees with itself.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
		crashAgainAndAgain(t, database, func(server *proc.Process) *proc.Process {
			server.Kill()
			return proc.Launch(t, database)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		database := postgrestest.Shared(t).Schema(t)
		crashAgainAndAgain(t, database, func(server *proc.Process) *proc.Process {
			server.Kill()
			return proc.Launch(t, database)
		})
	})
}

// The database is killed under the server, which goes on by itself once the database is back.
func TestKilledDatabaseLosesNothing(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	crashAgainAndAgain(t, database.URL(), func(server *proc.Process) *proc.Process {
		database.Crash(t)
		database.Start(t)
		return server
	})
}

// crashAgainAndAgain works on a server until crash brings it, or what it stands on, down and up again.
func crashAgainAndAgain(t *testing.T, database string, crash func(*proc.Process) *proc.Process) {
	t.Helper()
	server := proc.Launch(t, database)
	class(t, server.Client(t), places)
	known := make(map[string]client.BookingStatus)
	for run := range crashRuns(t) {
		work := startWork(t, server.URL, tomorrow().AddDate(0, 0, 2*run)) // where there still is room
		work.some(t, 20+rand.IntN(80))
		server = crash(server)
		maps.Copy(known, work.end())
		work.checkRefusals(t)
		checkSurvivors(t, server, known)
		if said, code := proc.Run(t, database, "verify"); code != 0 {
			t.Fatalf("verify ends with %d and says:\n%s", code, said)
		}
	}
	if len(known) == 0 {
		t.Error("nothing was ever acknowledged, so nothing could be lost")
	}
}

// checkSurvivors compares what is stored with what was acknowledged.
func checkSurvivors(t *testing.T, server *proc.Process, known map[string]client.BookingStatus) {
	t.Helper()
	stored, taken := make(map[string]client.BookingStatus), make(map[time.Time]int)
	for b, err := range server.Client(t).Bookings(t.Context(), "studio", client.BookingsQuery{}) {
		must(t, err)
		stored[b.ID] = b.Status
		if b.Status == client.Confirmed || b.Status == client.Held {
			taken[b.Start.UTC()]++
		}
	}
	for id, status := range known {
		if stored[id] == "" || stored[id] != status && status != "" {
			t.Errorf("%s was acknowledged as %s and is %q", id, status, stored[id])
		}
	}
	for start, n := range taken {
		if n > places {
			t.Errorf("%d are taken at %s", n, start)
		}
	}
}

// work is clients that book, hold, confirm and cancel, until they are told to end.
type work struct {
	stop    context.CancelFunc
	clients sync.WaitGroup

	mu sync.Mutex
	// known is the last acknowledged status of each booking, "" while a step on it has no answer.
	known map[string]client.BookingStatus
	// refused are the codes of the problems that were answered.
	refused map[string]int
	more    chan struct{} // has a token for each acknowledgement that somebody waits for
}

func startWork(t *testing.T, url string, from time.Time) *work {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &work{
		stop: stop, known: make(map[string]client.BookingStatus), refused: make(map[string]int), more: make(chan struct{}, 1<<16),
	}
	for i := range 8 {
		c, err := client.New(url, client.WithKey(proc.AdminKey))
		must(t, err)
		w.clients.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				w.one(ctx, c, from.Add(time.Duration(i+8*(n%50))*time.Hour))
			}
		})
	}
	return w
}

// one makes a booking, and perhaps takes it further.
func (w *work) one(ctx context.Context, c *client.Client, start time.Time) {
	b := wish()
	b.Start = start
	if rand.IntN(2) == 0 {
		booked, err := c.Book(ctx, "studio", b)
		w.acknowledge(booked, err)
		if err == nil && rand.IntN(3) == 0 {
			w.step(ctx, c.Cancel, booked.ID)
		}
		return
	}
	held, err := c.Hold(ctx, "studio", b)
	w.acknowledge(held, err)
	if err == nil && rand.IntN(3) != 0 {
		w.step(ctx, func(ctx context.Context, venue, id string, o ...client.CallOption) (client.Booking, error) {
			return c.Confirm(ctx, venue, id, nil, o...)
		}, held.ID)
	}
}

func (w *work) step(
	ctx context.Context, do func(context.Context, string, string, ...client.CallOption) (client.Booking, error), id string,
) {
	w.mu.Lock()
	w.known[id] = "" // either status is right until there is an answer
	w.mu.Unlock()
	b, err := do(ctx, "studio", id)
	w.acknowledge(b, err)
}

func (w *work) acknowledge(b client.Booking, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.refused[codeOf(err)]++
		return
	}
	w.known[b.ID] = b.Status
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// some waits until so many calls were acknowledged.
func (w *work) some(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range n {
		select {
		case <-w.more:
		case <-ctx.Done():
			t.Fatal("nothing is acknowledged any more")
		}
	}
}

// end stops the clients and returns what was acknowledged.
func (w *work) end() map[string]client.BookingStatus {
	w.stop()
	w.clients.Wait()
	return w.known
}

// codeOf is the code of a problem that the server answered, or "" if no answer came.
func codeOf(err error) string {
	if problem, ok := errors.AsType[*client.Problem](err); ok {
		return problem.Code
	}
	return ""
}
