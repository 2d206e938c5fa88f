package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"vacancy/internal/store"
)

// Inspect calls visit with one committed state of the whole database; see [store.Inspector]. It has a connection of its own, so that
// it takes nobody's, however long it reads. Until visit returns, the log cannot be begun anew: it grows with all that is written
// meanwhile, and is cut when it has been copied into the database afterwards.
func (s *Store) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	connect := func(ctx context.Context) (*sql.DB, error) { return s.writer.source.openObserver(ctx, false) }
	return s.inspections.run(ctx, connect, visit)
}

// inspections are those under way.
type inspections struct {
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
	// open ends when they must.
	open context.Context
	end  context.CancelFunc
}

func newInspections() *inspections {
	open, end := context.WithCancel(context.Background())
	return &inspections{open: open, end: end}
}

// run makes a connection and hands visit what it sees.
func (i *inspections) run(
	ctx context.Context, connect func(context.Context) (*sql.DB, error), visit func(store.Snapshot) error,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !i.begin() {
		return errClosed
	}
	defer i.running.Done()
	db, err := connect(ctx)
	if err != nil {
		return classify(err)
	}
	c, err := newConnection(ctx, db)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = c.close() }() // which ends the transaction: it has written nothing
	if _, err := c.exec(ctx, "BEGIN"); err != nil {
		return classify(err)
	}
	epoch, err := readEpoch(ctx, c)
	if err != nil {
		return classify(err)
	}
	return visit(&snapshot{connection: c, epoch: epoch, open: i.open})
}

func (i *inspections) begin() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.closed {
		i.running.Add(1)
	}
	return !i.closed
}

// close cuts short what is read, and waits until every visit has returned.
func (i *inspections) close() {
	i.mu.Lock()
	i.closed = true
	i.mu.Unlock()
	i.end()
	i.running.Wait()
}
