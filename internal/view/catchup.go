package view

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"vacancy/internal/booking"
)

var (
	// errDropped: the venue left the memory meanwhile.
	errDropped = errors.New("the venue is not in memory any more")
	// errCatchUpPanicked is what those get who wait for a catch-up that panicked.
	errCatchUpPanicked = errors.New("catching up broke off")
	// errSlowStore: the store did not answer a reader in time. What was asked of it goes on.
	errSlowStore = fmt.Errorf("%w: the store did not answer in time", booking.ErrUnavailable)
	// errStopped: [View.Run] has ended.
	errStopped = fmt.Errorf("%w: the view was stopped", booking.ErrUnavailable)
)

// newest stands for whatever revision the store has.
const newest booking.Revision = math.MaxInt64

// catchUp is one reading of what a venue misses, for all who came before it began.
type catchUp struct {
	// revision is the highest that anybody asked for. If the picture has it when the turn comes, nothing is read.
	revision booking.Revision
	// doubted: somebody has reason to think that the store's epoch or clock is another.
	doubted bool

	done    chan struct{}
	picture *Picture
	err     error
}

// The way of a catch-up, downwards: catchUp shares one reading among all who wait, runCatchUp waits for the venue's turn, advanceTo decides
// whether it is enough, and refresh (refresh.go) reads from the store. The reading has a goroutine of its own, so that whoever waits for
// it can leave when it takes too long: a database that is frozen answers nobody, and says nothing either.

// readerCatchUp is [View.catchUp] for somebody who waits for an answer: within readerTimeout, or staleTimeout if the last check found that
// the store does not answer.
func (v *View) readerCatchUp(ctx context.Context, id booking.VenueID, revision booking.Revision, doubted bool) (*Picture, error) {
	timeout := readerTimeout
	if v.stale.Load() {
		timeout = staleTimeout
	}
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	p, err := v.catchUp(waiting, id, revision, doubted)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil { // ours, or one of the reading
		return nil, errSlowStore
	}
	return p, err
}

// catchUp brings a venue to a revision, if the store is that far, or further. A venue that is not in memory is loaded. All who ask while
// one reading is under way share the next, which begins after they came: so what they get is not older than their question.
func (v *View) catchUp(ctx context.Context, id booking.VenueID, revision booking.Revision, doubted bool) (*Picture, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e := v.findOrAdd(id)
		c, first := e.join(revision, doubted)
		if first && !v.background(func() { v.runCatchUp(ctx, e, c) }) {
			c.err = errStopped
			e.begin()
			close(c.done)
		}
		if err := c.wait(ctx); err != nil {
			return nil, err
		}
		if !errors.Is(c.err, errDropped) {
			return c.picture, c.err
		}
	}
}

// join finds the catch-up that is next to begin. Whoever is the first of it must run it.
func (e *entry) join(revision booking.Revision, doubted bool) (c *catchUp, first bool) {
	e.joining.Lock()
	defer e.joining.Unlock()
	if first = e.next == nil; first {
		e.next = &catchUp{done: make(chan struct{}), err: errCatchUpPanicked}
	}
	c = e.next
	c.revision = max(c.revision, revision)
	c.doubted = c.doubted || doubted
	return c, first
}

// begin ends the time in which others may join.
func (e *entry) begin() {
	e.joining.Lock()
	defer e.joining.Unlock()
	e.next = nil
}

func (c *catchUp) wait(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// runCatchUp waits for its turn and reads what is missing. It goes on if its caller leaves, for the others and for whoever asks next.
func (v *View) runCatchUp(ctx context.Context, e *entry, c *catchUp) {
	defer close(c.done)
	defer func() {
		if reason := recover(); reason != nil { // c.err is errCatchUpPanicked
			v.config.Log.Error("reading a venue panicked", "venue", e.id, "reason", reason, "stack", string(debug.Stack()))
		}
	}()
	if err := e.mu.LockUntil(v.running); err != nil {
		e.begin()
		c.err = errStopped
		return
	}
	defer e.mu.Unlock()
	e.begin()
	if v.entry(e.id) != e {
		c.err = errDropped
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), catchUpTimeout)
	defer cancel()
	unregister := context.AfterFunc(v.running, cancel)
	defer unregister()
	c.picture, c.err = v.advanceTo(ctx, e, c.revision, c.doubted)
}

// advanceTo brings a picture to a revision, if the store is that far. The entry's lock is held.
func (v *View) advanceTo(ctx context.Context, e *entry, revision booking.Revision, doubted bool) (*Picture, error) {
	if p := e.picture.Load(); p != nil && p.Revision >= revision && !doubted {
		return p, nil
	}
	for {
		p, err := v.refresh(ctx, e, doubted)
		if err != nil || doubted || revision == newest || p.Revision >= revision {
			return p, err
		}
		doubted = true // somebody saw more of this epoch than there is: the store may be in another by now
	}
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
