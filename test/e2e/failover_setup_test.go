package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// node starts a server on hosts, with a file of its own for what it remembers; the same again, if given.
func node(t *testing.T, file string, hosts ...string) (*proc.Process, string) {
	t.Helper()
	if file == "" {
		file = filepath.Join(t.TempDir(), "state.json")
	}
	return proc.Launch(t, postgrestest.Hosts(hosts...), "--failover-state", file), file
}

// await asks a database until a query says true.
func await(t *testing.T, url, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for yes := false; !yes; paced(ctx) {
		if err := conn.QueryRow(ctx, query).Scan(&yes); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
}

// number is what a query of one number says.
func number(t *testing.T, url, query string) (n int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	must(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

// revisions counts the changes of a database.
func revisions(t *testing.T, server *postgrestest.Server) int64 {
	t.Helper()
	return number(t, server.URL(), `SELECT coalesce(sum(revision), 0)::bigint FROM venues`)
}

// paced leaves the machine to the servers between two questions.
func paced(ctx context.Context) {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-ctx.Done():
	}
}

const isClosed = `SELECT closed_by <> '' FROM identity`

// bookOnce tries a booking a single time, and returns it or the code of the problem, "" if there is no answer. A client of ours would try
// again, after as long as the server asks it to wait.
func bookOnce(ctx context.Context, server *proc.Process, start time.Time) (booked client.Booking, code string) {
	b := wish()
	b.Start = start
	body, err := json.Marshal(b)
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/v1/venues/studio/bookings", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+proc.AdminKey)
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := once.Do(request)
	if err != nil {
		return booked, ""
	}
	defer response.Body.Close()
	var problem client.Problem
	if response.StatusCode == http.StatusCreated {
		err = json.NewDecoder(response.Body).Decode(&booked)
	} else {
		err = json.NewDecoder(response.Body).Decode(&problem)
	}
	if err != nil {
		return client.Booking{}, "" // the answer was cut off
	}
	return booked, problem.Code
}

// books waits until a booking is made, and returns it.
func books(t *testing.T, server *proc.Process) client.Booking {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ; ; paced(ctx) {
		booked, code := bookOnce(ctx, server, tomorrow().AddDate(0, 1, 0))
		if booked.ID != "" {
			return booked
		}
		if ctx.Err() != nil {
			t.Fatalf("nothing can be booked: %s", code)
		}
	}
}

// awaitPastProbation waits until a standby has been up for longer than five seconds. One that was started just before it is promoted is
// written to a little later, since it may have come back from elsewhere (see docs/failover.md): that is no failover to time.
func awaitPastProbation(t *testing.T, standby *postgrestest.Server) {
	t.Helper()
	await(t, standby.URL(), `SELECT clock_timestamp() - pg_postmaster_start_time() > interval '6 seconds'`)
}

// booksWithin is books on a standby that has just been promoted, within the five seconds that are promised. On a machine that does other
// things meanwhile it may take longer, by as much as commits on bare connections to the same standby take longer at the same time.
func booksWithin(t *testing.T, server *proc.Process, promoted *postgrestest.Server) {
	t.Helper()
	began, booked, done := time.Now(), make(chan struct{}), make(chan pace)
	go func() {
		var p pace
		for ended := false; !ended; {
			started := time.Now()
			if conn, err := pgx.Connect(t.Context(), promoted.URL()); err == nil {
				_, _ = conn.Exec(t.Context(), `SELECT pg_logical_emit_message(true, 'drill', '')`) // a commit that changes nothing
				_ = conn.Close(t.Context())
			}
			select {
			case <-booked:
				ended = true
			default:
				paced(t.Context())
			}
			p.add(time.Since(started))
		}
		done <- p
	}()
	books(t, server)
	took := time.Since(began)
	close(booked)
	p := <-done
	t.Logf("the first booking was made %s after the promotion; of %d bare commits one took %s, and the longest %s",
		took.Round(time.Millisecond), p.commits, p.mean(), p.longest)
	if limit := p.limit(); took > limit {
		t.Errorf("that is more than %s", limit)
	}
}

// pace is how fast a machine is, by commits on bare connections, one after the other.
type pace struct {
	commits        int
	total, longest time.Duration
}

func (p *pace) add(took time.Duration) {
	p.commits++
	p.total += took
	p.longest = max(p.longest, took)
}

func (p *pace) mean() time.Duration { return p.total / time.Duration(max(p.commits, 1)) }

// limit is how long a machine of that pace may take for the first booking after a promotion: three failures of the old primary take four
// seconds at most, and the rest is some connections and commits. What stops the machine altogether stops also one of the bare commits.
func (p *pace) limit() time.Duration {
	const promised, failures, commits = 5 * time.Second, 4 * time.Second, 65
	return max(promised, failures+commits*p.mean()) + p.longest
}

// TestLimitOfAPace: where nothing else runs, the limit is what is promised; a machine that is slow, or stands still, is given its time.
func TestLimitOfAPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		usual, once     time.Duration
		atLeast, atMost time.Duration
	}{
		"an idle machine":       {15 * time.Millisecond, 30 * time.Millisecond, 5 * time.Second, 5100 * time.Millisecond},
		"a slow one":            {80 * time.Millisecond, 400 * time.Millisecond, 9 * time.Second, 10 * time.Second},
		"one that stands still": {15 * time.Millisecond, 2 * time.Second, 7 * time.Second, 8 * time.Second},
	} {
		var p pace
		for range 200 {
			p.add(c.usual)
		}
		p.add(c.once)
		if limit := p.limit(); limit < c.atLeast || limit > c.atMost {
			t.Errorf("%s: the limit is %s, want %s to %s", name, limit, c.atLeast, c.atMost)
		}
	}
}

