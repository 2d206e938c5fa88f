package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// numberOn is what a query of one number says on a server.
func numberOn(t *testing.T, server *postgrestest.Server, query string) (n int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL())
	must(t, err)
	defer hangUp(conn)
	must(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

// awaitBookings waits until a standby has so many bookings.
func awaitBookings(t *testing.T, standby *postgrestest.Server, n int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for numberOn(t, standby, `SELECT count(*) FROM pg_tables WHERE tablename = 'bookings'`) == 0 ||
		numberOn(t, standby, `SELECT count(*) FROM bookings`) < n {
		must(t, ctx.Err())
	}
}

// TestNewPrimaryThatCannotBeUsed: the bookings go on at a host that this program cannot use, since a newer one has been there. A node that
// has seen it writes nothing more to the database before, and closes it.
func TestNewPrimaryThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	a := postgrestest.Start(t)
	b := a.Replica(t)
	s := openAt(t, Config{URL: postgrestest.Hosts(a.Host(t), b.Host(t))})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	must(t, change(t, s, "a", bookMany(1, 1)))
	awaitBookings(t, b, 1)
	b.Promote(t)
	s.monitor.doubt()
	must(t, change(t, s, "a", bookMany(2, 1))) // the control: a host that was promoted, and begins no term, changes nothing
	b.Execute(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	b.Execute(t, `UPDATE identity SET term = 2, id = 'another', ids = ids || ' another', timeline = '00000002'`)
	s.monitor.doubt()
	for range 2 {
		if err := change(t, s, "a", bookMany(3, 1)); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("after the bookings went on elsewhere: got error %v, want it unavailable", err)
		}
		s.monitor.doubt()
	}
	if n := numberOn(t, a, `SELECT count(*) FROM bookings`); n != 2 {
		t.Errorf("%d bookings are in the database that was left, want 2", n)
	}
	if n := numberOn(t, a, `SELECT count(*) FROM identity WHERE closed_by LIKE '%term 2%'`); n != 1 {
		t.Error("the database that was left is not closed")
	}
}

// TestNameThatLeadsElsewhere: the one name of a database comes to lead to the standby that was promoted, and connections that were open
// lead to the old primary still. A node that begins to doubt makes new ones to ask.
func TestNameThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	a := postgrestest.Start(t)
	b := a.Replica(t)
	name, through := newProxy(t, a.URL())
	s := openAt(t, Config{URL: through})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	must(t, change(t, s, "a", bookMany(1, 1)))
	awaitBookings(t, b, 1)
	b.Promote(t)
	openAt(t, Config{URL: b.URL()}) // another node, which begins a term
	name.leadTo(b.Host(t))
	must(t, change(t, s, "a", bookMany(2, 1))) // the control: nothing has happened to the connections
	s.monitor.doubt()
	must(t, change(t, s, "a", bookMany(3, 1)))
	for server, want := range map[*postgrestest.Server]int64{a: 2, b: 2} {
		if n := numberOn(t, server, `SELECT count(*) FROM bookings`); n != want {
			t.Errorf("%d bookings are on %s, want %d", n, server.Host(t), want)
		}
	}
	if has(t, s, 2) || !has(t, s, 3) {
		t.Error("the bookings are not where they belong")
	}
}

// TestCommitIsHeardOfTooLate: a node leaves its database, or was held up so long that others may have left it, while its commit is under
// way there. The commit succeeds, and is not told as done.
func TestCommitIsHeardOfTooLate(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*monitor){
		"control":        func(*monitor) {},
		"held-up":        func(m *monitor) { m.looked.Store(new(time.Time)) },
		"gone-elsewhere": func(m *monitor) { t := m.current.Load(); m.redirect(t.host, t.identity, false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, Config{URL: named(t, postgrestest.Shared(t).Schema(t), "late-"+name), Locking: Optimistic, probe: time.Hour})
			must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
			looksAreFresh(s)
			conn, err := s.connect(t.Context())
			must(t, err)
			defer hangUp(conn)
			lock, err := conn.Begin(t.Context())
			must(t, err)
			_, err = lock.Exec(t.Context(), `SELECT id FROM venues FOR UPDATE`)
			must(t, err)
			committed := make(chan error, 1)
			go func() { committed <- change(t, s, "a", bookMany(1, 1)) }()
			await(t, s, `SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`, "late-"+name)
			meanwhile(s.monitor)
			must(t, lock.Rollback(t.Context()))
			if err := <-committed; errors.Is(err, store.ErrInDoubt) != (name != "control") {
				t.Errorf("the commit ends with %v", err)
			}
			await(t, s, `SELECT count(*) = 1 FROM bookings`)
		})
	}
}

