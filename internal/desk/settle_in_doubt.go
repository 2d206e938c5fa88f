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
)

// settle finds out whether a transaction in doubt happened, or sees to it that it never will. Nobody may be answered before, and
// nothing be retried.
//
// The transaction may still be on its way: to look for it, not to find it, and to do it again could do it twice. But it carries
// changes of the very next revision of each venue it writes, and a revision is taken once. So settle looks at who has that revision
// and, if nobody does, takes it itself, with a change without entries: a fence, on which the old transaction fails if it comes.
// All venues of a transaction share its fate, so the fate of any is that of all.
//
// To find it is not enough either. Its wait for a synchronous standby may be what was cut off: everybody can see it, but if the server
// dies now, a standby takes over that never heard of it. Each commit waits for those before it too, so a fence is put behind it, and
// only when that is committed is it said to have happened.
//
// If that cannot be told in time the error is [booking.ErrOutcomeUnknown]. So it is if the database has another epoch meanwhile, such as
// after a failover: what it holds says nothing of the one that the transaction was sent to.
func (d *Desk) settle(drafts []*draft, doubt error) (happened bool, err error) {
	drafts = slices.DeleteFunc(slices.Clone(drafts), func(d *draft) bool { return !d.hasWrites() })
	if len(drafts) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
	defer cancel()
	log := d.config.Log.With("venue", drafts[0].change.Venue, "revision", drafts[0].change.Revision, "batch", drafts[0].change.Batch)
	log.Warn("a commit is in doubt", "error", doubt)
	for backoff := settleFirstBackoff; ; backoff = min(2*backoff, settleMaxBackoff) {
		fate, err := d.tryToSettle(ctx, drafts)
		if err == nil {
			log.Info("the commit in doubt is settled", "happened", fate == committed)
			return fate == committed, nil
		}
		if errors.Is(err, errAnotherHistory) {
			return false, fmt.Errorf("%w: %s; %s", booking.ErrOutcomeUnknown, doubt.Error(), err.Error())
		}
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
			// As text: errors that say that nothing was done, here of the asking, would be taken for the answer.
			return false, fmt.Errorf("%w: %s; asked about it: %s", booking.ErrOutcomeUnknown, doubt.Error(), err.Error())
		}
	}
}

// fate is what becomes of a transaction in doubt.
type fate int

const (
	// undecided: it may happen yet.
	undecided fate = iota
	// committed: it happened.
	committed
	// lost: it did not, and never will.
	lost
	// superseded: its revision was taken, but so long ago that what took it is not at hand.
	superseded
	// rewritten: it was undecided, and is written again as it was: it happens with that, or never could.
	rewritten
)

// tryToSettle runs one transaction over the venues in doubt. Once that is committed their fate is settled; if it is in doubt itself, it is
// for the next try to find out.
func (d *Desk) tryToSettle(ctx context.Context, drafts []*draft) (fate, error) {
	needs := make([]store.Need, len(drafts))
	for i, draft := range drafts {
		needs[i] = store.Need{Venue: draft.change.Venue, Known: draft.change.Revision - 1}
	}
	var seen fate
	var writes []store.Write
	err := d.config.Store.Update(ctx, needs, func(found []store.Found) (_ []store.Write, err error) {
		seen, writes, err = d.decideFate(drafts, found)
		return writes, err
	})
	if errors.Is(err, store.ErrRejected) && seen == rewritten {
		return lost, nil // what cannot be written again could not be written the first time
	}
	if err != nil {
		return undecided, err
	}
	for _, w := range writes {
		if w.Change.Revision != 0 {
			d.config.View.Apply(ctx, w.Change)
		}
	}
	switch seen {
	case rewritten:
		return committed, nil
	case superseded:
		return d.lookUp(ctx, drafts)
	default:
		return seen, nil
	}
}

// decideFate is the fate of a transaction once the writes are committed: it takes the revisions if they are free, and puts a fence
// behind them if they are not.
//
// A fence needs a venue to stand in. If the transaction creates all the venues that it writes, it is written again as it was, under
// the same batch: the two create the same venues, which only one can, so it happens once, and as it was decided.
func (d *Desk) decideFate(drafts []*draft, found []store.Found) (fate, []store.Write, error) {
	for i, draft := range drafts {
		if found[i].Epoch != draft.picture.Epoch {
			return undecided, nil, errAnotherHistory
		}
	}
	exists := slices.ContainsFunc(found, func(f store.Found) bool { return f.Exists })
	switch seen := fateOf(drafts, found); {
	case seen == lost:
		return lost, make([]store.Write, len(drafts)), nil
	case seen != undecided:
		return seen, d.fence(drafts, found), nil
	case exists:
		return lost, d.fence(drafts, found), nil
	}
	writes, err := d.writesOf(drafts)
	return rewritten, writes, err
}

// fence is a change without entries at the next revision of each venue that exists.
func (d *Desk) fence(drafts []*draft, found []store.Found) []store.Write {
	id, now := rand.Text(), d.config.View.Now().UTC().Truncate(time.Microsecond)
	writes := make([]store.Write, len(drafts))
	for i, draft := range drafts {
		if found[i].Exists {
			writes[i].Change = booking.Change{
				Venue: draft.change.Venue, Revision: found[i].Revision + 1, Batch: id, CommittedAt: now,
			}
		}
	}
	return writes
}

// fateOf is the fate that what was found tells of.
func fateOf(drafts []*draft, found []store.Found) fate {
	all := undecided
	for i, draft := range drafts {
		switch revision := draft.change.Revision; {
		case found[i].Revision+1 < revision:
			return lost // the database has gone back behind what the transaction follows on
		case found[i].Revision < revision:
		default:
			if all = fateBy(draft, found[i].Changes); all != superseded {
				return all
			}
		}
	}
	return all
}

// fateBy is the fate that a venue's changes tell of, when the revision in question has been taken.
func fateBy(draft *draft, changes []booking.Change) fate {
	for _, c := range changes {
		switch {
		case c.Revision != draft.change.Revision:
		case c.Batch == draft.change.Batch:
			return committed
		default:
			return lost
		}
	}
	return superseded
}

// lookUp reads what took the revisions of a transaction. It needs no row: what is taken stays so.
func (d *Desk) lookUp(ctx context.Context, drafts []*draft) (fate, error) {
	for _, draft := range drafts {
		changes, err := d.config.Store.Changes(ctx, draft.change.Venue, draft.change.Revision-1, 1)
		if err != nil {
			return undecided, err
		}
		if seen := fateBy(draft, changes); seen != superseded {
			return seen, nil
		}
	}
	return undecided, errors.New("the changes of the venue cannot be found")
}
