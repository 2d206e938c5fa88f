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
const (
	// wakeEvery is the least time between two notifications.
	wakeEvery = 20 * time.Millisecond
	// wakeTimeout bounds sending one.
	wakeTimeout = 5 * time.Second
	// maxAwaiting bounds the venues that others are to be told of; maxNote is the bytes that a notification has room for.
	maxAwaiting = 4096
	maxNote     = 7900

	// relisten is how long a node waits before it tries again to listen; listenCheck how long it listens before it makes sure that
	// it is still heard.
	relisten    = time.Second
	listenCheck = 30 * time.Second
)

// channel is one for each schema, since channels belong to the database.
const channel = `'vacancy_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 32)`

// sendNote does not wait for the disk.
const sendNote = `SELECT set_config('synchronous_commit', 'off', true), pg_notify(` + channel + `, $1)`

// waker tells other nodes what was committed: the first at once, and what follows soon after it in one.
type waker struct {
	// node tells this store's notifications from those of others.
	node string
	send func(ctx context.Context, note string) error
	log  *slog.Logger

	mu       sync.Mutex
	awaiting map[booking.VenueID]booking.Revision

	signal chan struct{} // holds one if something is awaiting
	ctx    context.Context
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// newWaker starts a waker that sends with the function. It is to be closed.
func newWaker(send func(ctx context.Context, note string) error, log *slog.Logger) *waker {
	w := &waker{
		node: rand.Text(), send: send, log: log,
		awaiting: make(map[booking.VenueID]booking.Revision), signal: make(chan struct{}, 1),
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.done.Go(w.run)
	return w
}

// close ends the waker; what is not sent yet is not sent. It may be called again.
func (w *waker) close() {
	w.stop()
	w.done.Wait()
}

// committed is told of each commit. It does not block.
func (w *waker) committed(venue booking.VenueID, revision booking.Revision) {
	w.mu.Lock()
	if known, ok := w.awaiting[venue]; ok || len(w.awaiting) < maxAwaiting {
		w.awaiting[venue] = max(known, revision)
	}
	w.mu.Unlock()
	w.ring()
}

func (w *waker) ring() {
	select {
	case w.signal <- struct{}{}:
	default:
	}
}

func (w *waker) run() {
	failing := false
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.signal:
		}
		select {
		case <-w.ctx.Done():
			return
		case <-pause.C:
		}
		pause.Reset(wakeEvery)
		note := w.note()
		if note == "" {
			continue
		}
		ctx, cancel := context.WithTimeout(w.ctx, wakeTimeout)
		err := w.send(ctx, note)
		cancel()
		if err != nil && !failing && w.ctx.Err() == nil {
			w.log.Warn("other nodes cannot be woken; they find out a little later", "error", err)
		}
		failing = err != nil
	}
}

// note takes as many of the awaiting as there is room for: "node venue=revision venue=revision".
func (w *waker) note() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.awaiting) == 0 {
		return ""
	}
	note := []byte(w.node)
	for venue, revision := range w.awaiting {
		if len(note)+len(venue)+len(" =18446744073709551615") > maxNote {
			w.ring()
			break
		}
		note = append(append(append(note, ' '), venue...), '=')
		note = strconv.AppendUint(note, uint64(revision), 10)
		delete(w.awaiting, venue)
	}
	return string(note)
}

// parseNote reads what note wrote, and what is of use of anything else.
func parseNote(note string) (node string, revisions map[booking.VenueID]booking.Revision) {
	node, rest, _ := strings.Cut(note, " ")
	revisions = make(map[booking.VenueID]booking.Revision)
	for pair := range strings.FieldsSeq(rest) {
		venue, text, _ := strings.Cut(pair, "=")
		if revision, err := strconv.ParseUint(text, 10, 64); err == nil {
			revisions[booking.VenueID(venue)] = booking.Revision(revision)
		}
	}
	return node, revisions
}

// notify sends a notification.
func (s *Store) notify(ctx context.Context, note string) error {
	return s.useReserved(ctx, func(c *session) error {
		_, err := c.conn.Exec(ctx, sendNote, note)
		return err
	})
}

// Watch calls hint with what other nodes have committed lately, until ctx ends or the store is closed. It uses a connection of its
// own, and when that is lost it makes another. Hints come early, may be missed, and are all that is given: whoever must know compares
// revisions, too. hint must not block.
func (s *Store) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	detach := context.AfterFunc(s.waker.ctx, func() { cancel(errClosed) })
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
		case <-time.After(relisten):
		}
	}
	return context.Cause(ctx)
}

// listen hands on notifications until the connection is lost. It calls begun when it has begun.
func (s *Store) listen(ctx context.Context, hint func(booking.VenueID, booking.Revision), begun func()) error {
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
	note, err := conn.WaitForNotification(waiting)
	if err != nil {
		if errors.Is(waiting.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
			return conn.Ping(ctx)
		}
		return err
	}
	node, revisions := parseNote(note.Payload)
	if node == s.waker.node {
		return nil
	}
	for venue, revision := range revisions {
		hint(venue, revision)
	}
	return nil
}
