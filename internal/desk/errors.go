package desk

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Ways in which a transaction fails. What a caller is told of them is [callerError]'s.
var (
	// errBehind: the view is not at the revision that the transaction found, and the changes between are not at hand.
	errBehind = errors.New("the view is behind the store")
	// errUnreadable: the venue cannot be read.
	errUnreadable = errors.New("the venue cannot be read")
	// errAnotherHistory: the database is not the one that a transaction was sent to, or was put back.
	errAnotherHistory = errors.New("the database has another epoch")
	errPanicked       = errors.New("a command panicked")
)

// behindError names the venues whose pictures do not fit what the transaction found. It is an errBehind.
type behindError struct{ venues []booking.VenueID }

func (b *behindError) Error() string { return fmt.Sprintf("%v: %v", errBehind, b.venues) }

func (*behindError) Unwrap() error { return errBehind }

// unavailable tells whether the store could not be reached, or not be asked what became of the transaction. Trying again at once is no
// use.
func unavailable(err error) bool {
	return errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown)
}

// contended tells whether the transaction took too long, be it for one of its venues or for the store.
func contended(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrContended)
}

// venueFailed tells whether a venue as a whole is what failed, so that each of its commands would.
func venueFailed(err error) bool {
	return errors.Is(err, errBehind) || errors.Is(err, errUnreadable) || errors.Is(err, booking.ErrNeedsNewer)
}
