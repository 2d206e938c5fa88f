package bus

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
)

// Errors that every bus maps its own to. Any other error means the same as [ErrUnavailable].
var (
	// ErrUnavailable: the bus cannot be reached or did not confirm in time. Events may have arrived. The same batch is to be sent again.
	ErrUnavailable = errors.New("the bus is unavailable")
	// ErrMisconfigured: the bus answers, and refuses what it is asked for a reason that a person must mend: wrong credentials, a topic or
	// exchange that is missing, too few replicas. It is an [ErrUnavailable] that is to be tried less often.
	ErrMisconfigured = fmt.Errorf("%w: it must be set up otherwise", ErrUnavailable)
)

// RejectedError says that one event of a batch will never be accepted, however often it is sent: it is too large. Those before it may
// have arrived.
type RejectedError struct {
	// Index is the event's place in the batch.
	Index int
	// Reason is for the operator. It holds no secret and nothing of the event's data.
	Reason string
}

func (e *RejectedError) Error() string { return "the bus rejects an event: " + e.Reason }

// Bus carries events to the outside. Its methods may be called from any goroutine.
type Bus interface {
	// Publish sends the events of one venue in the order given, and returns nil once the bus has confirmed all of them: they are then as
	// safe as the bus makes anything. It may send them in one flight, so after an error a later one may have arrived and an earlier
	// one not; the caller sends the whole batch again. At most one call for a venue is under way at a time; calls for different
	// venues run side by side. It returns soon after ctx ends, and does not keep events of a call that has returned with an error: they are
	// not sent afterwards, but for what is in the network already.
	//
	// No events is nil. An error is a [RejectedError], [ErrMisconfigured] or [ErrUnavailable].
	Publish(ctx context.Context, venue booking.VenueID, events []Event) (Receipt, error)

	// Health is nil if the bus could publish now, as far as it knows without asking; else the reason, for the operator. It does not block.
	Health() error

	// Close ends every connection and goroutine. Calls under way return with an error, and later ones do. It may be called again.
	Close() error
}

// Receipt says what became of a batch that was confirmed.
type Receipt struct {
	// Unrouted is how many of the events were accepted for nobody: no queue was bound that takes them.
	Unrouted int
}

// Hinter is what a bus may be able to do besides: wake other nodes when a venue has changed. Nothing depends on it.
type Hinter interface {
	// Announce tells other nodes that a venue has reached a revision. It does not block, may merge what waits, and may lose it.
	Announce(venue booking.VenueID, revision booking.Revision)
	// Watch calls hint with what other nodes announce, until ctx ends or the bus is closed; it connects again by itself. What this bus
	// itself has announced may come back. hint must not block.
	Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error
}
