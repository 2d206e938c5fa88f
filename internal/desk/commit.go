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
	// transactionTimeout bounds one transaction, but for settling it.
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

// behind names the venues whose pictures do not fit what the transaction found. It is an errBehind.
type behind struct{ venues []booking.VenueID }

func (b *behind) Error() string { return fmt.Sprintf("%v: %v", errBehind, b.venues) }

func (*behind) Unwrap() error { return errBehind }

// commit decides batches, has the decisions committed, and applies them to the view, by until. After it each command's err is what it was
// decided to; but after an error nothing was committed or, if that is [booking.ErrOutcomeUnknown], perhaps all.
func (d *Desk) commit(batches []*batch, until time.Time) error {
	began := time.Now()
	for range maxDoubts {
		drafts, err := d.run(batches, until)
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

// run runs the transaction, beginning anew while the view is behind. One of several venues takes half of the time at most, so that
// some is left for each of them alone.
func (d *Desk) run(batches []*batch, until time.Time) (drafts []*draft, err error) {
	left := time.Until(until)
	if len(batches) > 1 {
		left /= 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), min(left, transactionTimeout))
	defer cancel()
	for range maxCatchUps {
		drafts, err = d.attempt(ctx, batches)
		late, ok := errors.AsType[*behind](err)
		if !ok {
			return drafts, err
		}
		for _, venue := range late.venues {
			if _, err := d.config.View.Reload(ctx, venue); err != nil && !errors.Is(err, booking.ErrNotFound) {
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
	var late behind
	for i, b := range batches {
		draft, err := openDraft(id, needs[i], pictures[i], found[i])
		switch {
		case errors.Is(err, errBehind):
			late.venues = append(late.venues, b.venue)
		case err != nil:
			return nil, nil, err
		}
		drafts[i] = draft
	}
	if len(late.venues) > 0 {
		return nil, nil, &late
	}
	for i, b := range batches {
		drafts[i].expireDue(found[i].Due)
		for _, c := range b.commands {
			c.err = d.decide(c, drafts[i])
		}
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
// told to write nothing of it, and the command is found by halving. It is decided again with each half, and logged once.
func (d *Desk) decide(c *command, draft *draft) (err error) {
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
