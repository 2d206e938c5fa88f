package view

import (
	"context"
	"errors"
	"math"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var (
	// ErrAhead: the position asked for is one that the store has not reached (yet).
	ErrAhead = errors.New("the position is ahead of the store")
	// ErrEpoch: the position asked for is of another history of the database.
	ErrEpoch = errors.New("the position is of another epoch")

	// errGap: a change does not follow the picture; others are missing between.
	errGap = errors.New("a change is missing")
	// errDropped: the venue left the memory meanwhile.
	errDropped = errors.New("the venue is not in memory any more")
	// errBroken is what those get who wait for a catching up that panicked.
	errBroken = errors.New("catching up broke off")
)

// AtLeast is like Picture, but not before the given position, whoever gave it. A node that is behind, in revision or in epoch,
// catches up with the store once, and one whose clock is a little behind waits for it: so a reader who moves from node to node
// does not go back in time. [ErrAhead] if the store is not that far either, [ErrEpoch] if it has another history.
func (v *View) AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*Picture, error) {
	p, err := v.Picture(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case p.Epoch != at.Epoch, at.Boundary.Sub(v.Now()) > clockTolerance:
		p, err = v.catchUp(ctx, id, at.Revision, true)
	case p.Revision < at.Revision:
		p, err = v.catchUp(ctx, id, at.Revision, false)
	}
	switch {
	case err != nil:
		return nil, err
	case p.Epoch != at.Epoch:
		return nil, ErrEpoch
	case p.Revision < at.Revision:
		return nil, ErrAhead
	}
	return p, v.waitForClock(ctx, at.Boundary)
}

// waitForClock waits until the store's clock has passed a boundary of time, which it must be about to.
func (v *View) waitForClock(ctx context.Context, boundary time.Time) error {
	wait := boundary.Sub(v.Now())
	if wait <= 0 {
		return nil
	}
	if wait > clockTolerance {
		return ErrAhead
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if v.Now().Before(boundary) { // the clock was put back meanwhile
		return ErrAhead
	}
	return nil
}

// newest stands for whatever revision the store has.
const newest booking.Revision = math.MaxInt64

// CatchUp brings a venue's picture to what the store has now.
func (v *View) CatchUp(ctx context.Context, id booking.VenueID) (*Picture, error) {
	return v.catchUp(ctx, id, newest, false)
}

// Hint says that a venue has reached a revision, as told by another node. It is a hint only: lost ones are made up for by the
// periodic check.
func (v *View) Hint(ctx context.Context, id booking.VenueID, revision booking.Revision) error {
	entry := v.entry(id)
	if entry == nil {
		return nil
	}
	if p := entry.picture.Load(); p == nil || p.Revision >= revision {
		return nil
	}
	_, err := v.catchUp(ctx, id, revision, false)
	return err
}

// catchUp is a reading of what a venue misses, for all who came before it began.
type catchUp struct {
	// revision is the highest that anybody asked for. If the picture has it when the turn comes, nothing is read.
	revision booking.Revision
	// doubted: somebody has reason to think that the store's epoch or clock is another.
	doubted bool

	done    chan struct{}
	picture *Picture
	err     error
}

// catchUp brings a venue to a revision, if the store is that far, or further. All who ask while one reading is under way share the
// next, which begins after they came: so what they get is not older than their question.
func (v *View) catchUp(ctx context.Context, id booking.VenueID, revision booking.Revision, doubted bool) (*Picture, error) {
	for {
		entry := v.entry(id)
		if entry == nil {
			return v.load(ctx, id)
		}
		c, first := entry.join(revision, doubted)
		if first {
			v.run(ctx, id, entry, c)
		} else if err := c.wait(ctx); err != nil {
			return nil, err
		}
		if !errors.Is(c.err, errDropped) {
			return c.picture, c.err
		}
	}
}

func (c *catchUp) wait(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join finds the catching up that is next to begin. Whoever is the first of it must run it.
func (e *venue) join(revision booking.Revision, doubted bool) (c *catchUp, first bool) {
	e.joining.Lock()
	defer e.joining.Unlock()
	if first = e.next == nil; first {
		e.next = &catchUp{done: make(chan struct{}), err: errBroken}
	}
	c = e.next
	c.revision = max(c.revision, revision)
	c.doubted = c.doubted || doubted
	return c, first
}

// begin ends the time in which others may join.
func (e *venue) begin() {
	e.joining.Lock()
	defer e.joining.Unlock()
	e.next = nil
}

// run waits for its turn and reads what is missing. It goes on if the caller leaves, for the others.
func (v *View) run(ctx context.Context, id booking.VenueID, entry *venue, c *catchUp) {
	defer close(c.done)
	entry.mu.Lock()
	defer entry.mu.Unlock()
	entry.begin()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTimeout)
	defer cancel()
	p := entry.picture.Load()
	switch {
	case v.entry(id) != entry:
		c.err = errDropped
	case p != nil && c.doubted:
		c.picture, c.err = v.doubtLocked(ctx, id, entry)
	case p != nil && p.Revision >= c.revision:
		c.picture, c.err = p, nil
	default:
		c.picture, c.err = v.catchUpLocked(ctx, id, entry)
		if c.err == nil && c.picture.Revision < c.revision && c.revision != newest {
			// Somebody saw more of this epoch than there is: the store may be in another by now.
			c.picture, c.err = v.doubtLocked(ctx, id, entry)
		}
	}
}

// doubtLocked asks the store for its epoch, revision and time before it decides what to read.
func (v *View) doubtLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	current, err := v.readRevisions(ctx, []booking.VenueID{id})
	if err != nil {
		return nil, err
	}
	return v.alignLocked(ctx, id, entry, current)
}

