package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

var bothModes = []LockingMode{Optimistic, Pessimistic}

// openTwo opens two stores on one schema, as two nodes do, with venue a in it.
func openTwo(t *testing.T, mode, other LockingMode) (*Store, *Store) {
	t.Helper()
	address := postgrestest.Shared(t).Schema(t)
	first, second := openAt(t, Config{URL: address, Locking: mode}), openAt(t, Config{URL: address, Locking: other})
	must(t, change(t, first, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	return first, second
}

func revisionOf(t *testing.T, s *Store, venue booking.VenueID) booking.Revision {
	t.Helper()
	revisions, err := s.Revisions(t.Context(), []booking.VenueID{venue})
	must(t, err)
	return revisions.Of[venue].Revision
}

func claimsOf(t *testing.T, s *Store) int {
	t.Helper()
	loaded, err := s.Load(t.Context(), "a", time.Time{})
	must(t, err)
	return len(loaded.Claims)
}

// TestLostRace has another node commit while an optimistic transaction decides: it decides again, on what the other wrote.
func TestLostRace(t *testing.T) {
	t.Parallel()
	s, other := openTwo(t, Optimistic, Pessimistic)
	var found []booking.Revision
	err := storetest.TryChange(t.Context(), s, store.Need{Venue: "a", Known: 1}, func(d *storetest.Draft) error {
		if found = append(found, d.Found.Revision); len(found) == 1 {
			must(t, change(t, other, "a", bookMany(1, 1)))
		} else if len(d.Found.Changes) != 1 || d.Found.Changes[0].Entries[0].Booking.ID != storetest.BookingID(1) {
			t.Errorf("decided again without the other's change: %+v", d.Found.Changes)
		}
		bookMany(2, 1)(d)
		return nil
	})
	must(t, err)
	if want := []booking.Revision{1, 2}; fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("decided at revisions %d, want %d", found, want)
	}
	if !has(t, s, 1) || !has(t, s, 2) || revisionOf(t, s, "a") != 3 {
		t.Errorf("after both changes the venue is at %d", revisionOf(t, s, "a"))
	}
}

// TestRaceWithoutEnd gives up when others move the venue on each time.
func TestRaceWithoutEnd(t *testing.T) {
	t.Parallel()
	s, other := openTwo(t, Optimistic, Pessimistic)
	calls := 0
	err := change(t, s, "a", func(d *storetest.Draft) {
		calls++
		must(t, change(t, other, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
		bookMany(1, 1)(d)
	})
	if !errors.Is(err, store.ErrUnavailable) || calls > maxAttempts || has(t, s, 1) {
		t.Errorf("after %d attempts: %v", calls, err)
	}
}

// TestRaceAndCallerGone does not begin anew for a caller that left.
func TestRaceAndCallerGone(t *testing.T) {
	t.Parallel()
	s, other := openTwo(t, Optimistic, Pessimistic)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	err := s.Update(ctx, needOf("a"), func(found []store.Found) ([]store.Write, error) {
		calls++
		must(t, change(t, other, "a", bookMany(1, 1)))
		d := storetest.NewDraft("a", found[0])
		bookMany(2, 1)(d)
		defer cancel()
		return []store.Write{d.Decided()}, nil
	})
	if !errors.Is(err, context.Canceled) || calls != 1 || has(t, s, 2) {
		t.Errorf("after %d attempts: %v", calls, err)
	}
}

// named is the URL with an application name, by which the server's views tell a store's connections.
func named(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	query := u.Query()
	query.Set("application_name", name)
	u.RawQuery = query.Encode()
	return u.String()
}

// await waits until a query answers true.
func await(t *testing.T, s *Store, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	conn, err := s.connect(ctx)
	must(t, err)
	defer conn.Close(context.WithoutCancel(ctx))
	for done := false; !done; {
		must(t, conn.QueryRow(ctx, query, args...).Scan(&done))
		_, err := conn.Exec(ctx, `SELECT pg_sleep(0.002)`)
		must(t, err)
	}
}

// TestPessimisticWaits has a second node ask for the row while the first holds it: it waits, and then finds what the first wrote, and
// what time it is.
func TestPessimisticWaits(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			waitForRow(t, mode)
		})
	}
}

