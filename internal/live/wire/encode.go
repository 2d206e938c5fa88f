package wire

import (
	"strconv"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

const (
	// microseconds is the form of committed_at: the age of an update is measured by it.
	microseconds = "2006-01-02T15:04:05.000000Z"
	// milliseconds is the form of as_of.
	milliseconds = "2006-01-02T15:04:05.000Z"
)

// encoding is what is kept with a frame for all its readers: one buffer with the server-sent event, and the JSON inside it.
type encoding struct {
	event []byte
	json  []byte

	compressing sync.Once
	compressed  []byte

	compressingEvent sync.Once
	compressedEvent  []byte
}

func encodingOf(f *live.Frame) *encoding {
	return f.Encoded(func(f *live.Frame) any { return encode(f) }).(*encoding) //nolint:errcheck,forcetypeassert // no other is made
}

// JSON is the frame's object, without spaces. It has one member at least. That of a snapshot is the body of GET.
func JSON(f *live.Frame) []byte { return encodingOf(f).json }

// Compressed is what compress makes of the frame's JSON, which happens once for all who ask; nil if it is not to be used.
func Compressed(f *live.Frame, compress func([]byte) []byte) []byte {
	e := encodingOf(f)
	e.compressing.Do(func() { e.compressed = compress(e.json) })
	return e.compressed
}

// EventStream is the frame as a server-sent event, to its empty line.
func EventStream(f *live.Frame) []byte { return encodingOf(f).event }

func encode(f *live.Frame) *encoding {
	position := ""
	if f.Position != (booking.Position{}) {
		position = f.Position.String()
	}
	b := make([]byte, 0, sizeOf(f)+len(position)+40)
	if f.Event == live.EventGoodbye { // it sets the browser's own delay as well
		b = append(strconv.AppendInt(append(b, "retry: "...), f.ReconnectAfter.Milliseconds(), 10), '\n')
	}
	b = append(append(b, "event: "...), f.Event...)
	if position != "" {
		b = append(append(b, "\nid: "...), position...)
	}
	b = append(b, "\ndata: "...)
	begin := len(b)
	b = appendObject(b, f, position)
	end := len(b)
	b = append(b, "\n\n"...)
	return &encoding{event: b, json: b[begin:end:end]}
}

// sizeOf is about how long the JSON of a frame is.
func sizeOf(f *live.Frame) int {
	switch f.Event {
	case live.EventSnapshot:
		days, slots := f.Snapshot.Size()
		return envelopeSize + daySize*days + slotSize*slots
	case live.EventDelta:
		return envelopeSize + (daySize+slotSize)*f.Delta.Len()
	case live.EventReset, live.EventStale, live.EventFresh, live.EventBooking, live.EventEvents, live.EventGoodbye:
	}
	return 50 + len(f.Booking) + len(f.Page)
}

func appendObject(b []byte, f *live.Frame, position string) []byte {
	switch f.Event {
	case live.EventSnapshot:
		return appendSnapshot(b, f.Snapshot, f.Position, position)
	case live.EventDelta:
		return appendDelta(b, f.Delta, position)
	case live.EventReset:
		return append(append(append(b, `{"reason":"`...), f.Reason...), `"}`...)
	case live.EventStale, live.EventFresh:
		return append(f.AsOf.UTC().AppendFormat(append(b, `{"as_of":"`...), milliseconds), `"}`...)
	case live.EventBooking:
		return append(append(append(b, `{"booking":`...), f.Booking...), '}')
	case live.EventEvents:
		return append(b, f.Page...)
	case live.EventGoodbye:
		return append(strconv.AppendInt(append(b, `{"reconnect_after_ms":`...), f.ReconnectAfter.Milliseconds(), 10), '}')
	}
	return append(b, "{}"...)
}

func appendSnapshot(b []byte, s *live.Snapshot, at booking.Position, position string) []byte {
	b = append(append(b, `{"venue":"`...), s.Query.Venue...)
	b = append(append(b, `","service":"`...), s.Query.Service...)
	b = append(append(b, `","time_zone":"`...), s.Zone.String()...)
	b = append(append(b, `","position":"`...), position...)
	b = append(append(b, `","values_at":{"epoch":"`...), at.Epoch...)
	b = strconv.AppendInt(append(b, `","term":`...), at.Epoch.Term(), 10)
	b = strconv.AppendUint(append(b, `,"revision":`...), uint64(at.Revision), 10)
	b = s.AsOf.UTC().AppendFormat(append(b, `},"as_of":"`...), milliseconds)
	b = strconv.AppendBool(append(b, `","stale":`...), s.Stale)
	b = append(b, `,"days":[`...)
	for day := range s.Days() {
		b = appendDay(b, day.Date, day.Status)
		b = append(b, `,"slots":[`...)
		for slot := range day.Slots() {
			b = append(AppendSlot(b, slot), ',')
		}
		b = append(trimComma(b), "]},"...)
	}
	return append(trimComma(b), "]}"...)
}

func appendDelta(b []byte, d *live.Delta, position string) []byte {
	b = append(append(b, `{"position":"`...), position...)
	b = d.CommittedAt.UTC().AppendFormat(append(b, `","committed_at":"`...), microseconds)
	b = append(b, `","slots":[`...)
	for slot := range d.Slots() {
		b = append(AppendSlot(b, slot), ',')
	}
	b = append(trimComma(b), `],"days":[`...)
	for date, status := range d.Days() {
		b = append(appendDay(b, date, status), "},"...)
	}
	return append(trimComma(b), "]}"...)
}

// appendDay appends the beginning of a day's object. The caller adds its slots, if any, and its end.
func appendDay(b []byte, date booking.Date, status booking.SlotStatus) []byte {
	b = append(append(b, `{"date":"`...), date.String()...)
	b = append(append(b, `","status":"`...), status...)
	return append(b, '"')
}

// AppendSlot appends a slot's JSON: the one that GET, frames and events have.
func AppendSlot(b []byte, slot booking.Slot) []byte {
	b = slot.Start.AppendFormat(append(b, `{"start":"`...), time.RFC3339)
	b = slot.End.AppendFormat(append(b, `","end":"`...), time.RFC3339)
	b = strconv.AppendInt(append(b, `","remaining":`...), int64(slot.Remaining), 10)
	b = strconv.AppendInt(append(b, `,"capacity":`...), int64(slot.Capacity), 10)
	b = append(append(b, `,"status":"`...), slot.Status...)
	return append(b, `"}`...)
}

// trimComma takes the comma after a list's last item away.
func trimComma(b []byte) []byte {
	if n := len(b) - 1; b[n] == ',' {
		return b[:n]
	}
	return b
}
