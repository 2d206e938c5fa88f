package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

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

// TestFailover kills the primary under load, promotes the standby, and lets the old primary come back. One node is killed and started again
// in between, one starts without a memory afterwards, and one knows all the time of nothing but the old primary. Nothing is acknowledged on
// the old history once the new one has begun, and with synchronous replication nothing is lost.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, synchronous := range map[string]bool{"asynchronous": false, "synchronous": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := replicated(t, synchronous)
			hosts := []string{a.Host(t), b.Host(t)}
			one, _ := node(t, "", hosts...)
			two, file := node(t, "", hosts...)
			only, _ := node(t, "", hosts[0])
			class(t, one.Client(t), places)
			books(t, only)
			awaitPastProbation(t, b)
			before := []*work{startWork(t, one.URL, tomorrow()), startWork(t, two.URL, tomorrow())}
			for _, w := range before {
				w.some(t, 30)
			}
			a.Crash(t)
			two.Kill()
			old := make(map[string]client.BookingStatus)
			for _, w := range before {
				maps.Copy(old, w.end())
			}
			before[0].checkRefusals(t)
			b.Promote(t)
			booksWithin(t, one, b)
			two, _ = node(t, file, hosts...)
			after := []*trickle{startTrickle(t, one), startTrickle(t, two)}

			tried := startTrickle(t, only)
			says(t, only, "database_down") // it has noticed the outage
			a.Start(t)
			left := revisions(t, a)
			await(t, a.URL(), isClosed)
			again, _ := node(t, "", hosts[0])
			for _, server := range []*proc.Process{only, again} {
				says(t, server, "database_closed")
				refusesAll(t, server, 5)
			}
			if made := tried.end(); len(made) > 0 {
				t.Errorf("%d bookings were acknowledged by a server that knows of the old primary alone", len(made))
			}
			fresh, _ := node(t, "", hosts...)
			if booked := books(t, fresh); !strings.HasPrefix(booked.Position, "2-") {
				t.Errorf("a node that starts afterwards books at %s", booked.Position)
			}
			if said := one.Said() + two.Said(); !strings.Contains(said, "database_left_is_writable") {
				t.Errorf("nobody says that the old primary has come back")
			}
			known := make(map[string]client.BookingStatus)
			for _, w := range after {
				made := w.end()
				if len(made) == 0 {
					t.Errorf("nothing was booked while the old primary came back")
				}
				maps.Copy(known, made)
			}
			if n := revisions(t, a); n != left {
				t.Errorf("%d changes were made in the database that was left", n-left)
			}
			if synchronous {
				maps.Copy(known, old)
			}
			checkSurvivors(t, one, known)
			checkLossIsReported(t, a, b, one, old)
			checkClean(t, b.URL())
			if closings := number(t, a.URL(), `SELECT count(*) FROM identity_log WHERE what = 'closed'`); closings != 1 {
				t.Errorf("the old primary was closed %d times", closings)
			}
		})
	}
}

// checkLossIsReported compares what is told to be lost with what was acknowledged before the failover and is not there.
func checkLossIsReported(
	t *testing.T, left, current *postgrestest.Server, server *proc.Process, acknowledged map[string]client.BookingStatus,
) {
	t.Helper()
	said, code := proc.Run(t, current.URL(), "verify", "--against", left.URL())
	if code > 1 {
		t.Fatalf("the comparison ends with %d and says:\n%s", code, said)
	}
	lost := 0
	for id := range acknowledged {
		if _, err := server.Client(t).Booking(t.Context(), "studio", id); err == nil {
			continue
		}
		if lost++; !strings.Contains(said, id) {
			t.Errorf("booking %s was acknowledged and is lost, and the comparison does not say so:\n%s", id, said)
		}
	}
	t.Logf("%d of %d acknowledged bookings were lost", lost, len(acknowledged))
}

// TestFailoverControl is the negative control: a program without the guard goes back to the old primary when it is started again, and
// bookings are acknowledged on two histories.
func TestFailoverControl(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	hosts := postgrestest.Hosts(a.Host(t), b.Host(t))
	program := oldProgram(t)
	stays := proc.LaunchOf(t, program, hosts)
	class(t, stays.Client(t), places)
	books(t, stays)
	a.Crash(t)
	b.Promote(t)
	books(t, stays)
	a.Start(t)
	left, gone := revisions(t, a), revisions(t, b)
	returns := proc.LaunchOf(t, program, hosts)
	books(t, returns)
	books(t, stays)
	if revisions(t, a) == left || revisions(t, b) == gone {
		t.Error("without the guard there is one history all the same, so the drills prove nothing")
	}
}

