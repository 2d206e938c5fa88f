package live

import "strconv"

// Event names what a frame tells.
type Event string

// The events of the live protocol.
const (
	// EventSnapshot has everything that the query lists.
	EventSnapshot Event = "snapshot"
	// EventDelta has what changed, as it is now.
	EventDelta Event = "delta"
	// EventReset says why the reader must begin anew; a snapshot follows.
	EventReset Event = "reset"
	// EventStale and EventFresh say that what is shown may lag behind the store, or does not any more.
	EventStale Event = "stale"
	EventFresh Event = "fresh"
	// EventBooking has the document of one booking.
	EventBooking Event = "booking"
	// EventGoodbye is the last one of a connection that the server ends.
	EventGoodbye Event = "goodbye"
)

// Reason says why a reader must begin anew.
type Reason string

// The reasons of a reset.
const (
	// ScheduleChanged: the venue, the service or one of its resources was edited.
	ScheduleChanged Reason = "schedule_changed"
	// PositionUnknown: the node cannot tell what changed since the reader's position.
	PositionUnknown Reason = "position_unknown"
	// EpochChanged: the position is of another history of the database.
	EpochChanged Reason = "epoch_changed"
)

// Frame is one message to a reader. It is encoded once, and shared by all readers that get the same: do not change its bytes.
type Frame struct {
	Event Event
	// text is the frame as a server-sent event, and json the part of it that is the JSON object.
	text, json []byte
}

// Text is the frame as a server-sent event, from "event:" to the empty line.
func (f *Frame) Text() []byte { return f.text }

// JSON is the frame's object, without spaces. It has one member at least.
func (f *Frame) JSON() []byte { return f.json }

// newFrame makes a frame of what object appends. size is how long that may get; position is the event's id, "" for none.
func newFrame(event Event, position string, size int, object func(b []byte) []byte) *Frame {
	b := make([]byte, 0, size+len(position)+40)
	b = append(b, "event: "...)
	b = append(b, event...)
	if position != "" {
		b = append(b, "\nid: "...)
		b = append(b, position...)
	}
	b = append(b, "\ndata: "...)
	begin := len(b)
	b = object(b)
	end := len(b)
	b = append(b, "\n\n"...)
	return &Frame{Event: event, text: b, json: b[begin:end:end]}
}

func newResetFrame(reason Reason) *Frame {
	return newFrame(EventReset, "", 40, func(b []byte) []byte {
		return append(append(append(b, `{"reason":"`...), reason...), `"}`...)
	})
}

// Goodbye is the frame that ends a connection: the reader should come back after so many milliseconds. As a server-sent event it sets
// the browser's own delay too.
func Goodbye(reconnectAfterMillis int) *Frame {
	ms := strconv.Itoa(reconnectAfterMillis)
	f := newFrame(EventGoodbye, "", 40, func(b []byte) []byte {
		return append(append(append(b, `{"reconnect_after_ms":`...), ms...), '}')
	})
	f.text = append([]byte("retry: "+ms+"\n"), f.text...)
	return f
}

// newBookingFrame wraps the document of a booking. It is for one reader, and never a server-sent event.
func newBookingFrame(document []byte) *Frame {
	b := append([]byte(`{"booking":`), document...)
	return &Frame{Event: EventBooking, json: append(b, '}')}
}
