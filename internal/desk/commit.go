package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

const (
	// transactionTimeout bounds one transaction; a store that takes longer is unavailable.
	transactionTimeout = 10 * time.Second
	// maxCatchUps bounds how often a transaction is begun anew because the view was behind.
	maxCatchUps = 5
	// maxDoubts bounds how often batches are decided again because a commit in doubt turned out never to happen.
	maxDoubts = 3
)

var (
	// errBehind: the view is not at the revision that the transaction found, and the changes between are not at hand.
	errBehind = errors.New("the view is behind the store")
	// errUnread: the venue cannot be read.
	errUnread   = errors.New("the venue cannot be read")
	errPanicked = errors.New("a command panicked")
)

// commit decides batches, has the decisions committed, and applies them to the view. After it each command's err is what it was
// decided to; but after an error nothing was committed or, if that is [booking.ErrOutcomeUnknown], perhaps all.
func (d *Desk) commit(batches []*batch) error {
	began := time.Now()
	for range maxDoubts {
		drafts, err := d.run(batches)
		if errors.Is(err, store.ErrInDoubt) {
			var happened bool
			if happened, err = d.settle(drafts, err); err == nil && !happened {
				continue
			}
		}
		if err != nil {
			return err
		}
		d.publish(drafts)
		commands := 0
		for _, b := range batches {
			commands += len(b.commands)
		}
		d.config.Meter.Batch(len(batches), commands, time.Since(began))
		return nil
	}
	return fmt.Errorf("%w: %d commits were in doubt, and none happened", booking.ErrUnavailable, maxDoubts)
}

// run runs the transaction, beginning anew while the view is behind.
func (d *Desk) run(batches []*batch) (drafts []*draft, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	for range maxCatchUps {
		if drafts, err = d.attempt(ctx, batches); !errors.Is(err, errBehind) {
			return drafts, err
		}
		for _, b := range batches {
			if _, err := d.config.View.Reload(ctx, b.venue); err != nil && !errors.Is(err, booking.ErrNotFound) {
				return nil, fmt.Errorf("%w: %w", errUnread, err)
			}
		}
	}
	return nil, err
}

// attempt runs the transaction once, on the pictures that the view has now. The drafts are those that the store was told to write
// last.
func (d *Desk) attempt(ctx context.Context, batches []*batch) (drafts []*draft, err error) {
	pictures := make([]*view.Picture, len(batches))
	needs := make([]store.Need, len(batches))
	for i, b := range batches {
		picture, err := d.config.View.Picture(ctx, b.venue)
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			return nil, fmt.Errorf("%w: %w", errUnread, err)
		}
		pictures[i], needs[i] = picture, b.needs(picture)
	}
	err = d.config.Store.Update(ctx, needs, func(found []store.Found) (writes []store.Write, err error) {
		drafts, writes, err = d.decideAll(batches, needs, pictures, found)
		return writes, err
	})
	return drafts, err
}

// decideAll decides every command on new drafts. The store may call for it more than once, and each time gives every command and
// draft anew what it is to be, the batch's id among it: so what counts in the end is what was decided last, and nothing else.
func (d *Desk) decideAll(
	batches []*batch, needs []store.Need, pictures []*view.Picture, found []store.Found,
) ([]*draft, []store.Write, error) {
	id := rand.Text()
	drafts := make([]*draft, len(batches))
	for i, b := range batches {
		draft, err := openDraft(id, needs[i], pictures[i], found[i])
		if err != nil {
			return nil, nil, err
		}
		draft.expireDue(found[i].Due)
		for _, c := range b.commands {
			c.err = d.decide(c, draft)
		}
		drafts[i] = draft
	}
	writes, err := d.write(drafts)
	return drafts, writes, err
}

// write is what the store is to do to commit the drafts now.
func (d *Desk) write(drafts []*draft) ([]store.Write, error) {
	now := d.config.View.Now()
	writes := make([]store.Write, len(drafts))
	for i, draft := range drafts {
		var err error
		if writes[i], err = draft.write(now); err != nil {
			return nil, err
		}
	}
	return writes, nil
}

// decide has a command decided. A panic in it must cost one command and not the server: it spoils the draft, so that the store is
// told to write nothing of it, and the command is found by halving.
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

// publish applies what was committed to the view, and before it what other nodes had.
func (d *Desk) publish(drafts []*draft) {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	for _, draft := range drafts {
		for _, c := range draft.missed {
			d.config.View.Apply(ctx, c)
		}
		if draft.wrote() {
			d.config.View.Apply(ctx, draft.change)
		}
	}
}
