package store

import (
	"fmt"
	"time"
)

// OutboxState is whether what a server tells the outside of itself, by the operator's alert command and webhook, is held back. A copy of a
// database begins so: whom it would tell are those of the original. It is kept in the database, so it is one for all its nodes.
type OutboxState struct {
	Paused bool
	// At is when that was decided last, Who by whom and Reason why; all are zero of a database in which nobody ever has.
	At          time.Time
	Who, Reason string
}

// String is for people.
func (o OutboxState) String() string {
	state := "open"
	if o.Paused {
		state = "paused"
	}
	if o.At.IsZero() {
		return state + ", as from the beginning"
	}
	text := fmt.Sprintf("%s since %s, by %s", state, o.At.UTC().Format("2006-01-02 15:04:05 UTC"), o.Who)
	if o.Reason != "" {
		text += ": " + o.Reason
	}
	return text
}
