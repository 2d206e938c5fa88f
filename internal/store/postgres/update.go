package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// SQLSTATEs by which writes are refused.
const (
	notNullViolation     = "23502"
	cardinalityViolation = "21000"
)

// errMoved ends an attempt whose findings are outdated: a venue has moved on, or was made, since it was looked at.
var errMoved = errors.New("a venue has moved on meanwhile")

// Update runs one transaction; see [store.Writer]. It begins anew, on new findings, when a venue has moved on before an optimistic
// transaction came to commit, when the database chose it as the victim of a deadlock, and, once, when its connection was found
// dead before anything was written. A row that nobody lets go of is not waited for: the transaction fails with [store.ErrContended], the
// sooner if it is of several venues, so that the others are not kept waiting.
func (s *Store) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if err := store.CheckNeeds(needs); err != nil {
		return err
	}
	begun, renewed := time.Now(), false
	for attempt := 1; ; attempt++ {
		t := transaction{
			clock: s.clock(), mode: s.locking.mode(needs), level: s.config.Level, prepare: s.preparing(),
			commitTimeout: s.config.commitTimeout, needs: needs, decide: decide, mayWrite: s.mayWrite,
			requireStandby: s.config.RequireStandby,
		}
		err := s.useReserved(ctx, func(c *session) error { return t.run(ctx, c) })
		switch {
		case t.refusal != nil:
			return t.refusal
		case err == nil && t.unproven:
			return s.prove(ctx, t.database)
		case err == nil:
			s.node.proven.add(t.epoch, t.standbys, t.writes)
			_ = s.node.note(nil) // it can be written to
			s.announce(t.writes)
			return nil
		case errors.Is(err, store.ErrInDoubt):
			return err
		case ctx.Err() != nil:
			return ctx.Err() // nothing was committed
		case errors.Is(err, errMoved):
			s.locking.lost(t.mode, needs)
		case !renewed && mayBeWrongServer(err) && !unconnected(err):
			renewed = true // the pools have been reset
		case sqlState(err) == lockNotAvailable:
			return fmt.Errorf("%w: %w", store.ErrContended, err)
		case !retryable(err):
			return classify(err)
		}
		// The next attempt begins at once, without backoff: somebody has won each lost race, so the venue gets on.
		if attempt == maxAttempts || time.Since(begun) > retryTimeout {
			return fmt.Errorf("%w: a transaction began %d times in vain: %w", store.ErrUnavailable, attempt, err)
		}
	}
}

// errNoStandby refuses what would be kept by one server alone.
var errNoStandby = fmt.Errorf("%w: PostgreSQL waits for no standby, and --require-standby is set: see to a standby, and to "+
	"synchronous_standby_names", store.ErrUnavailable)

// mayWrite tells whether what was begun on a connection may be committed, or told as committed: the node has not gone elsewhere meanwhile.
func (s *Store) mayWrite(conn *pgx.Conn) bool { return s.monitor == nil || s.monitor.mayWrite(conn) }

// checkInCharge is nil if what was just read on a connection is what the database in charge has. Readers are led to a standby while none
// is, and it may lack what others have told of already.
func (s *Store) checkInCharge(c *session) error {
	if s.config.ReadOnly || s.mayWrite(c.conn) {
		return nil
	}
	return errWrongDatabase
}

