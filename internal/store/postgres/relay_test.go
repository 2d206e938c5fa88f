package postgres

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// TestLeasesOfNodes has holders on three nodes race for leases. See [storetest.LeaseRace].
func TestLeasesOfNodes(t *testing.T) {
	t.Parallel()
	address, clock := postgrestest.Shared(t).Schema(t), storetest.NewClock()
	nodes := make([]store.Store, 3)
	for i := range nodes {
		nodes[i] = openAt(t, Config{URL: address, Connections: 4, clock: clock.Now})
	}
	storetest.LeaseRace(t, clock, nodes...)
}

// TestOldHoldersGo: the rows of holders that are long gone are deleted.
func TestOldHoldersGo(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), clock: clock.Now})
	must(t, s.RegisterBus(t.Context(), "bus"))
	for _, holder := range []string{"a", "b", "c"} {
		keep(t, s, holder, time.Minute)
		clock.Advance(store.HolderRetention / 2)
	}
	if n := countOf(t, s, `SELECT count(*) FROM outbox_holders`); n != 3 {
		t.Errorf("%d holders are remembered, want 3", n)
	}
	clock.Advance(time.Minute)
	keep(t, s, "c", time.Minute)
	if n := countOf(t, s, `SELECT count(*) FROM outbox_holders WHERE holder IN ('b', 'c')`); n != 2 {
		t.Errorf("%d of the last two holders are remembered", n)
	}
	if n := countOf(t, s, `SELECT count(*) FROM outbox_holders`); n != 2 {
		t.Errorf("%d holders are remembered, want 2", n)
	}
}

func keep(t *testing.T, s *Store, holder string, d time.Duration) []store.Shard {
	t.Helper()
	kept, err := s.KeepLeases(t.Context(), store.Lease{Bus: "bus", Holder: holder, Duration: d})
	must(t, err)
	return kept
}

// unprovenChanges has changes that everybody sees and no standby has. They are not given to the relay, until a standby has them or the
// operator wants none. Beside it stands the control: who does not ask for durable ones is shown them.
func unprovenChanges(t *testing.T, s *Store, let func()) {
	t.Helper()
	seen, err := s.Changes(t.Context(), "a", 0, 10)
	if must(t, err); len(seen) != 3 {
		t.Errorf("%d changes are seen, so there is nothing to prove", len(seen))
	}
	for _, after := range []booking.Revision{0, 2, 3} {
		d, err := s.DurableChanges(t.Context(), "a", after, 10)
		if !errors.Is(err, store.ErrUnavailable) || len(d.Changes) > 0 || d.Revision > 0 {
			t.Errorf("durable changes after %d: got %d, revision %d, error %v", after, len(d.Changes), d.Revision, err)
		}
	}
	let()
	d, err := s.DurableChanges(t.Context(), "a", 0, 10)
	if must(t, err); len(d.Changes) != 3 || d.Revision != 3 || d.Epoch == "" {
		t.Errorf("in the end: got %d changes, revision %d, epoch %q", len(d.Changes), d.Revision, d.Epoch)
	}
}

// TestUnprovenChanges has an operator end the wait of a commit for a standby that never answers: what it has committed is visible, and on
// no standby. Another node is asked.
func TestUnprovenChanges(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s, other := lonelyOn(t, server, Config{commitTimeout: 300 * time.Millisecond})
	node := openAt(t, Config{URL: server.URL(), commitTimeout: 300 * time.Millisecond})
	if _, err := bookInBatch(t.Context(), s, &proxy{}, "ended", nil); !errors.Is(err, store.ErrInDoubt) {
		t.Fatalf("got error %v, want doubt", err)
	}
	await(t, other, `SELECT count(*) = 1 `+waitingCommit)
	execute(t, other, `SELECT pg_cancel_backend(pid) `+waitingCommit)
	await(t, other, `SELECT count(*) = 0 `+waitingCommit)
	unprovenChanges(t, node, func() { alone(t, other) })
}

// TestProvenChanges: with a standby that confirms, durable changes are given out, and those that this node has committed itself without
// another commit. When the standby is away, what was proven stays so, and what comes then is held back.
func TestProvenChanges(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL(), commitTimeout: 10 * time.Second})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	standby := server.Standby(t, "witness")
	standby.WaitedFor(t)
	must(t, change(t, s, "a", bookMany(1, 1)))
	node := openAt(t, Config{URL: server.URL(), commitTimeout: 300 * time.Millisecond})
	durable := func(s *Store, want int) {
		t.Helper()
		d, err := s.DurableChanges(t.Context(), "a", 0, 10)
		if err != nil || len(d.Changes) != want {
			t.Errorf("got %d changes, error %v; want %d", len(d.Changes), err, want)
		}
	}
	durable(node, 2)
	standby.Stop(t)
	durable(node, 2)
	durable(s, 2) // by its own commit
	standby.Start(t)
	must(t, change(t, s, "a", bookMany(2, 1)))
	standby.Stop(t)
	durable(s, 3)
	d, err := node.DurableChanges(t.Context(), "a", 0, 10)
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a node that cannot know whether the standby has them: got %d changes, error %v", len(d.Changes), err)
	}
	standby.Start(t)
	durable(node, 3)
}

