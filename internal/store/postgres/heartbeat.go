package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
	"vacancy/internal/store"
)

// A node has a row of its own, in which it counts its heartbeats. One statement serves two ends:
//
//   - It says that the node lives, and which level it has, so that no setting is accepted which a running node would not understand.
//   - Its commit is a proof. Where the server waits for standbys, everybody can see what somebody else's commit has written once the wait
//     was cut off, or the server has crashed and recovered, though no standby has it. A commit that began after it was seen waits for
//     it too; so when a heartbeat is committed without a warning, all that was seen before it began is where the operator wants it.
//
// One heartbeat is in flight at a time, and proves what everybody has seen who came before it began.

const (
	// $3 is [Store.clock], and $4 the id of the database in charge: another has no heartbeat.
	upsertNode = `
		INSERT INTO nodes AS n (id, level, beats, started_at, seen_at)
		SELECT $1, $2, 1, coalesce($3::timestamptz, statement_timestamp()), coalesce($3::timestamptz, statement_timestamp())
		FROM identity WHERE one AND closed_by = '' AND identity.id = $4
		ON CONFLICT (id) DO UPDATE SET beats = n.beats + 1, level = excluded.level, seen_at = excluded.seen_at
		RETURNING ` + hasStandbys + `, n.beats, n.seen_at`

	deleteNode = `DELETE FROM nodes WHERE id = $1`

	deleteLostNodes = `DELETE FROM nodes WHERE seen_at < $1`

	// Nodes below a level that have been seen lately. $3 is [Store.clock]: both times are the database's.
	selectNodesBelow = `
		SELECT count(*) FROM nodes WHERE level < $1 AND seen_at > coalesce($3::timestamptz, statement_timestamp()) - $2::interval`
)