// unconnected tells of a connection that could not even be made.
func unconnected(err error) bool {
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// transaction is one attempt of an Update.
type transaction struct {
	clock   any // see [Store.clock]
	mode    LockingMode
	level   booking.Level
	prepare bool // see [Store.preparing]

	commitTimeout time.Duration

	needs  []store.Need
	decide func([]store.Found) ([]store.Write, error)

	// refusal is an error of decide, to be returned as it is.
	refusal error
	writes  []store.Write

	// standbys tells whether the server was to wait for standbys when the transaction began, epoch which database that was, and database the
	// id of its term, as it was read; none of one that was closed.
	standbys       bool
	epoch          booking.Epoch
	database       string
	requireStandby bool
	// mayWrite tells whether what was begun on a connection may be committed, or told as committed.
	mayWrite func(*pgx.Conn) bool
	// unproven is set when nothing was written and what was found is to be proven.
	unproven bool
}

func (t *transaction) run(ctx context.Context, c *session) error {
	defer t.rollback(ctx, c)
	found, err := t.find(ctx, c)
	if err != nil {
		return fmt.Errorf("find what is true: %w", err)
	}
	if identity := serverOf(c.conn).identity; t.database != identity.ID {
		return errWrongDatabase
	}
	if t.requireStandby && !t.standbys {
		return errNoStandby
	}
	if err := serverOf(c.conn).checkReplicates(t.standbys); err != nil {
		_ = c.conn.Close(ctx) // of others, made when the server had no standbys, each finds out by itself
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	writes, err := t.decideOn(ctx, c, found)
	if err != nil || t.refusal != nil {
		return err
	}
	w, err := newWriting(t.needs, found, writes)
	if err != nil {
		return err
	}
	if w.empty() {
		restsOnFound := slices.ContainsFunc(writes, func(w store.Write) bool { return w.Prove })
		if restsOnFound && !t.mayWrite(c.conn) {
			return errWrongDatabase // this node has left the database meanwhile, and others may not have what was found
		}
		t.unproven = t.standbys && restsOnFound
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !t.mayWrite(c.conn) {
		return errWrongDatabase
	}
	if err := t.commit(ctx, c, w); err != nil {
		return fmt.Errorf("write and commit: %w", err)
	}
	if !t.mayWrite(c.conn) {
		return fmt.Errorf("%w: it was committed, and this node had left the database by then, or was held up", store.ErrInDoubt)
	}
	t.writes, t.epoch = writes, c.epoch
	return nil
}

// decideOn has what was found decided on, and checks what was decided.
func (t *transaction) decideOn(ctx context.Context, c *session, found []store.Found) ([]store.Write, error) {
	if err := store.CheckLevels(t.level, t.needs, found); err != nil {
		return nil, err
	}
	writes, err := t.decide(found)
	if err != nil {
		t.refusal = err
		return nil, nil //nolint:nilerr // it is the transaction's refusal, which is told as it is
	}
	if err := store.CheckWrites(t.level, t.needs, found, writes); err != nil {
		return nil, err
	}
	for i := range writes {
		if level, raised := store.RaisedLevel(found[i], writes[i]); raised {
			if err := checkNodes(ctx, c, t.clock, level); err != nil {
				return nil, err
			}
		}
	}
	return writes, nil
}

// rollback undoes what is still open: after a failure, a panic of decide, or a transaction that wrote nothing. A connection that
// cannot be tidied up is not used again.
func (t *transaction) rollback(ctx context.Context, c *session) {
	if c.conn.IsClosed() || c.conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := c.conn.Exec(ctx, `ROLLBACK`); err != nil {
		_ = c.conn.Close(ctx)
	}
}

const (
	beginReading = `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY`
	beginWriting = `BEGIN ISOLATION LEVEL READ COMMITTED`

	// lockVenues takes rows in the order of their ids, in which every transaction takes them, so that no two wait for each other.
	lockVenues = `SELECT id FROM venues WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE`

	// lockBriefly is for transactions over several venues.
	lockBriefly = `SET LOCAL lock_timeout = '1s'`
)

// commit sends the writes and COMMIT at once. An error means that nothing was committed, unless it is [store.ErrInDoubt].
func (t *transaction) commit(ctx context.Context, c *session, w *writing) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.commitTimeout)
	defer cancel()
	var b pgx.Batch
	if t.mode == Optimistic {
		b.Queue(beginWriting)
		if len(t.needs) > 1 {
			b.Queue(lockBriefly)
			b.Queue(lockVenues, t.venues())
		}
	}
	w.queue(&b, t.database)
	if t.prepare {
		if err := prepare(ctx, c, &b); err != nil {
			return err
		}
	}
	return commitBatch(ctx, c, &b)
}

// commitBatch sends statements and COMMIT at once. An error means that nothing was committed, unless it is [store.ErrInDoubt].
func commitBatch(ctx context.Context, c *session, b *pgx.Batch) error {
	committed := false
	b.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
		if committed = tag.String() == "COMMIT"; !committed {
			return errRolledBack
		}
		return nil
	})
	g := guardOf(c.conn)
	g.begin()
	err := c.conn.SendBatch(ctx, b).Close()
	switch {
	case c.conn.IsClosed() && !committed:
		return outcome(err) // the server may be at it still
	case !committed:
		_ = g.end()
		return outcome(err)
	}
	if warning := g.end(); warning != nil {
		return fmt.Errorf("%w: %w", store.ErrInDoubt, warning)
	}
	return nil // whatever became of the connection since
}

