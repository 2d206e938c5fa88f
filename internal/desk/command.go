package desk

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// command is one wish, waiting for its decision.
type command struct {
	ctx context.Context
	// need adds what must be known to decide. The picture is the view's, nil if it has none.
	need func(*store.Need, *view.Picture)
	// decide works on the draft and keeps its result for the caller. It changes the draft only if it succeeds, and may be called
	// again on a new draft.
	decide func(*draft) error
	// state says which came first: that its batch started, or that its caller left.
	state atomic.Int32
	// panicked: decide has panicked before. It is the lane's.
	panicked bool
	// err is what decide returned, or why it was not called. It may be read once done is closed.
	err  error
	done chan struct{}
}

// The states of a command.
const (
	queued = iota
	started
	abandoned
)

// errQueuedTooLong: the batches before a command took too long. Nothing was done of it.
var errQueuedTooLong = fmt.Errorf("%w: it waited %s in the queue", booking.ErrUnavailable, queueTimeout)

// errAnsweredTooLate: the batch of a command takes longer than its caller is kept waiting. It runs to its end.
var errAnsweredTooLate = fmt.Errorf("%w: it took longer than %s", booking.ErrOutcomeUnknown, answerTimeout)

// execute runs one command and waits for its answer.
func (d *Desk) execute(ctx context.Context, venue booking.VenueID, need func(*store.Need, *view.Picture), decide func(*draft) error) error {
	c, err := d.enqueue(ctx, venue, need, decide)
	if err != nil {
		return err
	}
	return d.awaitAnswer(c)
}

// enqueue has one command wait for its turn.
func (d *Desk) enqueue(
	ctx context.Context, venue booking.VenueID, need func(*store.Need, *view.Picture), decide func(*draft) error,
) (*command, error) {
	c := &command{ctx: ctx, need: need, decide: decide, done: make(chan struct{})}
	return c, d.queue.enqueue(venue, c)
}

// awaitAnswer waits for the answer of a command that is in the queue. The caller may leave, and is sent away when it takes too long. Before
// the batch starts that drops the command; after it the command runs to its end, and the outcome is unknown to its caller.
func (d *Desk) awaitAnswer(c *command) error {
	timer := d.startTimer(queueTimeout)
	defer d.stopTimer(timer)
	select {
	case <-c.done:
		return c.err
	case <-c.ctx.Done():
		return c.leave(c.ctx.Err())
	case <-timer.C:
		if c.abandon() {
			return errQueuedTooLong
		}
	}
	timer.Reset(answerTimeout - queueTimeout)
	select {
	case <-c.done:
		return c.err
	case <-c.ctx.Done():
		return c.leave(c.ctx.Err())
	case <-timer.C:
		return errAnsweredTooLate
	}
}

// startTimer starts a timer that was used before, if there is one: each booking needs one, and hardly any fires.
func (d *Desk) startTimer(timeout time.Duration) *time.Timer {
	timer, ok := d.timers.Get().(*time.Timer)
	if !ok {
		return time.NewTimer(timeout)
	}
	timer.Reset(timeout)
	return timer
}

func (d *Desk) stopTimer(timer *time.Timer) {
	timer.Stop()
	d.timers.Put(timer)
}

// leave gives the command up for the reason given, which is all the caller is told if nothing was done.
func (c *command) leave(reason error) error {
	if c.abandon() {
		return reason
	}
	return fmt.Errorf("%w: %w", booking.ErrOutcomeUnknown, reason)
}

// start takes the command into its batch; false if its caller has left.
func (c *command) start() bool {
	if c.ctx.Err() != nil {
		c.abandon()
	}
	return c.state.CompareAndSwap(queued, started)
}

// abandon gives the command up; false if its batch has started, so that it runs to its end.
func (c *command) abandon() bool {
	return c.state.CompareAndSwap(queued, abandoned) || c.state.Load() == abandoned
}

// answer tells the caller what was decided or, if the transaction failed, that.
func (c *command) answer(failed error) {
	c.err = callerError(c.err, failed)
	close(c.done)
}

// callerError is what a caller is told: what was decided or, if the transaction failed, that. For a command that was refused nothing
// was done, whatever became of the transaction; but the refusal may have been for the sake of others in it, and is not told.
func callerError(decided, failed error) error {
	switch {
	case failed == nil:
		return decided
	case decided != nil && unavailable(failed):
		return notAttempted(failed)
	case !unavailable(failed) && (contended(failed) || errors.Is(failed, errBehind)):
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, failed)
	}
	return failed
}

// notAttempted is what is told of commands whose turn did not come, because others before them found the store away. Nothing was done
// of them, whatever became of those.
func notAttempted(err error) error {
	if !errors.Is(err, booking.ErrOutcomeUnknown) {
		return err
	}
	return fmt.Errorf("%w: %s", booking.ErrUnavailable, err.Error())
}
