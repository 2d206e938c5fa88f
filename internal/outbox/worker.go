package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// worked is what the worker that has a venue knows of it.
type worked struct {
	// tenure is the one in which the cursor was read; nil if it was not.
	tenure *tenure
	cursor store.Cursor
	// unwritten: the store has an older cursor.
	unwritten atomic.Bool
	// rejected are the ids of events after the cursor that the bus will never accept.
	rejected map[string]struct{}
	// problem is what went wrong last, and loggedAt when it was logged.
	problem  FailureKind
	loggedAt time.Time
}

// errLeaseLost: the lease of the venue's shard is lost or about to run out, so nothing more is begun.
var errLeaseLost = errors.New("the lease is lost")

// failedError is an error with its kind.
type failedError struct {
	kind FailureKind
	err  error
}

func (e *failedError) Error() string { return string(e.kind) + ": " + e.err.Error() }

func (e *failedError) Unwrap() error { return e.err }

func failed(kind FailureKind, err error) error { return &failedError{kind: kind, err: err} }

// work gives venues their turns, until the set is closed. They are broken off when turns ends.
func (r *Relay) work(turns context.Context) {
	for {
		v := r.unsent.dequeue()
		if v == nil {
			return
		}
		t := r.takeTurn(turns, v)
		t.toLog = t.failure != "" && v.toBeLogged(t.failure, time.Now())
		r.logTurn(v.id, &t, r.unsent.done(v, &t))
	}
}

// takeTurn sends one batch of a venue, if there is one.
func (r *Relay) takeTurn(turns context.Context, v *venue) (t turn) {
	tenure := r.leases.tenure(v.shard)
	if tenure == nil {
		return turn{forgotten: true}
	}
	ctx, cancel := context.WithCancel(turns)
	defer cancel()
	unregister := context.AfterFunc(tenure.ctx, cancel)
	defer unregister()
	err := r.relayBatch(ctx, v, tenure, &t)
	switch {
	case err == nil:
		v.problem = ""
	case errors.Is(err, errLeaseLost), ctx.Err() != nil:
		return turn{forgotten: true, confirmed: t.confirmed}
	default:
		t.failure, t.err = FailedRead, err
		if f, ok := errors.AsType[*failedError](err); ok {
			t.failure, t.err = f.kind, f.err
		}
		t.sent, t.known = v.cursor.Revision, max(t.known, v.cursor.Revision)
		r.config.Meter.Failed(t.failure)
	}
	return t
}

// toBeLogged tells whether a failure is another than before, or was not logged for a while.
func (w *worked) toBeLogged(failure FailureKind, now time.Time) bool {
	if w.problem == failure && now.Sub(w.loggedAt) < problemLogInterval {
		return false
	}
	w.problem, w.loggedAt = failure, now
	return true
}

// relayBatch makes the next batch of a venue, sends it and moves the cursor.
func (r *Relay) relayBatch(ctx context.Context, v *venue, at *tenure, t *turn) error {
	b, skipped, err := r.prepareBatch(ctx, v, at, t)
	if skipped || err != nil {
		return err
	}
	t.known = b.known
	if !b.oldest.IsZero() {
		t.unsentSince = b.oldest
	}
	if err := r.send(ctx, v, at, &b, t); err != nil {
		return err
	}
	r.confirmed(v, &b)
	t.sent, t.more = b.cursor.Revision, b.more
	t.unsentSince = time.Time{}
	if b.more {
		t.unsentSince = b.newest
	}
	if due := b.cursor.DueAt; !due.IsZero() {
		t.dueAt = time.Now().Add(max(due.Sub(r.config.Now()), minDueDelay))
	}
	return nil
}

// prepareBatch makes the next batch of a venue, once it is a reader's turn, or passes the venue over if nobody wants its events.
func (r *Relay) prepareBatch(ctx context.Context, v *venue, at *tenure, t *turn) (_ batch, skipped bool, _ error) {
	select {
	case r.readers <- struct{}{}:
	case <-ctx.Done():
		return batch{}, false, errLeaseLost
	}
	defer func() { <-r.readers }()
	if v.tenure != at {
		if err := r.readCursor(ctx, v, at); err != nil {
			return batch{}, false, failed(FailedRead, err)
		}
	}
	if r.config.Wanted != nil {
		skipped, err := r.skipUnwanted(ctx, v, t)
		if err != nil {
			err = failed(FailedRead, err)
		}
		if skipped || err != nil {
			return batch{}, skipped, err
		}
	}
	b, err := r.nextBatch(ctx, v)
	return b, false, err
}

// readCursor reads how far a venue is sent. It holds as long as the lease does: nobody else moves it.
func (r *Relay) readCursor(ctx context.Context, v *venue, at *tenure) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	cursors, err := r.config.Store.Cursors(ctx, r.config.Name, []booking.VenueID{v.id})
	if err != nil {
		return fmt.Errorf("read the cursor: %w", err)
	}
	v.begin(cursors[v.id], at)
	return nil
}

// begin has a venue go on from a cursor that was read, the zero one if there was none.
func (w *worked) begin(cursor store.Cursor, at *tenure) {
	w.tenure, w.cursor = at, cursor
	w.rejected = nil
}

// confirmed moves the cursor of a venue, whose batch the bus has confirmed.
func (r *Relay) confirmed(v *venue, b *batch) {
	if b.cursor == v.cursor {
		return
	}
	v.cursor = b.cursor
	v.rejected = nil
	v.unwritten.Store(true)
	r.cursors.move(v)
	for _, gap := range b.gaps {
		r.config.Meter.LeftOut(gap.reason, int(gap.to-gap.from)+1)
		r.config.Log.Error("changes of a venue are left out of its events; consumers are told, and read anew", "bus", r.config.Name,
			"venue", v.id, "from_revision", gap.from, "to_revision", gap.to, "reason", string(gap.reason))
	}
	if b.reset != nil {
		r.config.Meter.Reset()
		r.logReset(b.reset, b.cursor)
	}
	if !b.oldest.IsZero() && len(b.events) > 0 {
		r.config.Meter.Confirmed(max(0, r.config.Now().Sub(b.oldest)))
	}
}
