package postgres

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// cutAtOnce loses everything that the store says from now on.
func cutAtOnce(_ byte, ofServer bool) verdict {
	if ofServer {
		return pass
	}
	return cut
}

// cutWithin passes on n statements of a pipeline, and none of the rest.
func cutWithin(n int) rule {
	return func(kind byte, ofServer bool) verdict {
		if ofServer || kind != execute1 {
			return pass
		}
		if n--; n < 0 {
			return cut
		}
		return pass
	}
}

// cutBeforeAnswer passes on all that the store says, and loses what the server answers when it has carried it out.
func cutBeforeAnswer(kind byte, ofServer bool) verdict {
	switch {
	case !ofServer:
		return pass
	case kind == readyForQuery:
		return cut
	}
	return drop
}

// cutWhenSent passes on all that the store says and is gone then: nobody knows how far the server comes.
func cutWhenSent() rule {
	sent := false
	return func(kind byte, ofServer bool) verdict {
		if sent = sent || !ofServer && kind == sync1; !sent {
			return pass
		}
		if ofServer {
			return cut
		}
		return pass
	}
}

// doubtful is a store whose connections go through a proxy, and another that sees what is true. The first has one connection, so that
// the proxy sees what Update says and nothing else.
func doubtful(t *testing.T, mode LockingMode) (p *proxy, s, other *Store) {
	t.Helper()
	address := postgrestest.Shared(t).Schema(t)
	p, through := newProxy(t, address)
	s = openAt(t, Config{URL: through, Locking: mode, Connections: 1})
	other = openAt(t, Config{URL: address})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	must(t, change(t, s, "a", bookMany(1, 1))) // its statements are known to the connection
	return p, s, other
}

// bookInBatch books under a batch's name, and has the proxy obey a rule from when it has decided for the first time.
func bookInBatch(ctx context.Context, s *Store, p *proxy, batch string, r rule) (decided int, err error) {
	err = storetest.TryChange(ctx, s, store.Need{Venue: "a"}, func(d *storetest.Draft) error {
		if decided++; decided == 1 {
			p.obey(r)
		}
		bookMany(2, 1)(d)
		d.Change.Batch = batch
		return nil
	})
	return decided, err
}

// settle makes a change that settles whether the batch was committed as revision 3, as the contract has it, and compares with what
// is stored.
func settle(t *testing.T, s *Store, batch string) (committed bool) {
	t.Helper()
	const revision booking.Revision = 3
	must(t, storetest.TryChange(t.Context(), s, store.Need{Venue: "a", Known: revision - 1}, func(d *storetest.Draft) error {
		committed = false
		for _, c := range d.Found.Changes {
			committed = committed || c.Revision == revision && c.Batch == batch
		}
		d.PutVenue(storetest.SampleVenue("a"))
		return nil
	}))
	want := 1
	if committed {
		want = 2
	}
	if has(t, s, 2) != committed || claimsOf(t, s) != want {
		t.Errorf("the change says committed: %v, the booking is there: %v, claims %d", committed, has(t, s, 2), claimsOf(t, s))
	}
	if got := revisionOf(t, s, "a"); got != revision+booking.Revision(want-1) {
		t.Errorf("the venue is at %d", got)
	}
	return committed
}

func TestCommitInDoubt(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, c := range []struct {
		when      string
		rule      func() rule
		committed *bool // nil if nobody can tell
	}{
		{"before the write", func() rule { return cutAtOnce }, &no},
		{"within the write", func() rule { return cutWithin(3) }, &no},
		{"when the write was sent", cutWhenSent, nil},
		{"before the answer", func() rule { return cutBeforeAnswer }, &yes},
	} {
		for _, mode := range bothModes {
			t.Run(fmt.Sprintf("%s/%s", c.when, mode), func(t *testing.T) {
				t.Parallel()
				p, s, other := doubtful(t, mode)
				decided, err := bookInBatch(t.Context(), s, p, "doubtful", c.rule())
				if !errors.Is(err, store.ErrInDoubt) || errors.Is(err, store.ErrUnavailable) || decided != 1 {
					t.Errorf("after %d decisions: %v, want doubt", decided, err)
				}
				committed := settle(t, other, "doubtful")
				if c.committed != nil && committed != *c.committed {
					t.Errorf("committed: %v", committed)
				}
				must(t, change(t, s, "a", bookMany(3, 1))) // on a new connection
			})
		}
	}
}

