package postgres

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// Ways in which a database stops being the one in charge.
var departures = map[string]string{
	"closed":          `UPDATE identity SET closed_by = 'a test'`,
	"another history": `UPDATE identity SET term = term + 1, id = 'another', ids = 'one another'`,
	"no row":          `DELETE FROM identity`,
}

type lostRaces struct{ n atomic.Int64 }

func (*lostRaces) Transaction(LockingMode) {}
func (l *lostRaces) Lost()                 { l.n.Add(1) }

// TestLeftDatabaseTakesNoWrites: a database that is left while a transaction decides takes nothing of it, whenever that happens, and the
// transaction does not take it for a lost race. Beside it stands the control: without a departure the same transaction is committed.
func TestLeftDatabaseTakesNoWrites(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		for name, departure := range departures {
			t.Run(string(mode)+" "+name, func(t *testing.T) {
				t.Parallel()
				var races lostRaces
				s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), Locking: mode, Meter: &races})
				must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
				decided := 0
				book := func(leave bool) error {
					return change(t, s, "a", func(d *storetest.Draft) {
						if decided++; leave {
							execute(t, s, departure)
						}
						bookMany(decided, 1)(d)
					})
				}
				must(t, book(false))
				if err := book(true); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("while it is left: got error %v, want it unavailable", err)
				}
				if err := book(false); !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("once it is left: got error %v, want it unavailable", err)
				}
				if found, err := repeat(t.Context(), s, true); err == nil {
					t.Errorf("a repeat once it is left: found %v, and no error", found)
				}
				if n := races.n.Load(); n > 0 {
					t.Errorf("%d races were lost", n)
				}
				if n := countOf(t, s, `SELECT count(*) FROM bookings`); n != 1 {
					t.Errorf("%d bookings are there, want 1", n)
				}
			})
		}
	}
}

func countOf(t *testing.T, s *Store, query string) (n int) {
	t.Helper()
	conn, err := s.connect(t.Context())
	must(t, err)
	defer hangUp(conn)
	must(t, conn.QueryRow(t.Context(), query).Scan(&n))
	return n
}

// TestLeftDatabaseHasNoHeartbeat: so that nothing is proven by it.
func TestLeftDatabaseHasNoHeartbeat(t *testing.T) {
	t.Parallel()
	for name, departure := range departures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
			must(t, s.prove(t.Context(), termOf(s)))
			execute(t, s, departure)
			if err := s.prove(t.Context(), termOf(s)); !errors.Is(err, booking.ErrOutcomeUnknown) {
				t.Errorf("a proof on a database that was left: got error %v", err)
			}
		})
	}
}

// TestRaiseOnce: of nodes that begin a term at the same time, one does.
func TestRaiseOnce(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	from := s.monitor.current.Load().identity
	var raised atomic.Int64
	var nodes sync.WaitGroup
	for range 8 {
		nodes.Go(func() {
			conn, err := s.connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer hangUp(conn)
			ok, err := raise(t.Context(), conn, from, failover.Place{System: "1", Timeline: "00000002"}, beginning{what: "raised"})
			if err != nil {
				t.Error(err)
			}
			if ok {
				raised.Add(1)
			}
		})
	}
	nodes.Wait()
	if n := raised.Load(); n != 1 {
		t.Errorf("the term was raised %d times", n)
	}
	p := prober{host: &s.monitor.hosts[0], connector: s.connector}
	found := p.probe(t.Context())
	defer p.hangUp()
	if found.err != nil || from.Compare(found.Identity) != failover.Later || found.Identity.Term != 2 {
		t.Errorf("found %v, error %v, want the term after %v", found.Identity, found.err, from)
	}
}

// TestCloseWaits: whoever closes a database waits for the transactions that may have read that it is open.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Start(t).URL()}) // on the shared server others' transactions would be waited for
	conn, err := s.connect(t.Context())
	must(t, err)
	defer hangUp(conn)
	tx, err := conn.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT id FROM identity`)
	must(t, err)
	closed := make(chan error, 1)
	shutting := func(ctx context.Context) error {
		return s.monitor.on(ctx, s.monitor.hosts[0].name, func(c *pgx.Conn) error {
			return closeDatabase(ctx, c, s.monitor.current.Load().identity, "a test")
		})
	}
	go func() { closed <- shutting(t.Context()) }()
	await(t, s, `SELECT closed_by <> '' FROM identity`)
	select {
	case err := <-closed:
		t.Fatalf("it was closed while a transaction was under way, error %v", err)
	default:
	}
	must(t, tx.Commit(t.Context()))
	must(t, <-closed)
}

// TestRequireStandby: where the operator wants it so, nothing is written while the server waits for no standby.
func TestRequireStandby(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).Schema(t)
	lenient := openAt(t, Config{URL: url})
	must(t, change(t, lenient, "a", (*storetest.Draft).PutCatalogue))
	demanding := openAt(t, Config{URL: url, RequireStandby: true})
	if err := change(t, demanding, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a standby: got error %v, want it unavailable", err)
	}
	must(t, change(t, lenient, "a", bookMany(1, 1)))
}

// TestMemoryFile: what a node knows is read as it was written, and a file of anything else is told.
func TestMemoryFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	f := memoryFile{path: path}
	if memory, err := f.load(); memory.Identity.Known() || err != nil {
		t.Errorf("without a file: %v, error %v", memory, err)
	}
	want := failover.Memory{
		Identity: failover.Identity{
			Installation: "i", Term: 2, ID: "b", IDs: []string{"a", "b"}, Decided: 1,
			Place: failover.Place{System: "1", Timeline: "00000002", Table: "3"},
		},
		Beats: map[string]failover.Beat{"n": {Count: 7, Seen: time.Unix(1, 0).UTC()}},
		Saved: time.Unix(100, 0).UTC(), Forks: make(map[string]failover.Identity),
	}
	must(t, f.save(want))
	got, err := f.load()
	must(t, err)
	if want.Identity.Compare(got.Identity) != failover.Same || got.Identity.Place != want.Identity.Place || got.Identity.Term != 2 ||
		got.Identity.Decided != 1 || got.Beats["n"] != want.Beats["n"] || !got.Saved.Equal(want.Saved) {
		t.Errorf("read %+v, want %+v", got, want)
	}
	// What the node has seen and not adopted is written at once.
	another := func(id string) failover.Identity {
		return failover.Identity{Installation: "i", Term: 3, ID: id, IDs: []string{"a", id}}
	}
	want.Later, want.Forks["host:1"] = another("c"), another("d")
	must(t, f.save(want))
	if got, err = f.load(); err != nil || got.Later.Compare(want.Later) != failover.Same || len(got.Forks) != 1 ||
		got.Forks["host:1"].Compare(want.Forks["host:1"]) != failover.Same {
		t.Errorf("read %+v, want %+v, error %v", got, want, err)
	}
	later := want
	later.Saved = want.Saved.Add(memoryInterval / 2)
	must(t, f.save(later))
	if got, _ := f.load(); !got.Saved.Equal(want.Saved) {
		t.Error("a file that says the same is written all the time")
	}
	f.path = filepath.Join(path, "below a file")
	later.Saved = want.Saved.Add(2 * memoryInterval)
	if err := f.save(later); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