// looksAreFresh has a store whose looks are an hour apart take the last one for fresh, however slow the machine is.
func looksAreFresh(s *Store) {
	ahead := time.Now().Add(time.Hour)
	s.monitor.looked.Store(&ahead)
}

// termOf is the id of the term in which a store writes.
func termOf(s *Store) string { return s.monitor.current.Load().identity.ID }

// TestRepeatIsAnsweredTooLate: a node leaves its database, or was held up so long that others may have left it, after it has found there
// what a repeat is to be told. It is not told.
func TestRepeatIsAnsweredTooLate(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*monitor){
		"control":        func(*monitor) {},
		"held up":        func(m *monitor) { m.looked.Store(new(time.Time)) },
		"gone elsewhere": func(m *monitor) { t := m.current.Load(); m.redirect(t.host, t.identity, false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), probe: time.Hour})
			must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
			looksAreFresh(s)
			err := s.Update(t.Context(), []store.Need{{Venue: "a"}}, func([]store.Found) ([]store.Write, error) {
				meanwhile(s.monitor)
				return []store.Write{{Prove: true}}, nil
			})
			if errors.Is(err, store.ErrUnavailable) != (name != "control") || name == "control" && err != nil {
				t.Errorf("the repeat ends with %v", err)
			}
		})
	}
}

// TestProofInAnotherTerm: what was read in one term is not proven by what is committed in the next, which may not have it.
func TestProofInAnotherTerm(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	must(t, s.prove(t.Context(), termOf(s)))
	if err := s.prove(t.Context(), "the term before"); !errors.Is(err, booking.ErrOutcomeUnknown) {
		t.Errorf("got error %v", err)
	}
}

// TestHeldUpNodeAsksFirst: a node that has looked at nothing for a while looks before it writes.
func TestHeldUpNodeAsksFirst(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), probe: time.Hour})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for _, c := range []struct {
		ago  time.Duration
		asks bool
	}{{-time.Hour, false}, {2 * failover.ObservationTTL, true}} { // the control cannot be late, whatever the machine does besides
		looked := time.Now().Add(-c.ago)
		s.monitor.looked.Store(&looked)
		must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
		if asked := s.monitor.looked.Load() != &looked; asked != c.asks {
			t.Errorf("after %s it asked first: %v", c.ago, asked)
		}
	}
}

// TestSwitchAwayFromAServerThatHangs: who waits for a server that does not answer, on a connection or for one, waits no longer when
// connections are made elsewhere.
func TestSwitchAwayFromAServerThatHangs(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]bool{"a connection in use": true, "a connection that is being made": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.Shared(t).Schema(t)
			hangs, through := newProxy(t, address)
			both := hostOf(t, through) + "," + hostOf(t, address)
			s := openAt(t, Config{URL: with(t, address, map[string]string{"host": both, "connect_timeout": "600"})})
			must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
			if !made {
				s.reserved.Reset()
			}
			waiting := make(chan struct{})
			waits := sync.OnceFunc(func() { close(waiting) })
			hangs.obey(func(byte, bool) verdict { waits(); return drop })
			done := make(chan error, 1)
			go func() { done <- change(t, s, "a", bookMany(1, 1)) }()
			<-waiting
			s.monitor.redirect(&s.monitor.hosts[1], s.monitor.current.Load().identity, true)
			select {
			case err := <-done:
				if err != nil && !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("the change ends with %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Error("the change waits for a server that hangs")
			}
			must(t, change(t, s, "a", bookMany(2, 1)))
		})
	}
}
