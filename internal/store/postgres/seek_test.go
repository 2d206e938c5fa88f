package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/failover"
	"vacancy/internal/store/postgres/postgrestest"
)

// stepCounter counts the steps of a monitor.
type stepCounter struct{ steps atomic.Int64 }

func (c *stepCounter) Alerts([]failover.Alert) { c.steps.Add(1) }
func (*stepCounter) Database(int64, bool)      {}
func (*stepCounter) Backups([]failover.Backup) {}

func findWithin(t *testing.T, s *Store, timeout time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return s.FindDatabase(ctx)
}

// However many ask for the database at once, and go on asking, its hosts are asked once out of turn, and nobody who writes waits for it.
// Those whom that one search does not answer give up.
func TestManyWhoSeekTheDatabase(t *testing.T) {
	t.Parallel()
	var counter stepCounter
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), Observer: &counter, probe: -1})
	before := counter.steps.Load()
	began := time.Now()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 5 {
				if err := findWithin(t, s, 20*time.Millisecond); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if most := 1 + int64(time.Since(began)/seekInterval); counter.steps.Load()-before > most {
		t.Errorf("the hosts were asked %d times in %v", counter.steps.Load()-before, time.Since(began))
	}
	s.monitor.sought.Add(1) // somebody is never answered
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.monitor.ready(done); err != nil { // it would wait
		t.Errorf("who writes waits: %v", err)
	}
}

// Each search begins after it was asked for, and ends when the hosts have been asked, in turn if not out of turn.
func TestSeekingTheDatabase(t *testing.T) {
	t.Parallel()
	var counter stepCounter
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), Observer: &counter, probe: 20 * time.Millisecond})
	for range 5 {
		before := counter.steps.Load()
		must(t, s.FindDatabase(t.Context()))
		if counter.steps.Load() == before {
			t.Error("it is told that the hosts were asked, and they were not")
		}
	}
	must(t, s.Close())
	if err := s.FindDatabase(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("a store that is closed says %v", err)
	}
}