// TestLostBeforeTheWrite loses the connection where it is certain that nothing was sent: the transaction begins anew by itself.
func TestLostBeforeTheWrite(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p, s, other := doubtful(t, mode)
			p.obey(cutWithin(2)) // while it reads
			decided, err := bookInBatch(t.Context(), s, p, "certain", nil)
			must(t, err)
			if committed := settle(t, other, "certain"); decided != 1 || !committed {
				t.Errorf("after %d decisions, committed: %v", decided, committed)
			}
			p.cutAll() // while it does nothing
			must(t, change(t, s, "a", bookMany(3, 1)))

			// While it has the statements of the write prepared, which are new to the connection.
			p.cutAll()
			look := func([]store.Found) ([]store.Write, error) { return make([]store.Write, 1), nil }
			must(t, s.Update(t.Context(), needOf("a"), look))
			calls := 0
			must(t, change(t, s, "a", func(d *storetest.Draft) {
				if calls++; calls == 1 {
					p.obey(cutAtOnce)
				}
				bookMany(4, 1)(d)
			}))
			if calls != 2 || !has(t, other, 4) {
				t.Errorf("decided %d times", calls)
			}
		})
	}
}

// TestUnreachable finds nobody at the second attempt either.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		p, s, other := doubtful(t, mode)
		must(t, p.listener.Close())
		p.cutAll()
		decided, err := bookInBatch(t.Context(), s, p, "never", nil)
		if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrInDoubt) || decided != 0 {
			t.Errorf("%s, after %d decisions: %v, want it unavailable", mode, decided, err)
		}
		if settle(t, other, "never") {
			t.Error("committed all the same")
		}
	}
}

// TestTerminated has an operator end the connection while a transaction decides. The server says so, but not when it did.
func TestTerminated(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		address := postgrestest.Shared(t).Schema(t)
		name := "terminated-" + string(mode)
		s, other := openAt(t, Config{URL: named(t, address, name), Locking: mode, Connections: 1}), openAt(t, Config{URL: address})
		must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
		must(t, change(t, s, "a", bookMany(1, 1)))
		calls := 0
		err := change(t, s, "a", func(d *storetest.Draft) {
			if calls++; calls == 1 {
				execute(t, other, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '`+name+`'`)
			}
			bookMany(2, 1)(d)
		})
		if !errors.Is(err, store.ErrInDoubt) || settle(t, other, "batch-a") {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// TestCallerLeavesDuringCommit has the caller's context end when the writes are on their way: they are committed, and Update says so.
func TestCallerLeavesDuringCommit(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		p, s, other := doubtful(t, mode)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := bookInBatch(ctx, s, p, "left", func(kind byte, ofServer bool) verdict {
			if !ofServer && kind == sync1 {
				cancel()
			}
			return pass
		})
		p.obey(nil)
		if err != nil || !settle(t, other, "left") {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// TestServerCrashes has the server crash and come back: meanwhile nothing can be written, afterwards everything can, at once.
func TestServerCrashes(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL(), Connections: 1}) // one that knows the statements, so that the write is sent at once
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	must(t, change(t, s, "a", bookMany(1, 1)))
	calls := 0
	err := change(t, s, "a", func(d *storetest.Draft) {
		if calls++; calls == 1 {
			server.Crash(t)
		}
		bookMany(2, 1)(d)
	})
	if !errors.Is(err, store.ErrInDoubt) {
		t.Errorf("a crash before the commit: %v", err)
	}
	if err := change(t, s, "a", bookMany(3, 1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("with the server down: %v", err)
	}
	server.Start(t)
	must(t, change(t, s, "a", bookMany(4, 1)))
	server.Restart(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	must(t, storetest.TryChange(ctx, s, store.Need{Venue: "a"}, func(d *storetest.Draft) error { bookMany(5, 1)(d); return nil }))
	if has(t, s, 2) || has(t, s, 3) || !has(t, s, 4) || !has(t, s, 5) || revisionOf(t, s, "a") != 4 {
		t.Errorf("after the crash the venue is at %d", revisionOf(t, s, "a"))
	}
}