// refusesAll has a server refuse a number of bookings in a row, though it can be read from: as stale, once it has looked at its database.
func refusesAll(t *testing.T, server *proc.Process, n int) {
	t.Helper()
	for range n {
		if booked, code := bookOnce(t.Context(), server, tomorrow()); code != client.CodeUnavailable {
			t.Fatalf("a booking ends with %q, code %q", booked.ID, code)
		}
	}
	eventually(t, "availability is stale while nothing can be booked", func() bool {
		return availability(t, server.Client(t), query()).Stale
	})
}

// says waits until a server has logged a text.
func says(t *testing.T, server *proc.Process, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ; !strings.Contains(server.Said(), text); paced(ctx) {
		if ctx.Err() != nil {
			t.Fatalf("the server never said %q", text)
		}
	}
}

// replicated is a primary and its standby.
func replicated(t *testing.T, synchronous bool) (a, b *postgrestest.Server) {
	t.Helper()
	a = postgrestest.Start(t)
	b = a.Replica(t)
	if synchronous {
		a.Execute(t, `ALTER SYSTEM SET synchronous_standby_names = '*'`)
		a.Execute(t, `SELECT pg_reload_conf()`)
		await(t, a.URL(), `SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)
	}
	return a, b
}

// trickle books on a node, one after the other.
type trickle struct {
	stop context.CancelFunc
	done chan struct{}
	made map[string]client.BookingStatus
	acks []ack
}

// ack is when a booking was acknowledged, and where.
type ack struct {
	position string
	at       time.Time
}

func startTrickle(t *testing.T, server *proc.Process) *trickle {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &trickle{stop: stop, done: make(chan struct{}), made: make(map[string]client.BookingStatus)}
	go func() {
		defer close(w.done)
		for n := 0; ctx.Err() == nil; n++ {
			booked, _ := bookOnce(ctx, server, tomorrow().AddDate(0, 2, 0).Add(time.Duration(n)*time.Hour))
			if booked.ID != "" {
				w.made[booked.ID] = booked.Status
				w.acks = append(w.acks, ack{booked.Position, time.Now()})
			}
			paced(ctx)
		}
	}()
	return w
}

// end stops it, and returns what was acknowledged.
func (w *trickle) end() map[string]client.BookingStatus {
	w.stop()
	<-w.done
	return w.made
}
