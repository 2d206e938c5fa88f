package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is something that a live query tells.
type Event struct {
	Kind EventKind
	// Subscription is the id given to [Socket.Subscribe]; "" for [Client.Watch].
	Subscription string
	// State is the picture after the event. It is valid until the next one; see [State.Clone]. Nil for events of bookings.
	State *State
	// Changes are the slots that differ from before the event.
	Changes []Slot
	// CommittedAt, of a Changed event, is when the oldest change in it was committed.
	CommittedAt time.Time
	// Reason, of a Reset event, is why: "schedule_changed", "position_unknown" or "epoch_changed".
	Reason string
	// Booking is the new state of a booking that is followed.
	Booking *Booking
	// Err, of Lost and Refused events, is why.
	Err error
}

// EventKind says what an [Event] tells.
type EventKind string

// The kinds of events.
const (
	// Snapshot: the state is all new.
	Snapshot EventKind = "snapshot"
	// Changed: some slots of the state are new.
	Changed EventKind = "delta"
	// Reset: the server cannot go on from where the state was. A Snapshot follows.
	Reset EventKind = "reset"
	// Stale: the server cannot reach its store; the state may be outdated since its AsOf.
	Stale EventKind = "stale"
	// Fresh: the state is known to be true again.
	Fresh EventKind = "fresh"
	// Lost: the connection broke, or the server is going away; the client will connect again. The state may be outdated.
	Lost EventKind = "lost"
	// BookingChanged: a booking that is followed has changed, or is told for the first time.
	BookingChanged EventKind = "booking"
	// Refused: the server does not accept, or ends, a subscription.
	Refused EventKind = "error"
	// Unsubscribed: the server has ended a subscription as it was asked to.
	Unsubscribed EventKind = "unsubscribed"
)

// errGoodbye is why the connection is lost when a server stops.
var errGoodbye = errors.New("the server says goodbye")

// goodbye is when a stopping server would like its readers back.
type goodbye struct {
	ReconnectAfterMS int `json:"reconnect_after_ms"`
}

// freshness is the body of stale and fresh.
type freshness struct {
	AsOf time.Time `json:"as_of"`
}

// apply changes the state by a frame of the protocol and returns what happened. The event is nil for frames that a newer server
// may send and this client does not know.
func apply(state *State, kind EventKind, data []byte) (*Event, error) {
	event := &Event{Kind: kind, State: state}
	var err error
	switch kind {
	case Snapshot:
		var a Availability
		if err = json.Unmarshal(data, &a); err == nil {
			event.Changes = state.Snapshot(a)
		}
	case Changed:
		var d Delta
		if err = json.Unmarshal(data, &d); err == nil {
			event.Changes, event.CommittedAt = state.Delta(d), d.CommittedAt
		}
	case Reset:
		var reset struct{ Reason string }
		err = json.Unmarshal(data, &reset)
		event.Reason = reset.Reason
	case Stale, Fresh:
		var f freshness
		if err = json.Unmarshal(data, &f); err == nil {
			state.Freshness(kind == Stale, f.AsOf)
		}
	default:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("a %s frame is not what it should be: %w", kind, err)
	}
	return event, nil
}
