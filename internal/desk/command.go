package desk

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// command is one request that writes, waiting for its decision.
type command struct {
	ctx context.Context
	// need adds what must be known to decide. The picture is the view's, nil if it has none.
	need func(*store.Need, *view.Picture)
	// decide works on the draft and keeps its result for the caller. It changes the draft only if it succeeds, and may be called
	// again on a new draft.
	decide func(*draft) error
	// state says which came first: that its batch started, or that its caller left.
	state atomic.Int32
	// panicked: decide has panicked before. It is the lane's.
	panicked bool
	// err is what decide returned, or why it was not called. It may be read once done is closed.
	err  error
	done chan struct{}
}

// The states of a command.
const (
	queued = iota
	started
	abandoned
)

// start takes the command into its batch; false if its caller has left.
func (c *command) start() bool {
	if c.ctx.Err() != nil {
		c.abandon()
	}
	return c.state.CompareAndSwap(queued, started)
}

// abandon gives the command up; false if its batch has started, so that it runs to its end.
func (c *command) abandon() bool {
	return c.state.CompareAndSwap(queued, abandoned) || c.state.Load() == abandoned
}

// answer tells the caller what was decided or, if the transaction failed, that.
func (c *command) answer(failed error) {
	c.err = callerError(c.err, failed)
	close(c.done)
}

// callerError is what a caller is told: what was decided or, if the transaction failed, that. For a command that was refused nothing
// was done, whatever became of the transaction; but the refusal may have been for the sake of others in it, and is not told.
func callerError(decided, failed error) error {
	switch {
	case failed == nil:
		return decided
	case decided != nil && unavailable(failed):
		return notAttempted(failed)
	case !unavailable(failed) && (contended(failed) || errors.Is(failed, errBehind)):
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, failed)
	}
	return failed
}

// notAttempted is what is told of commands whose turn did not come, because others before them found the store away. Nothing was done
// of them, whatever became of those.
func notAttempted(err error) error {
	if !errors.Is(err, booking.ErrOutcomeUnknown) {
		return err
	}
	return fmt.Errorf("%w: %s", booking.ErrUnavailable, err.Error())
}