func waitForRow(t *testing.T, mode string) {
	t.Helper()
	address := postgrestest.Shared(t).Schema(t)
	waiting := "waiting-node-" + mode
	s := openAt(t, Config{URL: address, Locking: Pessimistic})
	other := openAt(t, Config{
		URL: with(t, address, map[string]string{"application_name": waiting, "default_query_exec_mode": mode}), Locking: Pessimistic,
	})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))

	var found []booking.Revision
	var held, taken time.Time
	var second error
	var wait sync.WaitGroup
	must(t, change(t, s, "a", func(d *storetest.Draft) {
		wait.Go(func() {
			second = change(t, other, "a", func(d *storetest.Draft) {
				found, taken = append(found, d.Found.Revision), d.Found.Now
				bookMany(2, 1)(d)
			})
		})
		await(t, s, `SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`, waiting)
		now, err := s.Now(t.Context())
		must(t, err)
		held = now
		bookMany(1, 1)(d)
	}))
	wait.Wait()
	must(t, second)
	if len(found) != 1 || found[0] != 2 {
		t.Errorf("the second decided at revisions %d, want once, at 2", found)
	}
	if !taken.After(held) {
		t.Errorf("the second had its row after %s, when its clock showed %s", held, taken)
	}
}

// TestHeldRow has a row that nobody lets go of: a transaction over it and another venue gives up soon and says why, and the other venue
// by itself is free.
func TestHeldRow(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s, other := openTwo(t, mode, Pessimistic)
			must(t, change(t, s, "b", func(d *storetest.Draft) { d.PutCatalogue() }))
			both := func(found []store.Found) ([]store.Write, error) {
				writes := make([]store.Write, len(found))
				for i, venue := range []booking.VenueID{"a", "b"} {
					d := storetest.NewDraft(venue, found[i])
					bookMany(1, 1)(d)
					writes[i] = d.Decided()
				}
				return writes, nil
			}
			conn, err := other.connect(t.Context())
			must(t, err)
			defer hangUp(conn)
			_, err = conn.Exec(t.Context(), `BEGIN; SELECT FROM venues WHERE id = 'a' FOR UPDATE`)
			must(t, err)
			begun := time.Now()
			err = s.Update(t.Context(), needOf("a", "b"), both)
			if took := time.Since(begun); !errors.Is(err, store.ErrContended) || errors.Is(err, store.ErrUnavailable) || took > 5*time.Second {
				t.Errorf("after %s: %v, want it contended", took, err)
			}
			begun = time.Now()
			err = change(t, s, "a", bookMany(1, 1))
			if took := time.Since(begun); !errors.Is(err, store.ErrContended) || took > 6*time.Second {
				t.Errorf("alone, after %s: %v, want it contended", took, err)
			}
			must(t, change(t, s, "b", bookMany(1, 1)))
			_, err = conn.Exec(t.Context(), `ROLLBACK`)
			must(t, err)
			if revisionOf(t, s, "a") != 1 || revisionOf(t, s, "b") != 2 {
				t.Errorf("a is at %d, b at %d", revisionOf(t, s, "a"), revisionOf(t, s, "b"))
			}
			must(t, change(t, s, "a", bookMany(1, 1)))
		})
	}
}

// TestNoDeadlock has two nodes, of both modes, hold pairs of the same venues at once, some of which are yet to be made.
func TestNoDeadlock(t *testing.T) {
	t.Parallel()
	const times = 15
	s, other := openTwo(t, Optimistic, Pessimistic)
	pairs := [][]booking.VenueID{{"a", "b"}, {"b", "c"}, {"a", "c"}}
	var wait sync.WaitGroup
	for i, node := range []*Store{s, other, s, other, s, other} {
		wait.Go(func() {
			for n := range times {
				pair := pairs[i%len(pairs)]
				err := node.Update(t.Context(), needOf(pair...), func(found []store.Found) ([]store.Write, error) {
					writes := make([]store.Write, len(pair))
					for v, venue := range pair {
						d := storetest.NewDraft(venue, found[v])
						if !found[v].Exists {
							d.PutCatalogue()
						}
						d.Book(storetest.SampleBooking(venue, 100*i+n, storetest.Slot, storetest.Chair1))
						writes[v] = d.Decided()
					}
					return writes, nil
				})
				if err != nil {
					t.Errorf("node %d: %v", i, err)
					return
				}
			}
		})
	}
	wait.Wait()
	for venue, want := range map[booking.VenueID]int{"a": 1 + 4*times, "b": 4 * times, "c": 4 * times} {
		if got := revisionOf(t, s, venue); got != booking.Revision(want) {
			t.Errorf("venue %s is at %d, want %d", venue, got, want)
		}
	}
}

// TestTwoCreators has two nodes make one venue: the second finds the first's.
func TestTwoCreators(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		s, other := openTwo(t, mode, mode)
		var existed []bool
		must(t, change(t, s, "new", func(d *storetest.Draft) {
			if existed = append(existed, d.Found.Exists); len(existed) == 1 {
				must(t, change(t, other, "new", func(d *storetest.Draft) { d.PutCatalogue() }))
			}
			d.PutVenue(storetest.SampleVenue("new"))
		}))
		if fmt.Sprint(existed) != "[false true]" || revisionOf(t, s, "new") != 2 {
			t.Errorf("%s: existed %v, revision %d", mode, existed, revisionOf(t, s, "new"))
		}
	}
}

