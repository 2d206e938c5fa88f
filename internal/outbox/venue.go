package outbox

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// venue is what the relay knows of one venue while it has the lease of its shard.
type venue struct {
	id    booking.VenueID
	shard store.Shard
	// worked belongs to the worker that has the venue.
	worked

	// The queue's lock guards what follows.
	state venueState
	// heard is the highest revision heard of since the venue was given to a worker; again tells that something was.
	heard booking.Revision
	again bool
	// sent is the revision up to which all is sent, known the highest that was seen or heard of. Both are 0 if nothing is known.
	sent, known booking.Revision
	// unsentSince is about when the oldest unsent change was committed; zero if there is none.
	unsentSince time.Time
	// failures is how many of its turns in a row have failed, for its own fault.
	failures int
	// wakeAt is when a delayed venue is ready again, or something of an idle one is due. In the heap of timers if index is not -1.
	wakeAt time.Time
	index  int
	// forgotten: its shard was lost while a worker had it.
	forgotten bool
	probing   bool
	// line is the one that it stands in, previous and next the venues before and behind it.
	line           *line
	previous, next *venue
}

// venueState is where a venue is.
type venueState uint8

const (
	// idle: there is nothing to send. It may wait for a due time.
	idle venueState = iota
	// ready: it stands in one of the lines.
	ready
	// busy: a worker has it.
	busy
	// delayed: it waits after an error.
	delayed
)

// line is a queue of venues, linked through them, so that to stand in line needs no memory.
type line struct{ first, last *venue }

func (l *line) empty() bool { return l.first == nil }

func (l *line) push(v *venue) {
	v.line, v.previous, v.next = l, l.last, nil
	if l.last == nil {
		l.first = v
	} else {
		l.last.next = v
	}
	l.last = v
}

// pop takes out the first; nil if there is none.
func (l *line) pop() *venue {
	v := l.first
	if v != nil {
		l.remove(v)
	}
	return v
}

// remove takes out a venue that stands in the line.
func (l *line) remove(v *venue) {
	if v.previous == nil {
		l.first = v.next
	} else {
		v.previous.next = v.next
	}
	if v.next == nil {
		l.last = v.previous
	} else {
		v.next.previous = v.previous
	}
	v.line, v.previous, v.next = nil, nil, nil
}