// TestCursorsWaitForNobody: cursors are written while the standby is away, and flushed by the next commit that is. Leases are not kept
// then, since nobody could be sent anything.
func TestCursorsWaitForNobody(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	first := openAt(t, Config{URL: server.URL()})
	must(t, first.RegisterBus(t.Context(), "bus"))
	keep(t, first, "holder", time.Hour)
	s, other := lonelyOn(t, server, Config{commitTimeout: 300 * time.Millisecond})
	lost, err := s.MoveCursors(t.Context(), "bus", "holder", []store.Cursor{{Venue: "a", Epoch: "1-e", Revision: 1}})
	if err != nil || len(lost) > 0 {
		t.Errorf("cursors: lost %q, error %v", lost, err)
	}
	if n := countOf(t, other, `SELECT count(*) FROM outbox_cursors WHERE revision = 1`); n != 1 {
		t.Errorf("%d cursors are written", n)
	}
	if _, err := s.KeepLeases(t.Context(), store.Lease{Bus: "bus", Holder: "holder", Duration: time.Hour}); !errors.Is(err, store.ErrInDoubt) {
		t.Errorf("leases: got error %v, want doubt", err)
	}
	alone(t, other)
}

// TestRelayLeavesAClosedDatabase: nothing of the relay is written to a database that was closed, as one that was left after a failover.
func TestRelayLeavesAClosedDatabase(t *testing.T) {
	t.Parallel()
	const state = `SELECT hashtext(concat(
		(SELECT string_agg(b::text, ';') FROM outbox_buses b), (SELECT string_agg(h::text, ';') FROM outbox_holders h),
		(SELECT string_agg(l::text, ';' ORDER BY l) FROM outbox_leases l), (SELECT string_agg(c::text, ';') FROM outbox_cursors c)))`
	for name, write := range map[string]func(s *Store, which string, revision booking.Revision) error{
		"register a bus": func(s *Store, which string, _ booking.Revision) error { return s.RegisterBus(t.Context(), which) },
		"keep leases": func(s *Store, which string, _ booking.Revision) error {
			_, err := s.KeepLeases(t.Context(), store.Lease{Bus: "bus", Holder: which, Duration: time.Hour})
			return err
		},
		"move cursors": func(s *Store, _ string, revision booking.Revision) error {
			_, err := s.MoveCursors(t.Context(), "bus", "holder", []store.Cursor{{Venue: "a", Epoch: "2-e", Revision: revision}})
			return err
		},
	} {
		s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
		must(t, s.RegisterBus(t.Context(), "bus"))
		keep(t, s, "holder", time.Hour)
		before := countOf(t, s, state)
		must(t, write(s, "open", 1))
		open := countOf(t, s, state)
		if open == before {
			t.Errorf("%s: the control writes nothing to a database that is open", name)
		}
		execute(t, s, `UPDATE identity SET closed_by = 'a test'`)
		if err := write(s, "closed", 2); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got error %v", name, err)
		}
		if countOf(t, s, state) != open {
			t.Errorf("%s: something was written to a closed database", name)
		}
	}
}

// TestDamagedChange: the relay is given what is before a change that cannot be decoded, and told which one that is.
func TestDamagedChange(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	for range 4 {
		must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
	}
	execute(t, s, `UPDATE changes SET entries = '[Ada' WHERE revision = 3`)
	for after, want := range []int{2, 1, 0, 1} {
		d, err := s.DurableChanges(t.Context(), "a", booking.Revision(after), 10)
		damaged := booking.Revision(3)
		if after == 3 {
			damaged = 0
		}
		if (damaged > 0) != errors.Is(err, store.ErrDamaged) || damaged == 0 && err != nil {
			t.Errorf("after %d: got error %v", after, err)
		}
		if len(d.Changes) != want || d.Damaged != damaged || d.Revision != 4 || d.Epoch == "" {
			t.Errorf("after %d: got %d changes, damaged %d, revision %d", after, len(d.Changes), d.Damaged, d.Revision)
		}
	}
}
