package verify

import (
	"bytes"
	"fmt"

	"vacancy/internal/booking"
)

// answers are the stored outcomes of requests with an idempotency key, as they come: by key. What they hold is sealed, so that no more
// can be said of them than which change they are of. A change may have more answers than entries: some are of requests that found
// done what they asked for.
type answers struct {
	venue  *venue
	last   *booking.AnswerKey
	future int
}

func (a *answers) add(answer booking.Answer) {
	v := a.venue
	v.counts.Answers++
	problem := func(format string, args ...any) {
		v.problem("answer %x: %s", answer.Key[:4], fmt.Sprintf(format, args...))
	}
	if a.last != nil && bytes.Compare(a.last[:], answer.Key[:]) >= 0 {
		problem("it is stored twice")
	}
	a.last = &answer.Key
	// Answers of older versions do not know their change.
	if answer.Revision > v.stored.Revision {
		problem("it is of change %d, and the venue is at %d", answer.Revision, v.stored.Revision)
	}
	if len(answer.Sealed) == 0 {
		problem("it is empty")
	}
	if answer.CreatedAt.After(v.now.Add(clockTolerance)) {
		a.future++
	}
}

// end tells of clocks that differ: such answers outlive their time, and there may be more of that kind.
func (a *answers) end() {
	if a.future > 0 {
		a.venue.warn("%s made in the future: a clock was set back, or differs", count(a.future, "answer"))
	}
}
