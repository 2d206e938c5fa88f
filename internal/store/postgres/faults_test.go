package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// everyCall makes a call of each kind.
func everyCall(t *testing.T, s *Store) map[string]error {
	t.Helper()
	ctx := t.Context()
	_, now := s.Now(ctx)
	_, load := s.Load(ctx, "a", storetest.Morning)
	_, revisions := s.Revisions(ctx, []booking.VenueID{"a"})
	_, _, due := s.Due(ctx, 1)
	_, sweep := s.SweepAnswers(ctx, 1)
	return map[string]error{
		"now": now, "load": load, "revisions": revisions, "due": due, "sweep": sweep,
		"update":  change(t, s, "a", bookMany(1000, 0)),
		"inspect": s.Inspect(ctx, func(store.Snapshot) error { return nil }),
		"put key": s.PutKey(ctx, store.Key{Name: "suite"}),
	}
}

// TestServerIsAway: while the server is stopped or has crashed, every call says so at once; when it is back, all work again without
// being opened anew, and nothing that was acknowledged is gone.
func TestServerIsAway(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL()})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for i, end := range []func(testing.TB){server.Crash, server.Stop} {
		must(t, change(t, s, "a", bookMany(i, 1)))
		end(t)
		for range 3 {
			for call, err := range everyCall(t, s) {
				if !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("%s: got error %v, want it unavailable", call, err)
				}
			}
		}
		server.Start(t)
		s.monitor.doubt() // the next look, which a test does not make by itself
		for call, err := range everyCall(t, s) {
			if err != nil {
				t.Errorf("%s, when the server is back: %v", call, err)
			}
		}
		if !has(t, s, i) {
			t.Errorf("booking %d is gone", i)
		}
	}
}