// TestUnchangedVenueMustStay has a decision rest on a venue that it does not change.
func TestUnchangedVenueMustStay(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		s, other := openTwo(t, mode, Optimistic)
		must(t, change(t, s, "b", func(d *storetest.Draft) { d.PutCatalogue() }))
		var seen []booking.Revision
		decide := func(found []store.Found) ([]store.Write, error) {
			// c does not exist before the other makes it, so that nobody can lock it.
			if seen = append(seen, found[0].Revision, found[2].Revision); len(seen) == 2 {
				must(t, change(t, other, "c", func(d *storetest.Draft) { d.PutCatalogue() }))
				if mode == Optimistic {
					must(t, change(t, other, "a", bookMany(1, 1)))
				}
			}
			d := storetest.NewDraft("b", found[1])
			bookMany(2, 1)(d)
			return []store.Write{{}, d.Decided(), {}}, nil
		}
		must(t, s.Update(t.Context(), needOf("a", "b", "c"), decide))
		want := map[LockingMode]string{Optimistic: "[1 0 2 1]", Pessimistic: "[1 0 1 1]"}[mode]
		if fmt.Sprint(seen) != want || revisionOf(t, s, "b") != 2 {
			t.Errorf("%s: decided on %v, want %s", mode, seen, want)
		}
	}
}

// TestPoisonedWrites are refused by the database itself, in all that they hold, and leave a connection that serves on.
func TestPoisonedWrites(t *testing.T) {
	t.Parallel()
	poisons := map[string]func(d *storetest.Draft){
		"a name with a zero byte": func(d *storetest.Draft) {
			b := storetest.SampleBooking("a", 5, storetest.Slot)
			b.Customer.Name = "A\x00da"
			d.Book(b)
		},
		"a name that is no text": func(d *storetest.Draft) {
			b := storetest.SampleBooking("a", 5, storetest.Slot)
			b.Customer.Name = "\xff"
			d.Book(b)
		},
		"a party beyond measure": func(d *storetest.Draft) {
			b := storetest.SampleBooking("a", 5, storetest.Slot)
			b.PartySize = math.MaxInt
			d.Book(b)
		},
		"a change of no booking, without claims": func(d *storetest.Draft) {
			d.Move(storetest.SampleBooking("a", 6, storetest.Slot), booking.Cancelled)
		},
		"two answers for one key": func(d *storetest.Draft) {
			bookMany(7, 1)(d)
			d.Answers = append(d.Answers, storetest.SampleAnswer(7, d.Found.Now))
		},
		"a second answer for a key": func(d *storetest.Draft) {
			d.Book(storetest.SampleBooking("a", 8, storetest.Slot))
			d.Answers = append(d.Answers, storetest.SampleAnswer(1, d.Found.Now))
		},
	}
	for _, mode := range bothModes {
		s, _ := openTwo(t, mode, mode)
		must(t, change(t, s, "a", bookMany(1, 1)))
		for what, poison := range poisons {
			err := change(t, s, "a", func(d *storetest.Draft) {
				bookMany(100, 1)(d)
				poison(d)
			})
			if !errors.Is(err, store.ErrRejected) {
				t.Errorf("%s, %s: got error %v, want it rejected", mode, what, err)
			}
			if has(t, s, 100) || revisionOf(t, s, "a") != 2 || claimsOf(t, s) != 1 {
				t.Errorf("%s, %s: something of it was written", mode, what)
			}
		}
		must(t, change(t, s, "a", bookMany(100, 1)))
		if free := s.reserved.Stat().TotalConns(); free == 0 {
			t.Errorf("%s: no connection is left", mode)
		}
	}
}

// TestChangedMoreThanOnce has a batch make a booking and change it twice: what it is last is what is stored.
func TestChangedMoreThanOnce(t *testing.T) {
	t.Parallel()
	s, _ := openTwo(t, Optimistic, Optimistic)
	must(t, change(t, s, "a", func(d *storetest.Draft) {
		b := storetest.SampleHold("a", 1, storetest.Slot, storetest.Slot, storetest.Chair1, storetest.Chair2, storetest.Basin)
		d.Book(b)
		d.Move(b, booking.Confirmed)
		b.Claims = b.Claims[:1]
		d.Move(b, booking.Cancelled)
	}))
	b, err := s.Booking(t.Context(), "a", storetest.BookingID(1))
	must(t, err)
	if b.Status != booking.Cancelled || len(b.Claims) != 1 || claimsOf(t, s) != 0 {
		t.Errorf("the booking is %s with %d claims, and %d take room", b.Status, len(b.Claims), claimsOf(t, s))
	}
}

