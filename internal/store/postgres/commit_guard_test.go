package postgres

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// TestOutcomeByCode: a refusal says that nothing was committed, unless it comes from somebody between the store and the server.
func TestOutcomeByCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, severity string
		doubt          bool
	}{
		{uniqueViolation, "ERROR", false},
		{"40001", "ERROR", false},
		{"57014", "ERROR", false},
		{"08006", "ERROR", true},
		{"08P01", "ERROR", true},
		{"08P01", "FATAL", true},
		{adminShutdown, "FATAL", true},
	} {
		err := outcome(fmt.Errorf("commit: %w", &pgconn.PgError{Code: c.code, SeverityUnlocalized: c.severity}))
		if errors.Is(err, store.ErrInDoubt) != c.doubt {
			t.Errorf("%s %s: %v, doubt: %v", c.severity, c.code, err, c.doubt)
		}
	}
}

// waitingCommit matches the one commit that waits for a standby.
const waitingCommit = `FROM pg_stat_activity WHERE wait_event = 'SyncRep'`

// lonely is a store at revision 2 of a server that waits for a standby that does not come, and one that sees what others do.
func lonely(t *testing.T, cfg Config) (s, other *Store) {
	t.Helper()
	return lonelyOn(t, postgrestest.Start(t), cfg)
}

func lonelyOn(t *testing.T, server *postgrestest.Server, cfg Config) (s, other *Store) {
	t.Helper()
	cfg.URL = server.URL()
	s, other = openAt(t, cfg), openAt(t, Config{URL: server.URL()})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	must(t, change(t, s, "a", bookMany(1, 1)))
	execute(t, other, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, `SELECT pg_reload_conf()`)
	await(t, other, `SELECT current_setting('synchronous_standby_names') = 'nobody'`)
	return s, other
}

// alone has the server wait for no standby any more.
func alone(t *testing.T, other *Store) {
	t.Helper()
	execute(t, other, `ALTER SYSTEM RESET synchronous_standby_names`, `SELECT pg_reload_conf()`)
	await(t, other, `SELECT count(*) = 0 `+waitingCommit)
}

// TestWaitForStandbyIsCancelled has an operator end the wait for a standby: COMMIT succeeds, and the booking may be lost all the same.
func TestWaitForStandbyIsCancelled(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			s, other := lonely(t, Config{})
			result := make(chan error, 1)
			go func() {
				_, err := bookInBatch(t.Context(), s, &proxy{}, "cancelled", nil)
				result <- err
			}()
			await(t, other, `SELECT count(*) = 1 `+waitingCommit)
			execute(t, other, `SELECT `+end+`(pid) `+waitingCommit)
			if err := <-result; !errors.Is(err, store.ErrInDoubt) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got error %v, want doubt", err)
			}
			alone(t, other)
			if !settle(t, other, "cancelled") {
				t.Error("not committed on the server itself")
			}
			must(t, change(t, s, "a", bookMany(3, 1)))
		})
	}
}

// TestWaitForStandbyGoesOn has the store give up on a commit that waits for a standby. The server does not: nobody sees the booking
// before a standby has it.
func TestWaitForStandbyGoesOn(t *testing.T) {
	t.Parallel()
	for _, mode := range bothModes {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s, other := lonely(t, Config{Locking: mode, commitTimeout: 300 * time.Millisecond})
			if _, err := bookInBatch(t.Context(), s, &proxy{}, "waiting", nil); !errors.Is(err, store.ErrInDoubt) {
				t.Errorf("got error %v, want doubt", err)
			}
			execute(t, other, `SELECT pg_sleep(0.5)`) // a request to cancel would have come by now
			await(t, other, `SELECT count(*) = 1 `+waitingCommit)
			if has(t, other, 2) {
				t.Error("the booking can be seen before the standby has it")
			}
			alone(t, other)
			if !settle(t, other, "waiting") {
				t.Error("the commit did not go on")
			}
			must(t, change(t, s, "a", bookMany(3, 1)))
		})
	}
}
