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

// commitWithRetries decides batches, has the decisions committed, and applies them to the view, by the deadline. After it each
// command's err is what it was decided to; but after an error nothing was committed or, if that is [booking.ErrOutcomeUnknown], perhaps
// all.
func (l *lane) commitWithRetries(batches []*batch, deadline time.Time) (err error) {
	began := time.Now()
	ctx, end := l.traceBatches(batches)
	defer func() { end(err) }()
	for range maxInDoubtRetries {
		l.progress.step()
		drafts, err := l.runTransaction(ctx, batches, deadline)
		l.progress.step()
		if errors.Is(err, store.ErrInDoubt) {
			l.leave()
			var happened bool
			l.inDoubt.Add(1)
			happened, err = l.settle(drafts, err)
			l.inDoubt.Add(-1)
			l.progress.step()
			if err == nil && !happened {
				continue
			}
		}
		if err != nil {
			return err
		}
		l.publish(drafts)
		l.measure(batches, time.Since(began))
		return nil
	}
	return fmt.Errorf("%w: %d commits were in doubt, and none happened", booking.ErrUnavailable, maxInDoubtRetries)
}

// measure counts what was committed, but for what the server did by itself in venues of its own.
func (d *Desk) measure(batches []*batch, took time.Duration) {
	venues, commands := 0, 0
	for _, b := range batches {
		if !b.venue.Hidden() {
			venues++
			commands += len(b.commands)
		}
	}
	if venues > 0 {
		d.config.Meter.Batch(venues, commands, took)
	}
}

// runTransaction runs the transaction, beginning anew while the view is behind. One of several venues takes half of the time at most,
// so that some is left for each of them alone.
func (d *Desk) runTransaction(ctx context.Context, batches []*batch, deadline time.Time) (drafts []*draft, err error) {
	left := time.Until(deadline)
	if len(batches) > 1 {
		left /= 2
	}
	ctx, cancel := context.WithTimeout(ctx, min(left, transactionTimeout))
	defer cancel()
	for range maxCatchUps {
		drafts, err = d.tryTransaction(ctx, batches)
		behind, ok := errors.AsType[*behindError](err)
		if !ok {
			return drafts, err
		}
		for _, venue := range behind.venues {
			if _, err := d.config.View.Reload(ctx, venue); err != nil && !errors.Is(err, booking.ErrNotFound) {
				return nil, fmt.Errorf("%w: %w", errUnreadable, err)
			}
		}
	}
	return nil, err
}

// tryTransaction runs the transaction once, on the pictures that the view has now. The drafts are those that the store was told to
// write last.
func (d *Desk) tryTransaction(ctx context.Context, batches []*batch) (drafts []*draft, err error) {
	ctx, end := d.config.Tracer.Span(ctx, "transaction")
	defer func() { end(err) }()
	pictures := make([]*view.Picture, len(batches))
	needs := make([]store.Need, len(batches))
	for i, b := range batches {
		picture, err := d.config.View.Picture(ctx, b.venue)
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			return nil, fmt.Errorf("%w: %w", errUnreadable, err)
		}
		pictures[i], needs[i] = picture, b.need(picture)
	}
	endCommit := func(error) {}
	err = d.config.Store.Update(ctx, needs, func(found []store.Found) (writes []store.Write, err error) {
		endCommit(errBegunAnew) // the store may call again
		if drafts, writes, err = d.decideBatches(batches, needs, pictures, found); err == nil {
			_, endCommit = d.config.Tracer.Span(ctx, "commit")
		}
		return writes, err
	})
	endCommit(err)
	return drafts, err
}

// decideBatches decides every command on new drafts. The store may call for it more than once, and each time gives every command and
// draft anew what it is to be, the batch's id among it: so what counts in the end is what was decided last, and nothing else.
func (d *Desk) decideBatches(
	batches []*batch, needs []store.Need, pictures []*view.Picture, found []store.Found,
) ([]*draft, []store.Write, error) {
	id := rand.Text()
	drafts := make([]*draft, len(batches))
	var behind behindError
	for i, b := range batches {
		draft, err := newDraft(id, len(b.commands), needs[i], pictures[i], found[i])
		switch {
		case errors.Is(err, errBehind):
			behind.venues = append(behind.venues, b.venue)
		case err != nil:
			return nil, nil, err
		}
		drafts[i] = draft
	}
	if len(behind.venues) > 0 {
		return nil, nil, &behind
	}
	for i, b := range batches {
		drafts[i].expireDue(found[i].Due)
		for _, c := range b.commands {
			c.err = d.decideCommand(c, drafts[i])
			if errors.Is(c.err, errBehind) {
				behind.venues = append(behind.venues, b.venue)
				break
			}
			drafts[i].toProve = drafts[i].toProve || c.err == nil
		}
	}
	if len(behind.venues) > 0 {
		return nil, nil, &behind
	}
	writes, err := d.writesOf(drafts)
	return drafts, writes, err
}

// decideCommand has a command decided. A panic in it must cost one command and not the server: it spoils the draft, so that the store
// is told to write nothing of it, and the command is found by halving. It is decided again with each half, and logged once.
func (d *Desk) decideCommand(c *command, draft *draft) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			if !c.panicked {
				d.config.Log.Error("a command panicked", "venue", draft.change.Venue, "panic", fault, "stack", string(debug.Stack()))
			}
			c.panicked, err = true, errPanicked
			draft.fault = errors.Join(draft.fault, err)
		}
	}()
	return c.decide(draft)
}

// writesOf is what the store is to do to commit the drafts now.
func (d *Desk) writesOf(drafts []*draft) ([]store.Write, error) {
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

// publish applies what was committed to the view, and before it what other nodes had.
func (d *Desk) publish(drafts []*draft) {
	ctx, cancel := context.WithTimeout(context.Background(), transactionTimeout)
	defer cancel()
	for _, draft := range drafts {
		for _, c := range draft.missed {
			d.config.View.Apply(ctx, c)
		}
		if draft.hasWrites() {
			d.config.View.Apply(ctx, draft.change)
		}
	}
}