// TestConnectionsAreCut: the server stays, and cuts every connection. One call may notice; after it none does.
func TestConnectionsAreCut(t *testing.T) {
	t.Parallel()
	server := postgrestest.Shared(t)
	name := "cut" + t.Name()
	s := openAt(t, Config{URL: with(t, server.Schema(t), map[string]string{"application_name": name}), Connections: 16})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for range 3 {
		occupy(t, s.use, 8)
		occupy(t, s.useReserved, 8)
		forgetReset(s)
		execute(t, s, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
			WHERE application_name = '`+name+`' AND pid <> pg_backend_pid()`)
		if err := change(t, s, "a", bookMany(0, 0)); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("the first change: got error %v, want it unavailable", err)
		}
		for call, err := range everyCall(t, s) {
			if err != nil {
				t.Errorf("%s, after the connections were cut: %v", call, err)
			}
		}
	}
}

// forgetReset lets the pool be reset at the next error.
func forgetReset(s *Store) {
	s.resets.Lock()
	defer s.resets.Unlock()
	s.reset = time.Time{}
}

// occupy has n connections open at once.
func occupy(t *testing.T, use func(context.Context, func(*session) error) error, n int) {
	t.Helper()
	if n == 0 {
		return
	}
	must(t, use(t.Context(), func(*session) error {
		occupy(t, use, n-1)
		return nil
	}))
}

// TestReadOnlyDatabase: a database that may not be written to can be read, and its connections are made anew until one leads to a
// database that may.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL()})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	execute(t, s, `ALTER DATABASE vacancy SET default_transaction_read_only = on`)
	s.readers.Reset()
	s.reserved.Reset()
	for range 3 {
		if err := change(t, s, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a change: got error %v, want it unavailable", err)
		}
		if _, err := s.SweepAnswers(t.Context(), 1); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("sweep: got error %v, want it unavailable", err)
		}
		if _, err := s.Load(t.Context(), "a", storetest.Morning); err != nil {
			t.Errorf("load: %v", err)
		}
	}
	again := openAt(t, Config{URL: server.URL()}) // a node that starts now can serve readers
	if _, err := again.Load(t.Context(), "a", storetest.Morning); err != nil {
		t.Errorf("load by a node that starts: %v", err)
	}
	execute(t, s, `SET default_transaction_read_only = off`, `ALTER DATABASE vacancy RESET default_transaction_read_only`)
	forgetReset(s)
	s.monitor.doubt()                                         // the next look, which a test does not make by itself
	if err := change(t, s, "a", bookMany(1, 1)); err != nil { // on an old connection
		must(t, change(t, s, "a", bookMany(1, 1)))
	}
}

// TestPoolIsResetOnceInAStorm: whatever many callers meet, the connections are made anew once.
func TestPoolIsResetOnceInAStorm(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	cut := &pgconn.PgError{Code: "57P01"}
	made := func() int64 {
		occupy(t, s.use, 1)
		return s.readers.Stat().NewConnsCount()
	}
	before := made()
	s.resetAfter(fmt.Errorf("a statement: %w", &pgconn.PgError{Code: uniqueViolation}))
	s.resetAfter(context.Canceled)
	s.resetAfter(nil)
	if after := made(); after != before {
		t.Errorf("errors of statements and callers had %d connections made", after-before)
	}
	for range 100 {
		s.resetAfter(fmt.Errorf("a statement: %w", cut))
		made()
	}
	if after := made(); after != before+1 {
		t.Errorf("a storm had %d connections made, want 1", after-before)
	}
}

// TestUseGivesBack: a connection that is left in a transaction, or whose caller is gone, is not given to the next.
func TestUseGivesBack(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), Connections: 1})
	broken := errors.New("broken")
	err := s.use(t.Context(), func(c *session) error {
		_, err := c.conn.Exec(t.Context(), `BEGIN`)
		return errors.Join(err, broken)
	})
	if !errors.Is(err, broken) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want it as it was", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.use(ctx, func(c *session) error {
		cancel()
		_, err := c.conn.Exec(ctx, `SELECT pg_sleep(10)`)
		return err
	})
	if !errors.Is(err, context.Canceled) || errors.Is(classify(err), store.ErrUnavailable) {
		t.Errorf("got error %v, want that of the caller", err)
	}
	must(t, s.use(t.Context(), func(c *session) error {
		if status := c.conn.PgConn().TxStatus(); status != 'I' {
			t.Errorf("the next caller finds the connection in state %c", status)
		}
		waiting, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		if _, err := s.HasKeys(waiting); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("who waits for a connection in vain: got error %v, want that of the context", err)
		}
		return nil
	}))
}

// TestReadersTakeNotAll: while readers have all that they can get, changes are made, and other nodes' are seen. Of the readers that
// wait, there are so many and no more.
func TestReadersTakeNotAll(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), Connections: 4})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	var readers sync.WaitGroup
	must(t, s.use(t.Context(), func(*session) error {
		return s.use(t.Context(), func(*session) error {
			must(t, change(t, s, "a", bookMany(1, 1)))
			_, _, due := s.Due(t.Context(), 1)
			_, sweep := s.SweepAnswers(t.Context(), 1)
			if got := revisionOf(t, s, "a"); got != 2 || due != nil || sweep != nil {
				t.Errorf("the venue is at %d, due holds: %v, sweep: %v", got, due, sweep)
			}
			waiting, leave := context.WithCancel(t.Context())
			defer leave()
			crowded := make(chan error, maxWaiting+3)
			for range maxWaiting + 3 { // two are let in by the count, as if the connections were free
				readers.Go(func() {
					if _, err := s.HasKeys(waiting); !errors.Is(err, context.Canceled) {
						crowded <- err
					}
				})
			}
			if err := <-crowded; !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("one reader too many: %v", err)
			}
			return nil
		})
	}))
	readers.Wait()
	must(t, s.use(t.Context(), func(*session) error { return nil }))
}

// TestErrorsByCode: what the server says is told apart by its code.
func TestErrorsByCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"08006": store.ErrUnavailable, "57P01": store.ErrUnavailable, "57P02": store.ErrUnavailable, "57P03": store.ErrUnavailable,
		"57P05": store.ErrUnavailable, "57014": store.ErrUnavailable, "53100": store.ErrUnavailable, "53300": store.ErrUnavailable,
		"25006": store.ErrUnavailable, "25P03": store.ErrUnavailable, "58030": store.ErrUnavailable, "3D000": store.ErrUnavailable,
		"28P01": store.ErrUnavailable, "42501": store.ErrUnavailable, "XX001": store.ErrUnavailable, "40001": store.ErrUnavailable,
		"23505": store.ErrRejected, "23514": store.ErrRejected, "22003": store.ErrRejected, "22P05": store.ErrRejected,
		"54000": store.ErrRejected, "42P01": nil, "42601": nil,
	} {
		err := classify(fmt.Errorf("a statement: %w", &pgconn.PgError{Code: code}))
		for _, sentinel := range []error{store.ErrUnavailable, store.ErrRejected, store.ErrInDoubt} {
			if is := errors.Is(err, sentinel); is != (sentinel == want) { //nolint:errorlint // one sentinel is compared with another
				t.Errorf("%s: %v is %v: %t", code, err, sentinel, is)
			}
		}
		if sqlState(err) != code {
			t.Errorf("%s: the code is lost in %v", code, err)
		}
	}
	for _, code := range []string{serializationFailure, deadlockDetected, lockNotAvailable} {
		if !retryable(fmt.Errorf("a statement: %w", &pgconn.PgError{Code: code})) {
			t.Errorf("%s is not tried again", code)
		}
	}
	if retryable(&pgconn.PgError{Code: uniqueViolation}) || retryable(io.EOF) {
		t.Errorf("what cannot succeed, or may have, is tried again")
	}
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed, &net.OpError{Err: errors.New("reset")}} {
		if !errors.Is(classify(fmt.Errorf("a statement: %w", err)), store.ErrUnavailable) {
			t.Errorf("%v is not unavailable", err)
		}
	}
}
