package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

const (
	// transactionTimeout bounds one transaction; a store that takes longer is unavailable.
	transactionTimeout = 10 * time.Second
	// maxCatchUps bounds how often one batch is begun anew because the view was behind.
	maxCatchUps = 5
)

// errBehind: the view is not at the revision that the transaction found, and the changes between are not at hand.
var errBehind = errors.New("the view is behind the store")

// do runs one command and waits for its answer. The caller may leave: before the batch begins that drops the command, after it
// the command runs to its end.
func (d *Desk) do(ctx context.Context, venue booking.VenueID, need func(*store.Need), decide func(*draft) error) error {
	c := &command{ctx: ctx, need: need, decide: decide, done: make(chan struct{})}
	if err := d.queue.put(venue, c); err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transact decides batches in one transaction and answers every command.
func (d *Desk) transact(taken []*batch) {
	var batches []*batch
	for _, b := range taken {
		if b.dropAbandoned(); len(b.commands) > 0 {
			batches = append(batches, b)
		}
	}
	if len(batches) == 0 {
		return
	}
	err := d.commit(batches)
	d.noteOutage(err)
	if err != nil && !away(err) && (len(batches) > 1 || len(batches[0].commands) > 1) {
		d.transactEach(batches)
		return
	}
	for _, b := range batches {
		for _, c := range b.commands {
			if err != nil {
				c.err = outward(err)
			}
			close(c.done)
		}
	}
}

// transactEach runs every command alone, so that one whose writes the store rejects, or whose venue cannot be read, fails no other.
// Nothing of the batches was committed: that is what every error says but those of [away].
func (d *Desk) transactEach(batches []*batch) {
	for _, b := range batches {
		for _, c := range b.commands {
			d.transact([]*batch{{venue: b.venue, commands: []*command{c}}})
		}
	}
}

// dropAbandoned takes out the commands whose callers have left.
func (b *batch) dropAbandoned() {
	b.commands = slices.DeleteFunc(b.commands, func(c *command) bool {
		if c.ctx.Err() == nil {
			return false
		}
		c.answer(c.ctx.Err())
		return true
	})
}

// commit runs the transaction, beginning anew while the view is behind, and applies what was committed to the view. On success
// each command's err is what it was decided to.
func (d *Desk) commit(batches []*batch) error {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	began := time.Now()
	var drafts []*draft
	var err error
	for range maxCatchUps {
		if drafts, err = d.attempt(ctx, batches); !errors.Is(err, errBehind) {
			break
		}
		for _, b := range batches {
			if _, err := d.config.View.Reload(ctx, b.venue); err != nil && !errors.Is(err, booking.ErrNotFound) {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	commands := 0
	for i, draft := range drafts {
		commands += len(batches[i].commands)
		if draft.wrote() {
			d.config.View.Apply(ctx, draft.change)
		}
	}
	d.config.Meter.Batch(len(batches), commands, time.Since(began))
	return nil
}

// attempt runs the transaction once, on the pictures that the view has now.
func (d *Desk) attempt(ctx context.Context, batches []*batch) ([]*draft, error) {
	pictures := make([]*view.Picture, len(batches))
	needs := make([]store.Need, len(batches))
	for i, b := range batches {
		picture, err := d.config.View.Picture(ctx, b.venue)
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			return nil, err
		}
		pictures[i], needs[i] = picture, b.needs(picture)
	}
	id := rand.Text()
	drafts := make([]*draft, len(batches))
	err := d.config.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes := make([]store.Write, len(batches))
		for i, b := range batches {
			draft, err := openDraft(id, needs[i], pictures[i], found[i])
			if err != nil {
				return nil, err
			}
			draft.expireDue(found[i].Due)
			for _, c := range b.commands {
				c.err = d.decide(c, draft)
			}
			if writes[i], err = draft.write(d.config.View.Now()); err != nil {
				return nil, err
			}
			drafts[i] = draft
		}
		return writes, nil
	})
	return drafts, err
}

// decide has a command decided. A panic in it must cost one command and not the server: it spoils the draft, so that the store is
// told to write nothing of it, and the batch is run one by one.
func (d *Desk) decide(c *command, draft *draft) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			d.config.Log.Error("a command panicked", "venue", draft.change.Venue, "panic", fault, "stack", string(debug.Stack()))
			err = errPanicked
			draft.fault = errors.Join(draft.fault, err)
		}
	}()
	return c.decide(draft)
}

var errPanicked = errors.New("a command panicked")

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
	return errors.Is(err, booking.ErrUnavailable) || errors.Is(err, store.ErrInDoubt) || errors.Is(err, context.DeadlineExceeded)
}

// outward is what a caller is told when the whole transaction failed.
func outward(err error) error {
	if away(err) && !errors.Is(err, booking.ErrUnavailable) {
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, err)
	}
	return err
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