// cutOff stands between a node and a host, until it is told to cut.
func cutOff(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "host", "127.0.0.1:0", upstream)
	must(t, p.Start())
	t.Cleanup(p.Stop)
	return p
}

// TestFrozenAndPromoted: all processes of the primary stop where they are, with commits under way, and the standby is promoted. Bookings go
// on there. When the old primary goes on, it may commit what was under way, and nobody is told so.
func TestFrozenAndPromoted(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	one, _ := node(t, "", a.Host(t), b.Host(t))
	two, _ := node(t, "", a.Host(t), b.Host(t))
	class(t, one.Client(t), places)
	books(t, one)
	var tries []*trickle
	for range 4 {
		tries = append(tries, startTrickle(t, one), startTrickle(t, two))
	}
	books(t, two)
	awaitPastProbation(t, b)
	a.Freeze(t)
	b.Promote(t)
	booksWithin(t, one, b)
	booksWithin(t, two, b)
	thawed := time.Now()
	a.Thaw(t)
	await(t, a.URL(), isClosed)
	books(t, one)
	after := make(map[string]client.BookingStatus)
	for _, w := range tries {
		w.end()
		for _, ack := range w.acks {
			if ack.at.After(thawed) && strings.HasPrefix(ack.position, "1-") {
				t.Errorf("a booking was acknowledged at %s, %s after the old primary went on", ack.position, ack.at.Sub(thawed))
			}
		}
		maps.Copy(after, w.made)
	}
	checkLossIsReported(t, a, b, one, after)
	checkClean(t, b.URL())
}

// TestNodeCutOffFromTheNewPrimary: one node never sees the host that bookings went to. When the old primary comes back, the node does not
// go on with it, and goes where the others are once it can.
func TestNodeCutOffFromTheNewPrimary(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	way := cutOff(t, b.Host(t))
	one, _ := node(t, "", a.Host(t), b.Host(t))
	cut, file := node(t, "", a.Host(t), way.Listen)
	class(t, one.Client(t), places)
	w := startWork(t, cut.URL, tomorrow())
	w.some(t, 20)
	w.end()
	way.Stop()
	a.Crash(t)
	b.Promote(t)
	tried := startTrickle(t, cut)
	says(t, cut, "database_down") // it has noticed the outage
	books(t, one)
	a.Start(t)
	left := revisions(t, a)
	await(t, a.URL(), isClosed)
	says(t, cut, "database_closed")
	refusesAll(t, cut, 5)
	if made := tried.end(); len(made) > 0 {
		t.Errorf("%d bookings were acknowledged on the history that was left", len(made))
	}
	cut.Kill()
	cut, _ = node(t, file, a.Host(t), way.Listen)
	refusesAll(t, cut, 5)
	if n := revisions(t, a); n != left {
		t.Errorf("%d changes were made in the database that was left", n-left)
	}
	must(t, way.Start())
	if booked := books(t, cut); !strings.HasPrefix(booked.Position, "2-") {
		t.Errorf("once it sees the new primary it books at %s", booked.Position)
	}
	checkClean(t, b.URL())
}

