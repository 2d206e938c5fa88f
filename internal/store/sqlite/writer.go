package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"vacancy/internal/store"
)

// writer owns the one connection that writes. Who writes waits for its turn; the venue rows of the contract are thereby all taken
// at once.
type writer struct {
	source source
	// turn holds a token while nobody writes.
	turn   chan struct{}
	closed chan struct{}
	// conn and answers belong to whoever has the turn; nil if the last ones could not be trusted any more.
	conn    *connection
	answers *answerIndex
}

// newWriter takes over the database of one connection.
func newWriter(ctx context.Context, source source, db *sql.DB) (*writer, error) {
	w := &writer{source: source, turn: make(chan struct{}, 1), closed: make(chan struct{})}
	conn, err := newConnection(ctx, db)
	if err != nil {
		return nil, err
	}
	if w.answers, err = readAnswerIndex(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.close())
	}
	w.conn = conn
	w.turn <- struct{}{}
	return w, nil
}

// transact waits for the turn and runs f in a transaction, which is committed if f says so and undone otherwise. f's own errors
// are returned as they are; it classifies those of the driver itself.
//
// ctx is watched while waiting and then once before the COMMIT: the statements between are short, and watching each would cost a
// goroutine.
func (w *writer) transact(ctx context.Context, f func(context.Context, *connection) (commit bool, err error)) error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	defer func() { w.turn <- struct{}{} }()
	return w.run(ctx, f)
}

// run is transact for who has the turn.
func (w *writer) run(ctx context.Context, f func(context.Context, *connection) (commit bool, err error)) (err error) {
	inner := context.WithoutCancel(ctx)
	if w.conn == nil {
		if w.conn, w.answers, err = w.reconnect(inner); err != nil {
			return classify(err)
		}
	}
	defer func() {
		if suspect(err) {
			w.distrust()
		}
	}()
	c := w.conn
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		w.rollback(inner) // it may have begun and been cancelled then
		return classify(err)
	}
	open := true
	defer func() { // after an error, a read-only outcome, or a panic of f
		if open {
			w.rollback(inner)
		}
	}()
	commit, err := f(inner, c)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || !commit {
		return err
	}
	open = false
	return w.commit(inner)
}

func (w *writer) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-w.turn:
	case <-w.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-w.closed: // close waits for the turn too, and goes first
		w.turn <- struct{}{}
		return errClosed
	default:
		return nil
	}
}

// rollback undoes the transaction, with the connection if need be.
func (w *writer) rollback(ctx context.Context) {
	w.answers.undone()
	if w.conn.rollback(ctx) != nil {
		w.distrust()
	}
}

// commit ends the transaction. A COMMIT that fails has not happened for anybody who looks, but when it was the flush that failed,
// its frames may stand complete in the log, and recovery after a crash would find them. Emptying the log settles that; where that
// fails too, the outcome is in doubt until the next start.
func (w *writer) commit(ctx context.Context) error {
	_, err := w.conn.exec(ctx, "COMMIT")
	if err == nil {
		w.answers.committed()
		return nil
	}
	w.rollback(ctx)
	if primary(resultCode(err)) != sqlite3.SQLITE_IOERR {
		return classify(err)
	}
	if w.conn != nil && w.conn.emptyLog(ctx) == nil {
		return classify(err)
	}
	w.distrust()
	return fmt.Errorf("%w: %w", store.ErrInDoubt, err)
}

// emptyLog copies the log into the database and cuts it to nothing.
func (c *connection) emptyLog(ctx context.Context) error {
	var busy, frames, copied int
	err := c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&busy, &frames, &copied) }, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil && busy != 0 {
		return errors.New("a reader holds the log")
	}
	return err
}

// distrust gives up the connection; the next transaction makes another.
func (w *writer) distrust() {
	if w.conn != nil {
		_ = w.conn.close()
		w.conn, w.answers = nil, nil
	}
}

// reconnect makes a new connection in place of one that failed, and empties the log of what the old one may have left in it.
func (w *writer) reconnect(ctx context.Context) (*connection, *answerIndex, error) {
	db, err := w.source.openWriter(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, err := newConnection(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	if err := c.emptyLog(ctx); err != nil {
		_ = c.close()
		return nil, nil, fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	answers, err := readAnswerIndex(ctx, c)
	if err != nil {
		return nil, nil, errors.Join(err, c.close())
	}
	return c, answers, nil
}

// close waits for the transaction under way, and lets no other begin but one that runs last, if there is one to run. It may fail.
func (w *writer) close(ctx context.Context, last func(context.Context, *connection) error) error {
	close(w.closed)
	<-w.turn
	if w.conn == nil {
		return nil
	}
	if last != nil {
		_ = w.run(ctx, func(ctx context.Context, c *connection) (bool, error) { return true, last(ctx, c) })
		if w.conn == nil {
			return nil
		}
	}
	_ = w.conn.emptyLog(ctx) // where it fails, what is in the log is no less durable, and the next start reads it there
	return w.conn.close()
}