// TestWithoutPreparedStatements goes through something that knows none, such as some poolers of connections.
func TestWithoutPreparedStatements(t *testing.T) {
	t.Parallel()
	for _, execution := range []string{"cache_describe", "describe_exec", "exec"} {
		for _, mode := range bothModes {
			u, err := url.Parse(postgrestest.Shared(t).Schema(t))
			must(t, err)
			query := u.Query()
			query.Set("default_query_exec_mode", execution)
			u.RawQuery = query.Encode()
			s := openAt(t, Config{URL: u.String(), Locking: mode})
			must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
			hold := storetest.SampleHold("a", 2, storetest.Slot, storetest.Slot, storetest.Chair2)
			must(t, change(t, s, "a", func(d *storetest.Draft) { bookMany(1, 1)(d); d.Book(hold) }))
			must(t, change(t, s, "a", func(d *storetest.Draft) { d.Move(hold, booking.Confirmed) }))
			err = change(t, s, "a", func(d *storetest.Draft) { d.Move(storetest.SampleBooking("a", 3, storetest.Slot), booking.Confirmed) })
			if !errors.Is(err, store.ErrRejected) || claimsOf(t, s) != 2 || revisionOf(t, s, "a") != 3 {
				t.Errorf("%s, %s: %d claims at %d, %v", execution, mode, claimsOf(t, s), revisionOf(t, s, "a"), err)
			}
		}
	}
}

// TestPanicLetsGo has decide panic with the row locked: nobody waits for it afterwards.
func TestPanicLetsGo(t *testing.T) {
	t.Parallel()
	s, other := openTwo(t, Pessimistic, Pessimistic)
	func() {
		defer func() {
			if p := recover(); p != "decide" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = change(t, s, "a", func(*storetest.Draft) { panic("decide") })
	}()
	if stat := s.reserved.Stat(); stat.AcquiredConns() != 0 {
		t.Errorf("%d connections are still taken", stat.AcquiredConns())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	must(t, storetest.TryChange(ctx, other, store.Need{Venue: "a"}, func(d *storetest.Draft) error { bookMany(1, 1)(d); return nil }))
}

// acceptStale takes the comparison of revisions out of a schema: a change of an outdated transaction becomes the next one all the
// same, as it would if the statement raised whatever revision it found.
var acceptStale = []string{
	`CREATE FUNCTION accept_stale() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.revision IS NULL THEN
			UPDATE venues SET revision = revision + 1 WHERE id = NEW.venue RETURNING revision INTO NEW.revision;
		END IF;
		RETURN NEW;
	END $$`,
	`CREATE TRIGGER accept_stale BEFORE INSERT ON changes FOR EACH ROW EXECUTE FUNCTION accept_stale()`,
}

// TestOversold has two nodes book the last place at the same time, each as soon as both have seen it free. With the comparison one of
// them finds it taken, also if its lock was lost on the way; the negative controls, without either, sell it twice.
func TestOversold(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		for _, compared := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/compared=%v", mode, compared), func(t *testing.T) {
				t.Parallel()
				p, address := newProxy(t, postgrestest.Shared(t).Schema(t))
				p.unlock()
				s, other := openAt(t, Config{URL: address, Locking: mode}), openAt(t, Config{URL: address, Locking: mode})
				must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
				if !compared {
					execute(t, s, acceptStale...)
				}
				sold, refused := sellLast(t, s, other)
				if compared && (sold != 1 || !refused) {
					t.Errorf("%d places were sold of one, refused: %v", sold, refused)
				}
				if !compared && sold != 2 {
					t.Errorf("the control did not oversell: %d places were sold", sold)
				}
			})
		}
	}
}

// sellLast has each of the nodes sell the last place, unless it finds it sold. It returns how many were sold, and whether one refused.
func sellLast(t *testing.T, nodes ...*Store) (sold int, refused bool) {
	t.Helper()
	full := errors.New("full")
	var looked, wait sync.WaitGroup
	looked.Add(len(nodes))
	errs := make([]error, len(nodes))
	for i, node := range nodes {
		wait.Go(func() {
			first := true
			errs[i] = storetest.TryChange(t.Context(), node, store.Need{Venue: "a", Known: 1}, func(d *storetest.Draft) error {
				if first {
					first = false
					looked.Done()
					looked.Wait()
				}
				if len(d.Found.Changes) > 0 {
					return full
				}
				d.Book(storetest.SampleBooking("a", i, storetest.Slot, storetest.Chair1))
				return nil
			})
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, full) {
			t.Error(err)
		}
		refused = refused || err != nil
	}
	return claimsOf(t, nodes[0]), refused
}