// TestStartWithoutAMemory: a node that remembers nothing and does not see all hosts reads, and asks for a person.
func TestStartWithoutAMemory(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	hosts := []string{a.Host(t), b.Host(t)}
	one, file := node(t, "", hosts...)
	class(t, one.Client(t), places)
	books(t, one)
	b.Stop(t)
	books(t, one) // a standby that is away stops nobody
	must(t, one.Stop(t.Context()))
	fresh, _ := node(t, "", hosts...)
	refusesAll(t, fresh, 3)
	says(t, fresh, "database_hosts_unseen")
	one, _ = node(t, file, hosts...)
	books(t, one) // it remembers
	const reason = "b is being repaired"
	if said, code := proc.Run(t, a.URL(), "failover", "allow", "--reason", reason); code != 0 || !strings.Contains(said, "term 2") {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	for _, server := range []*proc.Process{fresh, one} {
		for booked := books(t, server); !strings.HasPrefix(booked.Position, "2-"); booked = books(t, server) {
		}
	}
	if n := number(t, a.URL(), `SELECT count(*) FROM identity_log WHERE what = 'allowed' AND reason = '`+reason+`'`); n != 1 {
		t.Errorf("why the database was allowed is recorded %d times", n)
	}
}

// TestTwoStandbysPromotedApart: nodes that see one of two promoted standbys each cannot know of the other. Whoever sees both writes to
// neither, until a person has decided.
func TestTwoStandbysPromotedApart(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	c := a.Replica(t)
	toB, file := node(t, "", a.Host(t), b.Host(t))
	toC, _ := node(t, "", a.Host(t), c.Host(t))
	class(t, toB.Client(t), places)
	a.Crash(t)
	b.Promote(t)
	c.Promote(t)
	for _, server := range []*proc.Process{toB, toC} {
		if booked := books(t, server); !strings.HasPrefix(booked.Position, "2-") {
			t.Errorf("booked at %s", booked.Position)
		}
	}
	for what, query := range map[string]string{"term": `SELECT term FROM identity`, "timeline": `SELECT timeline::bigint FROM identity`} {
		if ofB, ofC := number(t, b.URL(), query), number(t, c.URL(), query); ofB != ofC {
			t.Errorf("the histories have %s %d and %d, and the drill wants them alike", what, ofB, ofC)
		}
	}
	both := []string{a.Host(t), b.Host(t), c.Host(t)}
	toB.Kill()
	toB, _ = node(t, file, both...)
	refusesAll(t, toB, 3)
	says(t, toB, "database_histories_forked")
	// It does not forget the other history when that is away, and it is started again.
	toB.Kill()
	c.Stop(t)
	toB, _ = node(t, file, both...)
	refusesAll(t, toB, 3)
	says(t, toB, "database_histories_forked")
	c.Start(t)
	fresh, _ := node(t, "", b.Host(t), c.Host(t))
	refusesAll(t, fresh, 3)
	if said, code := proc.Run(t, b.URL(), "failover", "allow"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	for _, server := range []*proc.Process{toB, fresh} {
		if booked := books(t, server); !strings.HasPrefix(booked.Position, "3-") {
			t.Errorf("after the decision it books at %s", booked.Position)
		}
	}
	await(t, c.URL(), isClosed)
	refusesAll(t, toC, 3)
	if said, code := proc.Run(t, postgrestest.Hosts(b.Host(t), c.Host(t)), "failover", "status"); code != 0 ||
		!strings.Contains(said, "term 3") || !strings.Contains(said, "closed") {
		t.Errorf("status ends with %d and says:\n%s", code, said)
	}
	checkClean(t, b.URL())
}

// TestReadsWhileNothingCanBeWritten: a node that starts while only a standby lives reads from it, as stale, and books once that is
// promoted.
func TestReadsWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	one, _ := node(t, "", a.Host(t), b.Host(t))
	class(t, one.Client(t), places)
	booked := books(t, one)
	await(t, b.URL(), `SELECT count(*) > 0 FROM bookings`)
	a.Crash(t)
	refuses(t, one)
	fresh, _ := node(t, "", a.Host(t), b.Host(t))
	refusesAll(t, fresh, 3)
	says(t, fresh, "database_read_only")
	b.Promote(t)
	books(t, one)
	says(t, fresh, "database_hosts_unseen") // it cannot know that nothing went on at a
	a.Start(t)
	for _, server := range []*proc.Process{one, fresh} {
		if again := books(t, server); !strings.HasPrefix(again.Position, "2-") {
			t.Errorf("booked at %s", again.Position)
		}
	}
	if _, err := fresh.Client(t).Booking(t.Context(), "studio", booked.ID); err != nil {
		t.Errorf("the booking from before: %v", err)
	}
}

// TestMovedDatabase: a dump that was loaded into another cluster is read, and written to once a person has allowed it.
func TestMovedDatabase(t *testing.T) {
	t.Parallel()
	from, to := postgrestest.Start(t), postgrestest.Start(t)
	one, file := node(t, "", from.Host(t))
	class(t, one.Client(t), places)
	booked := books(t, one)
	must(t, one.Stop(t.Context()))
	conn, err := pgx.Connect(t.Context(), from.URL())
	must(t, err)
	var bin string
	must(t, conn.QueryRow(t.Context(), `SELECT setting FROM pg_config() WHERE name = 'BINDIR'`).Scan(&bin))
	must(t, conn.Close(t.Context()))
	dump := filepath.Join(t.TempDir(), "dump.sql")
	for _, line := range [][]string{
		{filepath.Join(bin, "pg_dump"), "--file=" + dump, from.URL()},
		{filepath.Join(bin, "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--file=" + dump, to.URL()},
	} {
		if out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line[0], err, out)
		}
	}
	for _, remembers := range []string{"", file} {
		moved, _ := node(t, remembers, to.Host(t))
		refusesAll(t, moved, 3)
		says(t, moved, "database_moved")
		must(t, moved.Stop(t.Context()))
	}
	moved, _ := node(t, file, to.Host(t))
	if said, code := proc.Run(t, to.URL(), "failover", "allow", "--reason", "moved to a larger machine"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	if again := books(t, moved); !strings.HasPrefix(again.Position, "2-") {
		t.Errorf("booked at %s", again.Position)
	}
	if _, err := moved.Client(t).Booking(t.Context(), "studio", booked.ID); err != nil {
		t.Errorf("the booking from before: %v", err)
	}
	checkClean(t, to.URL())
}

// TestUpgradedDatabase: the cluster behind one address is upgraded by pg_upgrade while a server runs. It and others read from what came of
// it, and write to it once a person has allowed it. No booking is lost.
func TestUpgradedDatabase(t *testing.T) {
	t.Parallel()
	old := postgrestest.Start(t)
	way := cutOff(t, old.Host(t))
	runs, _ := node(t, "", way.Listen)
	remembers, file := node(t, "", way.Listen)
	class(t, runs.Client(t), places)
	w := startWork(t, runs.URL, tomorrow())
	w.some(t, 30)
	known := w.end()
	remembers.Kill()
	way.Stop()
	upgraded := old.Upgraded(t)
	way.Upstream = upgraded.Host(t)
	must(t, way.Start())
	remembers, _ = node(t, file, way.Listen)
	fresh, _ := node(t, "", way.Listen)
	for _, server := range []*proc.Process{runs, remembers, fresh} {
		says(t, server, "database_moved")
		refusesAll(t, server, 3)
	}
	if said, code := proc.Run(t, upgraded.URL(), "failover", "allow", "--reason", "pg_upgrade"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	for _, server := range []*proc.Process{runs, remembers, fresh} {
		if booked := books(t, server); !strings.HasPrefix(booked.Position, "2-") {
			t.Errorf("booked at %s", booked.Position)
		}
	}
	checkSurvivors(t, runs, known)
	checkClean(t, upgraded.URL())
}

// TestLaterTermSeenBeforeARestart: a node has seen that bookings went on in a later term, at a host that it could not write to. It is
// started again while that host is away, and the old primary is open again, as if it were put back: the node does not write to it.
func TestLaterTermSeenBeforeARestart(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	one, _ := node(t, "", a.Host(t), b.Host(t))
	sees, file := node(t, "", a.Host(t), b.Host(t))
	class(t, one.Client(t), places)
	books(t, sees)
	sees.Kill()
	a.Crash(t)
	b.Promote(t)
	books(t, one)
	one.Kill()
	b.Execute(t, `ALTER SYSTEM SET default_transaction_read_only = on`)
	b.Restart(t)
	a.Start(t)
	sees, _ = node(t, file, a.Host(t), b.Host(t))
	says(t, sees, "database_of_a_later_term")
	await(t, a.URL(), isClosed)
	sees.Kill()
	b.Stop(t)
	a.Execute(t, `UPDATE identity SET closed_by = ''`)
	left := revisions(t, a)
	sees, _ = node(t, file, a.Host(t), b.Host(t))
	refusesAll(t, sees, 3)
	says(t, sees, "database_of_a_later_term")
	if n := revisions(t, a); n != left {
		t.Errorf("%d changes were made in the database that was left", n-left)
	}
}

// TestBackupStartedAsItIs: a base backup that somebody starts as it is says that it is the very database that is in charge. Nodes that run
// do not go there, and one that starts goes where the others are.
func TestBackupStartedAsItIs(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	hosts := []string{b.Host(t), a.Host(t)} // the copy stands first
	one, file := node(t, "", hosts...)
	class(t, one.Client(t), places)
	books(t, one)
	await(t, b.URL(), `SELECT count(*) > 0 FROM bookings`)
	b.Stop(t)
	must(t, os.Remove(filepath.Join(b.Directory(), "data", "standby.signal")))
	b.Start(t)
	copied := revisions(t, b)
	says(t, one, "database_second_writable")
	books(t, one)
	fresh, _ := node(t, "", hosts...)
	books(t, fresh)
	if n := revisions(t, b); n != copied {
		t.Errorf("%d changes were made in the copy", n-copied)
	}

	// As a staging it is an installation of its own, and production, which lists it by mistake, goes on where it was.
	if said, code := proc.Run(t, b.URL(), "failover", "allow", "--copy", "--reason", "staging"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	staging, _ := node(t, "", b.Host(t))
	if booked := books(t, staging); !strings.HasPrefix(booked.Position, "2-") {
		t.Errorf("staging books at %s", booked.Position)
	}
	one.Kill()
	one, _ = node(t, file, hosts...)
	if booked := books(t, one); !strings.HasPrefix(booked.Position, "1-") {
		t.Errorf("production books at %s", booked.Position)
	}
	lost, _ := node(t, "", hosts...) // which of the two is its own it cannot know
	refusesAll(t, lost, 3)
	says(t, lost, "database_of_another_installation")
}