// node sends this store's heartbeats.
type node struct {
	id     string
	store  *Store
	proven proven

	// failing: the last heartbeat was not committed.
	failing atomic.Bool

	mu sync.Mutex
	// next is the heartbeat that has not begun; nil if nobody waits for one.
	next *heartbeat

	signal chan struct{} // holds one if somebody waits
	ctx    context.Context
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// heartbeat is one that somebody waits for. Once it is done, database is the id of the term that it was committed in.
type heartbeat struct {
	done     chan struct{}
	database string
	err      error
}

// newNode makes the heart of a store, which does not beat yet. It is to be closed.
func newNode(s *Store) *node {
	n := &node{id: rand.Text(), store: s, signal: make(chan struct{}, 1)}
	n.ctx, n.stop = context.WithCancel(context.Background())
	return n
}

// start starts the heartbeats, unless the store only looks.
func (n *node) start() {
	if !n.store.config.ReadOnly {
		n.done.Go(n.run)
	}
}

// close ends the heartbeats, and takes the node's row away if that takes no time. It may be called again.
func (n *node) close() {
	if n.ctx.Err() != nil {
		return
	}
	n.stop()
	n.done.Wait()
	if n.store.config.ReadOnly {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	_ = n.store.useReserved(ctx, func(c *session) error { // where it fails, the node is taken to live a little longer
		_, err := c.conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'local', false)`)
		if err == nil {
			_, err = c.conn.Exec(ctx, deleteNode, n.id)
		}
		_ = c.conn.Close(ctx) // it does not wait for standbys any more
		return err
	})
}

func (n *node) run() {
	interval := n.store.config.heartbeat
	ticker := time.NewTicker(max(interval, time.Millisecond))
	defer ticker.Stop()
	if interval < 0 {
		ticker.Stop()
	} else {
		n.ring()
	}
	for {
		select {
		case <-n.ctx.Done():
			n.end(n.begin(), "", errClosed)
			return
		case <-ticker.C:
		case <-n.signal:
		}
		h := n.begin()
		database, err := n.beat()
		n.end(h, database, n.note(err))
		if interval > 0 {
			ticker.Reset(n.untilNext(interval))
		}
	}
}

// untilNext is when the next heartbeat is due: soon, while the database cannot be written to, so that it is known when it can.
func (n *node) untilNext(interval time.Duration) time.Duration {
	if n.failing.Load() {
		return min(interval, failingInterval)
	}
	return interval
}

func (n *node) ring() {
	select {
	case n.signal <- struct{}{}:
	default:
	}
}

// begin takes those who wait along; who comes later waits for the next.
func (n *node) begin() *heartbeat {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.next
	n.next = nil
	return h
}

func (n *node) end(h *heartbeat, database string, err error) {
	if h != nil {
		h.database, h.err = database, err
		close(h.done)
	}
}

// beat commits one heartbeat, and returns the id of the term that it was committed in. One whose commit is in doubt proves nothing, and
// another is tried: in the same term it proves the same.
func (n *node) beat() (database string, err error) {
	ctx, cancel := context.WithTimeout(n.ctx, n.store.config.commitTimeout)
	defer cancel()
	for range proofTries {
		err = n.store.useReserved(ctx, func(c *session) error {
			database = serverOf(c.conn).identity.ID
			return n.commit(ctx, c)
		})
		if err == nil || ctx.Err() != nil || !errors.Is(err, store.ErrInDoubt) {
			break
		}
	}
	return database, err
}

func (n *node) commit(ctx context.Context, c *session) error {
	standbys, id := false, serverOf(c.conn).identity.ID
	var counted failover.Beat
	var b pgx.Batch
	b.Queue(beginWriting)
	b.Queue(lockBriefly)
	b.Queue(upsertNode, n.id, int(n.store.config.Level), n.store.clock(), id).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&standbys, &counted.Count, &counted.Seen)
		if errors.Is(err, pgx.ErrNoRows) {
			return errWrongDatabase
		}
		return err
	})
	if err := commitBatch(ctx, c, &b); err != nil {
		if !c.conn.IsClosed() && c.conn.PgConn().TxStatus() != 'I' {
			_ = c.conn.Close(ctx)
		}
		return err
	}
	if n.store.monitor != nil {
		n.store.monitor.committed(id, counted)
	}
	if !n.store.mayWrite(c.conn) {
		return errWrongDatabase // which proves nothing
	}
	if n.store.config.RequireStandby && !standbys {
		return errNoStandby
	}
	return serverOf(c.conn).checkReplicates(standbys)
}

// prove returns nil once a heartbeat is committed that began after the call, in the term in which something was read. One in a later term
// says nothing of what was read before: the database that was left may be alone in having it.
func (s *Store) prove(ctx context.Context, database string) error {
	n := s.node
	n.mu.Lock()
	if n.next == nil {
		n.next = &heartbeat{done: make(chan struct{})}
	}
	h := n.next
	n.mu.Unlock()
	n.ring()
	select {
	case <-h.done:
	case <-ctx.Done():
		// As text: a transaction that runs out of time is contended, and nothing was done. Here it may have been, by an earlier call.
		return fmt.Errorf("%w: what was found is not proven to be durable in time: %s", booking.ErrOutcomeUnknown, ctx.Err().Error())
	case <-n.ctx.Done():
		return errClosed
	}
	if h.err != nil {
		// As text: that nothing was done, which some errors say, is true of the heartbeat only.
		return fmt.Errorf("%w: what was found cannot be proven to be durable: %s", booking.ErrOutcomeUnknown, h.err.Error())
	}
	if h.database != database {
		return fmt.Errorf("%w: what was found was read in another term of the database than the one that there is now", booking.ErrOutcomeUnknown)
	}
	return nil
}

// trimNodes deletes the rows of nodes that have crashed, or were killed. One that comes back after so long begins to count anew.
func (s *Store) trimNodes(ctx context.Context, now time.Time) error {
	err := s.useReserved(ctx, func(c *session) error {
		_, err := c.conn.Exec(ctx, deleteLostNodes, now.Add(-nodeRetention))
		return err
	})
	if err != nil {
		return fmt.Errorf("delete nodes that are gone: %w", classify(err))
	}
	return nil
}

// checkNodes refuses a level that a running node does not know.
func checkNodes(ctx context.Context, c *session, clock any, level booking.Level) error {
	var below int
	if err := c.conn.QueryRow(ctx, selectNodesBelow, int(level), liveFor, clock).Scan(&below); err != nil {
		return err
	}
	if below > 0 {
		return fmt.Errorf("%w: %d nodes are below level %d", booking.ErrNodesBehind, below, level)
	}
	return nil
}

// proven remembers up to which revision venues are proven to be durable: a change was committed there without a warning while the server
// waited for standbys. So a booking that this node has just made is read without another commit.
type proven struct {
	mu        sync.Mutex
	epoch     booking.Epoch
	revisions map[booking.VenueID]booking.Revision
}

func (p *proven) add(epoch booking.Epoch, standbys bool, writes []store.Write) {
	if !standbys {
		return
	}
	for i := range writes {
		p.set(epoch, writes[i].Change.Venue, writes[i].Change.Revision)
	}
}

func (p *proven) set(epoch booking.Epoch, venue booking.VenueID, revision booking.Revision) {
	if revision == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.epoch != epoch || len(p.revisions) >= maxProven {
		p.epoch, p.revisions = epoch, make(map[booking.VenueID]booking.Revision)
	}
	p.revisions[venue] = max(p.revisions[venue], revision)
}

func (p *proven) covers(epoch booking.Epoch, venue booking.VenueID, revision booking.Revision) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.epoch == epoch && p.revisions[venue] >= revision
}