// errRolledBack cannot happen, since what follows an error is not carried out.
var errRolledBack = fmt.Errorf("%w: the database rolled back instead of committing", store.ErrUnavailable)

// preparing tells whether connections keep prepared statements. The URL says otherwise if there is something on the way that knows
// none.
func (s *Store) preparing() bool {
	return s.connector.pool.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement
}

// prepare has the statements of a batch prepared, once on each connection. Those that the driver prepares by itself are given up and
// made anew after each error, such as a lost race.
func prepare(ctx context.Context, c *session, b *pgx.Batch) error {
	for _, q := range b.QueuedQueries {
		if _, err := c.conn.Prepare(ctx, q.SQL, q.SQL); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) venues() []string {
	venues := make([]string, len(t.needs))
	for i, need := range t.needs {
		venues[i] = string(need.Venue)
	}
	return venues
}

// outcome is what an error means that came after the writes were sent, and before COMMIT was heard to have succeeded.
func outcome(err error) error {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && severity(refusal) == "ERROR" && !strings.HasPrefix(refusal.Code, "08"):
		// A statement failed, or COMMIT itself, and nothing was committed. Errors that end the connection are another matter, and
		// so are those of a pooler that has lost the server: they may have come in between COMMIT and its answer.
		return refused(refusal, err)
	case errors.Is(err, errRolledBack):
		return err
	case pgconn.SafeToRetry(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if _, ok := errors.AsType[pgx.ErrPreprocessingBatch](err); ok {
		return fmt.Errorf("%w: %w", store.ErrRejected, err) // a value that has no place in its column; nothing was sent
	}
	return fmt.Errorf("%w: %w", store.ErrInDoubt, err)
}

func severity(err *pgconn.PgError) string { return cmp.Or(err.SeverityUnlocalized, err.Severity) }

// refused sorts out the refusals that mean something here. A transaction finds by them, at its commit, that a venue is not what it
// was: its revision is not the one before the change's, see [raiseVenues], or another transaction has made it.
func refused(refusal *pgconn.PgError, err error) error {
	switch {
	case refusal.Code == notNullViolation && refusal.TableName == "changes" && refusal.ColumnName == "revision",
		refusal.Code == uniqueViolation && refusal.ConstraintName == "venues_pkey":
		return fmt.Errorf("%w: %w", errMoved, err)
	case badBatch(refusal):
		return fmt.Errorf("%w: %w", errWrongDatabase, err)
	case refusal.Code == cardinalityViolation: // two answers for one key
		return fmt.Errorf("%w: %w", store.ErrRejected, err)
	}
	return err
}

// announce has other nodes told of what was committed.
func (s *Store) announce(writes []store.Write) {
	for _, w := range writes {
		if w.Change.Revision > 0 {
			s.wakeOthers(w.Change.Venue, w.Change.Revision)
		}
	}
}
