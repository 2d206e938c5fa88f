package e2e

import (
	"context"
	"maps"
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

// firstBooking is how soon after a promotion the first booking must be made: 5 s are promised, and a machine that runs all tests at once
// gets as much again.
const firstBooking = 10 * time.Second

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

// books waits until a booking is made, and returns it with how long that took.
func books(t *testing.T, server *proc.Process) (client.Booking, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c, began := server.Client(t), time.Now()
	for ; ; paced(ctx) {
		b := wish()
		b.Start = tomorrow().AddDate(0, 1, 0)
		booked, err := c.Book(ctx, "studio", b)
		if err == nil {
			return booked, time.Since(began)
		}
		if ctx.Err() != nil {
			t.Fatalf("nothing can be booked: %v", err)
		}
	}
}

// refusesAll has a server refuse a number of bookings in a row, though it can be read from.
func refusesAll(t *testing.T, server *proc.Process, n int) {
	t.Helper()
	c := server.Client(t)
	for range n {
		booked, err := c.Book(t.Context(), "studio", wish())
		if !client.IsCode(err, client.CodeUnavailable) {
			t.Fatalf("a booking ends with %q, error %v", booked.ID, err)
		}
	}
	if a := availability(t, c, query()); !a.Stale {
		t.Errorf("availability is not stale while nothing can be booked")
	}
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
}

func startTrickle(t *testing.T, server *proc.Process) *trickle {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &trickle{stop: stop, done: make(chan struct{}), made: make(map[string]client.BookingStatus)}
	c := server.Client(t)
	go func() {
		defer close(w.done)
		for n := 0; ctx.Err() == nil; n++ {
			b := wish()
			b.Start = tomorrow().AddDate(0, 2, 0).Add(time.Duration(n) * time.Hour)
			if booked, err := c.Book(ctx, "studio", b); err == nil {
				w.made[booked.ID] = booked.Status
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
// in between, one starts without a memory afterwards, and one that knows of nothing but the old primary. Nothing is acknowledged on the
// old history once the new one has begun, and with synchronous replication nothing is lost.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, synchronous := range map[string]bool{"asynchronous": false, "synchronous": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := replicated(t, synchronous)
			hosts := []string{a.Host(t), b.Host(t)}
			one, _ := node(t, "", hosts...)
			two, file := node(t, "", hosts...)
			class(t, one.Client(t), places)
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
			_, took := books(t, one)
			if t.Logf("the first booking was made %s after the promotion", took.Round(time.Millisecond)); took > firstBooking {
				t.Errorf("that is more than %s", firstBooking)
			}
			two, _ = node(t, file, hosts...)
			after := []*trickle{startTrickle(t, one), startTrickle(t, two)}

			a.Start(t)
			left := revisions(t, a)
			await(t, a.URL(), isClosed)
			only, _ := node(t, "", hosts[0])
			refusesAll(t, only, 5)
			fresh, _ := node(t, "", hosts...)
			if booked, _ := books(t, fresh); !strings.HasPrefix(booked.Position, "2-") {
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
	if booked, _ := books(t, cut); !strings.HasPrefix(booked.Position, "2-") {
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
		for booked, _ := books(t, server); !strings.HasPrefix(booked.Position, "2-"); booked, _ = books(t, server) {
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
		if booked, _ := books(t, server); !strings.HasPrefix(booked.Position, "2-") {
			t.Errorf("booked at %s", booked.Position)
		}
	}
	both := []string{a.Host(t), b.Host(t), c.Host(t)}
	toB.Kill()
	toB, _ = node(t, file, both...)
	refusesAll(t, toB, 3)
	says(t, toB, "database_histories_forked")
	fresh, _ := node(t, "", b.Host(t), c.Host(t))
	refusesAll(t, fresh, 3)
	if said, code := proc.Run(t, b.URL(), "failover", "allow"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	for _, server := range []*proc.Process{toB, fresh} {
		if booked, _ := books(t, server); !strings.HasPrefix(booked.Position, "3-") {
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
	booked, _ := books(t, one)
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
		if again, _ := books(t, server); !strings.HasPrefix(again.Position, "2-") {
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
	booked, _ := books(t, one)
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
	if again, _ := books(t, moved); !strings.HasPrefix(again.Position, "2-") {
		t.Errorf("booked at %s", again.Position)
	}
	if _, err := moved.Client(t).Booking(t.Context(), "studio", booked.ID); err != nil {
		t.Errorf("the booking from before: %v", err)
	}
	checkClean(t, to.URL())
}

// TestBackupStartedAsItIs: a base backup that somebody starts as it is says that it is the very database that is in charge. Nodes that run
// do not go there, and one that starts goes where the others are.
func TestBackupStartedAsItIs(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	hosts := []string{b.Host(t), a.Host(t)} // the copy stands first
	one, _ := node(t, "", hosts...)
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
}
