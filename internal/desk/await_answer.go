package desk

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
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
