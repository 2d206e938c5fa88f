package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// patience bounds how long a lane works on what it has taken, but for settling.
const patience = 2 * transactionTimeout

// do runs one command and waits for its answer.
func (d *Desk) do(ctx context.Context, venue booking.VenueID, need func(*store.Need), decide func(*draft) error) error {
	c, err := d.put(ctx, venue, need, decide)
	if err != nil {
		return err
	}
	return c.wait()
}

// put has one command wait for its turn.
func (d *Desk) put(
	ctx context.Context, venue booking.VenueID, need func(*store.Need), decide func(*draft) error,
) (*command, error) {
	c := &command{ctx: ctx, need: need, decide: decide, done: make(chan struct{})}
	return c, d.queue.put(venue, c)
}

// wait waits for the answer of a command that is in the queue. The caller may leave: before the batch begins that drops the command,
// after it the command runs to its end, and the caller who does not wait for that is told that the outcome is unknown.
func (c *command) wait() error {
	select {
	case <-c.done:
		return c.err
	case <-c.ctx.Done():
	}
	if c.abandon() {
		return c.ctx.Err()
	}
	return fmt.Errorf("%w: %w", booking.ErrOutcomeUnknown, c.ctx.Err())
}

// begin takes the batches' commands, but for those whose callers have left, and leaves out batches in which nothing remains.
func begin(taken []*batch) (batches []*batch) {
	for _, b := range taken {
		b.commands = slices.DeleteFunc(b.commands, func(c *command) bool { return !c.begin() })
		if len(b.commands) > 0 {
			batches = append(batches, b)
		}
	}
	return batches
}

// transact decides batches in one transaction, and answers every command, by until. If something in them made the transaction fail,
// nothing of it was committed, and each half runs alone, the first one first: what is wrong is found by halving, so that one bad
// command among n costs about 2 log n transactions and not n, and all others are decided as if it were not there. The error is that
// of the last transaction.
func (d *Desk) transact(batches []*batch, until time.Time) error {
	err := d.commit(batches, until)
	d.noteOutage(err)
	first, second := halves(batches, err, time.Until(until))
	if second == nil {
		answer(batches, err)
		return err
	}
	soon := until
	if heldUp(err) { // what holds the first half up must leave time for the second
		soon = time.Now().Add(time.Until(until) / 2)
	}
	if err := d.transact(first, soon); away(err) {
		answer(second, notTried(err))
		return err
	}
	return d.transact(second, until)
}

// answer tells every caller what was decided or, if the transaction failed, that.
func answer(batches []*batch, failed error) {
	for _, b := range batches {
		for _, c := range b.commands {
			c.err = outward(c.err, failed)
			close(c.done)
		}
	}
}

// halves divides batches whose transaction failed, the venues first and then the commands of the last of them; nothing if dividing
// is no use: what failed is the store, or a venue as a whole, or no time is left.
func halves(batches []*batch, err error, left time.Duration) (first, second []*batch) {
	if err == nil || away(err) || heldUp(err) && left <= 0 {
		return nil, nil
	}
	if n := len(batches) / 2; n > 0 {
		return batches[:n], batches[n:]
	}
	b := batches[0]
	n := len(b.commands) / 2
	if n == 0 || heldUp(err) || errors.Is(err, errBehind) || errors.Is(err, errUnread) {
		return nil, nil
	}
	return []*batch{{b.venue, b.commands[:n]}}, []*batch{{b.venue, b.commands[n:]}}
}

// needs are what the commands must know, each thing once.
func (b *batch) needs(p *view.Picture) store.Need {
	need := store.Need{Venue: b.venue}
	if p != nil {
		need.Known = p.Revision
	}
	for _, c := range b.commands {
		if c.need != nil {
			c.need(&need)
		}
	}
	slices.Sort(need.Bookings)
	need.Bookings = slices.Compact(need.Bookings)
	slices.SortFunc(need.Answers, func(a, b booking.AnswerKey) int { return bytes.Compare(a[:], b[:]) })
	need.Answers = slices.Compact(need.Answers)
	return need
}

// away tells whether the store could not be reached, or not be asked what became of the transaction. Trying again at once is no use.
func away(err error) bool {
	return errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown)
}

// heldUp tells whether the transaction took too long, be it for one of its venues or for the store.
func heldUp(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrContended)
}

// notTried is what is told of commands whose turn did not come, because others before them found the store away. Nothing was done
// of them, whatever became of those.
func notTried(err error) error {
	if !errors.Is(err, booking.ErrOutcomeUnknown) {
		return err
	}
	return fmt.Errorf("%w: %s", booking.ErrUnavailable, err.Error())
}

// outward is what a caller is told: what was decided or, if the transaction failed, that. For a command that was refused nothing
// was done, whatever became of the transaction; but the refusal may have been for the sake of others in it, and is not told.
func outward(decided, failed error) error {
	switch {
	case failed == nil:
		return decided
	case decided != nil && away(failed):
		return notTried(failed)
	case !away(failed) && (heldUp(failed) || errors.Is(failed, errBehind)):
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, failed)
	}
	return failed
}

// noteOutage remembers when the store was last away for a write.
func (d *Desk) noteOutage(err error) {
	switch {
	case err == nil:
		d.outage.Store(0)
	case away(err), errors.Is(err, context.DeadlineExceeded):
		d.outage.Store(time.Now().UnixNano())
	}
}
