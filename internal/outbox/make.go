package outbox

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/view"
)

// makeEvents makes the events of changes, or of as many of the first of them as it can. An error is that of the first change alone, which
// is returned with it.
func (r *Relay) makeEvents(
	epoch booking.Epoch, changes []booking.Change, p *view.Picture, now time.Time,
) (made []bus.Event, of []booking.Change, err error) {
	for of = changes; ; of = of[:(len(of)+1)/2] {
		err = guarded(func() (err error) {
			made, err = r.ofChanges(events.Input{Epoch: epoch, Changes: of, Picture: p, Now: now})
			return err
		})
		if err == nil || len(of) == 1 || errors.Is(err, events.ErrPicture) {
			return made, of, err
		}
	}
}

// panicError is a panic while events were made.
type panicError struct {
	reason any
	stack  []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panicked: %v", e.reason) }

// guarded calls f, of which a panic is an error: it is of one venue, and the others go on.
func guarded(f func() error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &panicError{reason: reason, stack: debug.Stack()}
		}
	}()
	return f()
}

// logUnmakeable counts and logs that no events can be made.
func (r *Relay) logUnmakeable(v *venue, revision booking.Revision, err error) {
	r.config.Meter.Failed(FailedEvents)
	var stack []byte
	if p, ok := errors.AsType[*panicError](err); ok {
		stack = p.stack
	}
	r.config.Log.Error("no events can be made; going on without them", "bus", r.config.Name, "venue", v.id, "revision", revision,
		"error", err, "stack", string(stack))
}
