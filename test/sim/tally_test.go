package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vacancy/internal/booking"
)

// tally counts commands, and what became of them: a simulation in which nothing happens proves nothing.
type tally struct {
	commands int
	saw      map[string]int
}

func (t *tally) count(format string, args ...any) {
	if t.saw == nil {
		t.saw = make(map[string]int)
	}
	t.saw[fmt.Sprintf(format, args...)]++
}

func (t *tally) add(other tally) {
	t.commands += other.commands
	for what, n := range other.saw {
		if t.saw == nil {
			t.saw = make(map[string]int)
		}
		t.saw[what] += n
	}
}

func (t *tally) String() string {
	lines := []string{fmt.Sprintf("%d commands", t.commands)}
	for _, what := range slices.Sorted(maps.Keys(t.saw)) {
		lines = append(lines, fmt.Sprintf("%7d %s", t.saw[what], what))
	}
	return strings.Join(lines, "\n")
}

// outcome names an answer for the tally.
func outcome(err error) string {
	for _, meaning := range []error{
		booking.ErrNotFound, booking.ErrNotASlot, booking.ErrTooSoon, booking.ErrBeyondHorizon, booking.ErrSlotUnavailable,
		booking.ErrHoldExpired, booking.ErrWrongStatus, booking.ErrUnauthenticated, booking.ErrForbidden, booking.ErrPrecondition,
		booking.ErrIdempotencyMismatch,
	} {
		if errors.Is(err, meaning) {
			return meaning.Error()
		}
	}
	if _, ok := errors.AsType[*booking.InUse](err); ok {
		return "in use"
	}
	if _, ok := errors.AsType[*booking.Invalid](err); ok {
		return "invalid"
	}
	if err != nil {
		return "another error"
	}
	return "done"
}

// needed is what must have happened in some thousands of commands; what happens every thousand commands is not among it.
var needed = []string{
	"book: done", "book: not found", "book: invalid", "book: no slot starts then", "book: the start is past or too soon",
	"book: the start cannot be booked yet", "book: not enough room is left at this start",
	"book: the idempotency key was used for another request", "book: repeated",
	"hold: done", "hold: not enough room is left at this start", "hold: repeated",
	"confirm: done", "confirm: the hold has expired", "confirm: the booking's status does not allow this", "confirm: invalid",
	"confirm: not allowed with this token", "confirm: a bearer token is needed", "confirm: not found",
	"extend: done", "extend: the hold has expired", "extend: the booking's status does not allow this",
	"cancel: done", "cancel: the booking's status does not allow this",
	"put venue: done", "put resource: done", "put resource: in use", "put resource: the thing has changed since it was read",
	"put service: done", "put service: invalid", "archive: done", "archive: in use", "archive: not found",
	"holds expired", "alternatives: some", "alternatives: none", "read by a node that is behind", "offered and booked",
	"frame: snapshot", "frame: delta", "frame: reset", "frames: none", "crowd: all", "crowd: some", "crowd: none", "crowd: one key",
	"crowd: both venues", "asked for in the wrong venue",
	"duel: cancelled first", "restart", "reopen", "the clock changed",
	"bookings trimmed", "changes trimmed", "audit trail trimmed",
}

// missing is what did not happen.
func (t *tally) missing() []string {
	return slices.DeleteFunc(slices.Clone(needed), func(what string) bool { return t.saw[what] > 0 })
}
