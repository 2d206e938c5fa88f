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

// do runs one command and waits for its answer. The caller may leave: before the batch begins that drops the command, after it
// the command runs to its end, and the caller who does not wait for that is told that the outcome is unknown.
func (d *Desk) do(ctx context.Context, venue booking.VenueID, need func(*store.Need), decide func(*draft) error) error {
	c := &command{ctx: ctx, need: need, decide: decide, done: make(chan struct{})}
	if err := d.queue.put(venue, c); err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
	}
	if c.abandon() {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", booking.ErrOutcomeUnknown, ctx.Err())
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

// transact decides batches in one transaction, and answers every command. If something in them made the transaction fail, nothing
// of it was committed, and each half runs alone, the first one first: what is wrong is found by halving, so that one bad command
// among n costs about 2 log n transactions and not n, and all others are decided as if it were not there.
func (d *Desk) transact(batches []*batch) {
	err := d.commit(batches)
	d.noteOutage(err)
	if first, second := halves(batches, err); second != nil {
		d.transact(first)
		d.transact(second)
		return
	}
	for _, b := range batches {
		for _, c := range b.commands {
			c.err = outward(c.err, err)
			close(c.done)
		}
	}
}

// halves divides batches whose transaction failed, the venues first and then the commands of the last of them; nothing if dividing
// is no use: what failed is the store, or a venue as a whole.
func halves(batches []*batch, err error) (first, second []*batch) {
	if err == nil || away(err) {
		return nil, nil
	}
	if n := len(batches) / 2; n > 0 {
		return batches[:n], batches[n:]
	}
	b := batches[0]
	n := len(b.commands) / 2
	if n == 0 || errors.Is(err, errBehind) || errors.Is(err, errUnread) {
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
	return errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown) || errors.Is(err, context.DeadlineExceeded)
}

// outward is what a caller is told: what was decided or, if the transaction failed, that. For a command that was refused nothing
// was done, whatever became of the transaction; but the refusal may have been for the sake of others in it, and is not told.
func outward(decided, failed error) error {
	switch {
	case failed == nil:
		return decided
	case errors.Is(failed, booking.ErrOutcomeUnknown) && decided != nil:
		return fmt.Errorf("%w: %s", booking.ErrUnavailable, failed.Error())
	case away(failed) && !errors.Is(failed, booking.ErrOutcomeUnknown) && !errors.Is(failed, booking.ErrUnavailable):
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, failed)
	}
	return failed
}

// noteOutage remembers when the store was last away for a write.
func (d *Desk) noteOutage(err error) {
	switch {
	case err == nil:
		d.outage.Store(0)
	case away(err):
		d.outage.Store(time.Now().UnixNano())
	}
}
