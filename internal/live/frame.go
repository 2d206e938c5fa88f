package live

import (
	"iter"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"vacancy/internal/booking"
)

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
	// EventEvents has a page of a venue's events.
	EventEvents Event = "events"
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

// Frame is one message to a reader, as values. All readers that get the same share it: it never changes. Event says which of its
// fields are set.
type Frame struct {
	Event Event
	// Position is that of a snapshot or a delta: how far a reader is who has it.
	Position booking.Position
	Snapshot *Snapshot
	Delta    *Delta
	// Reason is that of a reset.
	Reason Reason
	// AsOf is, of stale and fresh, the last moment at which what is shown was known to equal the store.
	AsOf time.Time
	// Booking is a booking's document.
	Booking []byte
	// Page is the JSON object of a page of events.
	Page []byte
	// ReconnectAfter is, of a goodbye, after how long the reader should come back.
	ReconnectAfter time.Duration

	encoding sync.Once
	encoded  any
	// writers are the connections that are in the middle of writing it.
	writers atomic.Int32
}

// Encoded is what encode makes of the frame. It is called once for each frame: all who carry the frame share what it returned, so all
// of them must use the same function.
func (f *Frame) Encoded(encode func(f *Frame) any) any {
	f.encoding.Do(func() { f.encoded = encode(f) })
	return f.encoded
}

// Goodbye is the frame that ends a connection: the reader should come back after that time.
func Goodbye(reconnectAfter time.Duration) *Frame {
	return &Frame{Event: EventGoodbye, ReconnectAfter: reconnectAfter}
}

// Snapshot is everything that a query lists at one position.
type Snapshot struct {
	Query Query
	// Zone is the venue's; all times of slots are in it.
	Zone *time.Location
	// Stale says that the store cannot be read, and that this may lag behind it; AsOf is the last moment it was known not to.
	Stale bool
	AsOf  time.Time

	state *state
}

// AsStale is a snapshot that says of itself that it may lag behind the store, for somebody who has seen that it does.
func (f *Frame) AsStale() *Frame {
	s := *f.Snapshot
	s.Stale = true
	return &Frame{Event: f.Event, Position: f.Position, Snapshot: &s}
}

// Size is how many days the snapshot has, and about how many slots.
func (s *Snapshot) Size() (days, slots int) {
	for _, d := range s.state.days {
		slots += len(d.starts)
	}
	return len(s.state.days), slots
}

// Days are the days of the query, in order.
func (s *Snapshot) Days() iter.Seq[Day] {
	return func(yield func(Day) bool) {
		for i := range s.state.days {
			if !yield(Day{Date: s.state.date(i), Status: s.state.dayStatus(i), state: s.state, index: i}) {
				return
			}
		}
	}
}

// Day is one day of a snapshot.
type Day struct {
	Date booking.Date
	// Status is the best one of its slots; closed if it has none.
	Status booking.SlotStatus

	state *state
	index int
}

// Slots are what can be booked on the day by the rules of time, full ones too, in order.
func (d Day) Slots() iter.Seq[booking.Slot] {
	return func(yield func(booking.Slot) bool) {
		starts := d.state.days[d.index].starts
		for i := range starts {
			if !starts[i].gone && !yield(d.state.slot(&starts[i])) {
				return
			}
		}
	}
}

// Delta is what changed since a position.
type Delta struct {
	// CommittedAt is when the oldest of the changes was committed.
	CommittedAt time.Time

	state  *state
	starts []slotIndex
}

// Len is how many slots the delta has.
func (d *Delta) Len() int { return len(d.starts) }

// Slots are the slots that changed, as they are now. One that is gone is closed.
func (d *Delta) Slots() iter.Seq[booking.Slot] {
	return func(yield func(booking.Slot) bool) {
		for _, at := range d.starts {
			if !yield(d.state.slot(&d.state.days[at.day].starts[at.start])) {
				return
			}
		}
	}
}

// Days are the days that the slots are of, with the status that they have now, in order.
func (d *Delta) Days() iter.Seq2[booking.Date, booking.SlotStatus] {
	return func(yield func(booking.Date, booking.SlotStatus) bool) {
		last := -1
		for _, at := range d.starts {
			if at.day == last {
				continue
			}
			last = at.day
			if !yield(d.state.date(last), d.state.dayStatus(last)) {
				return
			}
		}
	}
}

// date is the date of the i-th day.
func (st *state) date(i int) booking.Date { return st.query.From.AddDays(i) }

// slot is a start as readers of the query see it, in the venue's zone.
func (st *state) slot(s *start) booking.Slot {
	slot := s.slot(st.service, st.query.Party)
	slot.Start, slot.End = slot.Start.In(st.zone), slot.End.In(st.zone)
	return slot
}

// dayStatus is the best status of a day's slots.
func (st *state) dayStatus(i int) booking.SlotStatus {
	best := booking.Closed
	for j := range st.days[i].starts {
		switch status := st.days[i].starts[j].slot(st.service, st.query.Party).Status; {
		case status == booking.Available:
			return booking.Available
		case status == booking.Limited, best == booking.Closed:
			best = status
		}
	}
	return best
}

// snapshot is the frame with everything that the state lists.
func (st *state) snapshot(stale bool, asOf time.Time) *Frame {
	st.frames.mu.Lock()
	defer st.frames.mu.Unlock()
	if f := st.frames.snapshot.Value(); f != nil && f.Snapshot.Stale == stale {
		if age := asOf.Sub(f.Snapshot.AsOf); age >= 0 && age < snapshotTTL {
			return f
		}
	}
	f := &Frame{
		Event: EventSnapshot, Position: st.version.position(st.epoch),
		Snapshot: &Snapshot{Query: st.query, Zone: st.zone, Stale: stale, AsOf: asOf, state: st},
	}
	st.frames.snapshot = weak.Make(f)
	return f
}

// delta is the frame with what a reader at the version lacks; nil if nothing. The version must be one that needs no reset.
func (st *state) delta(from version) *Frame {
	st.frames.mu.Lock()
	defer st.frames.mu.Unlock()
	if f, ok := st.frames.deltas[from]; ok {
		return f
	}
	var f *Frame
	if starts := st.slotsSince(from); len(starts) > 0 {
		f = &Frame{
			Event: EventDelta, Position: st.version.position(st.epoch),
			Delta: &Delta{CommittedAt: st.committedSince(from), state: st, starts: starts},
		}
	}
	if len(st.frames.deltas) < maxDeltas {
		if st.frames.deltas == nil {
			st.frames.deltas = make(map[version]*Frame, 1)
		}
		st.frames.deltas[from] = f
	}
	return f
}
