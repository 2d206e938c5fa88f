package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	if errors.Is(err, store.ErrRejected) && (len(batches) > 1 || len(batches[0].commands) > 1) {
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

// transactEach runs every command alone, so that one whose writes the store rejects fails no other.
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
				c.err = c.decide(draft)
			}
			if writes[i], err = draft.write(); err != nil {
				return nil, err
			}
			drafts[i] = draft
		}
		return writes, nil
	})
	return drafts, err
}

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
	return need
}

// outward is what a caller is told when the whole transaction failed.
func outward(err error) error {
	if errors.Is(err, store.ErrInDoubt) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, err)
	}
	return err
}
