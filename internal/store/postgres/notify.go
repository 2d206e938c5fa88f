package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
)

// Nodes wake each other with NOTIFY, so that a commit is seen everywhere at once and not only when revisions are compared next.
// Nothing depends on it. A notification is a transaction, and takes a lock of the whole database while it commits: it is sent after
// the commit that it tells of, by itself, and one tells of all that happened in a while.

// channel is one for each schema, since channels belong to the database.
const channel = `'vacancy_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 32)`

// sendNotification does not wait for the disk.
const sendNotification = `SELECT set_config('synchronous_commit', 'off', true), pg_notify(` + channel + `, $1)`

// notifier tells other nodes what was committed: the first at once, and what follows soon after it in one.
type notifier struct {
	// node tells this store's notifications from those of others.
	node string
	send func(ctx context.Context, payload string) error
	log  *slog.Logger

	mu      sync.Mutex
	pending map[booking.VenueID]booking.Revision

	signal chan struct{} // holds one if something is pending
	ctx    context.Context
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// newNotifier starts a notifier that sends with the function. It is to be closed.
func newNotifier(send func(ctx context.Context, payload string) error, log *slog.Logger) *notifier {
	n := &notifier{
		node: rand.Text(), send: send, log: log,
		pending: make(map[booking.VenueID]booking.Revision), signal: make(chan struct{}, 1),
	}
	n.ctx, n.stop = context.WithCancel(context.Background())
	n.done.Go(n.run)
	return n
}

// close ends the notifier; what is not sent yet is not sent. It may be called again.
func (n *notifier) close() {
	n.stop()
	n.done.Wait()
}

// committed is told of each commit. It does not block.
func (n *notifier) committed(venue booking.VenueID, revision booking.Revision) {
	n.mu.Lock()
	if known, ok := n.pending[venue]; ok || len(n.pending) < maxPending {
		n.pending[venue] = max(known, revision)
	}
	n.mu.Unlock()
	n.ring()
}

func (n *notifier) ring() {
	select {
	case n.signal <- struct{}{}:
	default:
	}
}

func (n *notifier) run() {
	failing := false
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-n.signal:
		}
		select {
		case <-n.ctx.Done():
			return
		case <-pause.C:
		}
		pause.Reset(notifyInterval)
		payload := n.payload()
		if payload == "" {
			continue
		}
		ctx, cancel := context.WithTimeout(n.ctx, notifyTimeout)
		err := n.send(ctx, payload)
		cancel()
		if err != nil && !failing && n.ctx.Err() == nil {
			n.log.Warn("other nodes cannot be woken; they find out a little later", "error", err)
		}
		failing = err != nil
	}
}

// payload takes as many of the pending as there is room for: "node venue=revision venue=revision".
func (n *notifier) payload() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pending) == 0 {
		return ""
	}
	text := []byte(n.node)
	for venue, revision := range n.pending {
		if len(text)+len(venue)+len(" =18446744073709551615") > maxPayload {
			n.ring()
			break
		}
		text = append(append(append(text, ' '), venue...), '=')
		text = strconv.AppendUint(text, uint64(revision), 10)
		delete(n.pending, venue)
	}
	return string(text)
}

// parsePayload reads what payload wrote, and what is of use of anything else.
func parsePayload(payload string) (node string, revisions map[booking.VenueID]booking.Revision) {
	node, pairs, _ := strings.Cut(payload, " ")
	revisions = make(map[booking.VenueID]booking.Revision)
	for pair := range strings.FieldsSeq(pairs) {
		venue, text, _ := strings.Cut(pair, "=")
		if revision, err := strconv.ParseUint(text, 10, 64); err == nil {
			revisions[booking.VenueID(venue)] = booking.Revision(revision)
		}
	}
	return node, revisions
}

// wakeOthers has other nodes hear of a commit: by NOTIFY, and by what the configuration has besides. Neither is known to reach all of them:
// a broker may refuse hints, and a node may know none.
func (s *Store) wakeOthers(venue booking.VenueID, revision booking.Revision) {
	s.notifier.committed(venue, revision)
	if s.config.Hint != nil {
		s.config.Hint(venue, revision)
	}
}

// notify sends a notification.
func (s *Store) notify(ctx context.Context, payload string) error {
	return s.useReserved(ctx, func(c *session) error {
		_, err := c.conn.Exec(ctx, sendNotification, payload)
		return err
	})
}

// Watch calls hint with what other nodes have committed lately, until ctx ends or the store is closed. It uses a connection of its
// own, and when that is lost it makes another. Hints come early, may be missed, and are all that is given: whoever must know compares
// revisions, too. hint must not block.
func (s *Store) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	detach := context.AfterFunc(s.notifier.ctx, func() { cancel(errClosed) })
	defer detach()
	failing := false
	for ctx.Err() == nil {
		err := s.listen(ctx, hint, func() { failing = false })
		if ctx.Err() != nil {
			break
		}
		if !failing {
			s.config.Log.Warn("commits of other nodes are not heard of; they are found a little later", "error", err)
		}
		failing = true
		select {
		case <-ctx.Done():
		case <-time.After(listenBackoff):
		}
	}
	return context.Cause(ctx)
}

// listen hands on notifications until the connection is lost. It calls begun when it has begun.
func (s *Store) listen(ctx context.Context, hint func(booking.VenueID, booking.Revision), begun func()) error {
	ctx, cancel := s.untilRedirected(ctx)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	var name string
	if err := conn.QueryRow(ctx, `SELECT `+channel).Scan(&name); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `LISTEN `+name); err != nil { // which is made of letters and digits
		return err
	}
	begun()
	for {
		if err := s.await(ctx, conn, hint); err != nil {
			return err
		}
	}
}

// await hands on the next notification, or makes sure of the connection if none comes.
func (s *Store) await(ctx context.Context, conn *pgx.Conn, hint func(booking.VenueID, booking.Revision)) error {
	waiting, cancel := context.WithTimeout(ctx, listenCheck)
	defer cancel()
	notification, err := conn.WaitForNotification(waiting)
	if err != nil {
		if errors.Is(waiting.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
			return conn.Ping(ctx)
		}
		return err
	}
	node, revisions := parsePayload(notification.Payload)
	if node == s.notifier.node {
		return nil
	}
	for venue, revision := range revisions {
		hint(venue, revision)
	}
	return nil
}