// alignLocked brings a picture to what the store said it has.
func (v *View) alignLocked(ctx context.Context, id booking.VenueID, entry *venue, current store.Revisions) (*Picture, error) {
	p := entry.picture.Load()
	switch compare(p, id, current) {
	case behind:
		return v.catchUpLocked(ctx, id, entry)
	case otherHistory:
		return v.replaceLocked(ctx, id, entry, current.Epoch)
	default:
		return p, nil
	}
}

// catchUpLocked applies the changes that are missing, or loads the venue anew if they are too many, do not fit, or are of another
// history than the picture: the change at its revision, which is read with them, is not the last change in it then.
func (v *View) catchUpLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	p := entry.picture.Load()
	if p == nil {
		return v.readLocked(ctx, id, entry)
	}
	changes, err := v.config.Store.Changes(ctx, id, p.Revision-1, 1+store.MaxChanges)
	if err != nil {
		return nil, err
	}
	if missing, ok := following(p, changes); ok && len(missing) < store.MaxChanges {
		if next, ok := v.follow(entry, p, missing); ok {
			return next, nil
		}
	}
	return v.replaceLocked(ctx, id, entry, p.Epoch)
}

// following are the changes after the first, if the first is the last one in the picture.
func following(p *Picture, changes []booking.Change) (after []booking.Change, ok bool) {
	if len(changes) == 0 || changes[0].Revision != p.Revision || changes[0].Batch != p.Batch {
		return nil, false
	}
	return changes[1:], true
}

// replaceLocked loads a venue anew that has a picture. If the store, which is of the given epoch, does not have it any more, it is
// dropped.
func (v *View) replaceLocked(ctx context.Context, id booking.VenueID, entry *venue, epoch booking.Epoch) (*Picture, error) {
	next, err := v.readLocked(ctx, id, entry)
	if errors.Is(err, booking.ErrNotFound) {
		gone := entry.picture.Load().removed(epoch)
		v.drop(id)
		entry.picture.Store(nil)
		v.listener.Reloaded(gone)
	}
	return next, err
}

// follow applies changes one by one; false if one does not fit.
func (v *View) follow(entry *venue, p *Picture, changes []booking.Change) (*Picture, bool) {
	for _, c := range changes {
		next, err := p.With(c)
		if err != nil {
			return nil, false
		}
		p = next
		entry.picture.Store(p)
		v.listener.Changed(p, c)
	}
	return p, true
}
