package e2e

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

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
