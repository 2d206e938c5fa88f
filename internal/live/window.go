package live

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// window is a query over the day states that it looks at.
type window struct {
	query Query
	venue *venue
	board *board
	cells []*cell // one for each day of the query, in order

	// users are the subscriptions and the calls under way; a window without any may be dropped. It is raised under Hub.mu.
	users atomic.Int32
	// used is when it was last asked for, in Unix nanoseconds.
	used atomic.Int64

	// current is the newest state, and checked the picture for which it is known to be right.
	current atomic.Pointer[state]
	checked atomic.Pointer[view.Picture]
	// published is the state that readers get: the current one of a moment ago.
	published atomic.Pointer[state]

	// The rest is guarded by venue.mu.

	subs []*Subscription
	// pending: it waits in venue.pending, because something that it shows may have changed. oldest is when the oldest such change was
	// committed, merged how many there are.
	pending bool
	oldest  time.Time
	merged  int
	// resting is when it may publish again.
	resting time.Time
}

// state is what a window shows at one moment. It never changes, but for what is kept of its encodings.
type state struct {
	query     Query
	epoch     booking.Epoch
	zone      *time.Location
	service   booking.Service
	days      []*day
	catalogue booking.Revision

	// history counts how often the venue's history turned; states of different histories have nothing in common.
	history int
	// version counts the states that show something else than the one before. at and since are those of all days together.
	version   uint64
	at, since mark
	// next is when the next boundary of a day passes; zero: never.
	next time.Time
	// steps led here: the last one from version-1 to version, the one before it from version-2, and so on.
	steps []step
	// shown are the starts that the last step changed to the eye, if it is this state that took the step.
	shown []place

	encoded *encoded
}

// step is one change of version.
type step struct {
	// from is how far one had seen who had seen the version before.
	from mark
	// committed is when the oldest change was committed that the step brought.
	committed time.Time
}

// maxSteps bounds how many steps a state remembers: three seconds of them at full pace.
const maxSteps = 64

// place is where a start stands in a state.
type place struct {
	day, start int
}

// encoded keeps what was encoded of a state, for all who ask for the same.
type encoded struct {
	mu     sync.Mutex
	deltas map[mark]*Frame
	// body goes when nobody uses it any more and memory is collected; making it again is cheap.
	body weak.Pointer[body]
}

// shows tells whether the state is what the day states are now.
func (w *window) shows(st *state) bool {
	return st != nil && st.history == w.venue.history &&
		slices.EqualFunc(st.days, w.cells, func(d *day, c *cell) bool { return d == c.day })
}

// successor is the state after old (nil: there is none), of what the day states are now. Its version differs if it looks different.
func (w *window) successor(old *state) *state {
	p := w.venue.picture
	st := &state{
		query: w.query, epoch: p.Epoch, zone: p.Zone, service: w.board.service, catalogue: w.board.catalogue,
		days: make([]*day, len(w.cells)), history: w.venue.history, version: 1, encoded: new(encoded),
	}
	for i, c := range w.cells {
		st.days[i] = c.day
		st.at, st.since, st.next = st.at.with(c.day.last), st.since.with(c.day.since), earlier(st.next, c.day.next)
	}
	if old == nil {
		return st
	}
	st.version, st.steps = old.version, old.steps
	anew := st.history != old.history || st.since.after(old.at)
	if st.history == old.history {
		st.at = st.at.with(old.at) // positions never fall
	}
	if !anew {
		st.shown = st.differences(old)
	}
	if anew || len(st.shown) > 0 {
		st.version++
		st.steps = append(st.steps[max(len(st.steps)-maxSteps+1, 0):], step{from: old.at, committed: w.oldestChange(old, st)})
	}
	return st
}

// oldestChange is when the oldest change was committed that leads from old to st.
func (w *window) oldestChange(old, st *state) time.Time {
	oldest := w.oldest
	if oldest.IsZero() { // nobody watched
		for i, d := range st.days {
			if d != old.days[i] {
				oldest = earlier(oldest, d.committed)
			}
		}
	}
	return oldest
}

// differences are the starts that look different than they did in old.
func (st *state) differences(old *state) []place {
	var shown []place
	for i, d := range st.days {
		before := old.days[i].starts
		if d == old.days[i] {
			continue
		}
		for j := range d.starts {
			s := &d.starts[j]
			for len(before) > 0 && before[0].Start.Start.Before(s.Start.Start) {
				before = before[1:]
			}
			known := len(before) > 0 && before[0].Start.Start.Equal(s.Start.Start)
			if known && old.look(&before[0]) != st.look(s) || !known && !s.gone {
				shown = append(shown, place{day: i, start: j})
			}
		}
	}
	return shown
}

// look is what readers see of a start, besides when it is.
type look struct {
	remaining, capacity int
	status              booking.SlotStatus
}

func (st *state) look(s *start) look {
	slot := s.slot(st.service, st.query.Party)
	return look{slot.Remaining, slot.Capacity, slot.Status}
}

// lacks are the starts that a reader at the given mark lacks. Someone who has seen exactly the version before lacks only what the
// last step changed to the eye.
func (st *state) lacks(from mark) []place {
	if n := len(st.steps); n > 0 && st.steps[n-1].from == from && st.shown != nil {
		return st.shown
	}
	var lacking []place
	for i, d := range st.days {
		if !d.last.after(from) {
			continue
		}
		for j := range d.starts {
			if d.starts[j].changed.after(from) {
				lacking = append(lacking, place{day: i, start: j})
			}
		}
	}
	return lacking
}

// committedSince is when the oldest change after the mark was committed, as far as it is known.
func (st *state) committedSince(from mark) time.Time {
	for _, s := range st.steps {
		if !from.after(s.from) {
			return s.committed
		}
	}
	var oldest time.Time
	for _, d := range st.days {
		if d.last.after(from) {
			oldest = earlier(oldest, d.committed)
		}
	}
	return oldest
}

// behind is the mark of a reader who was brought to an earlier version of the same history: what the last state of that version had.
// If that is forgotten, it is the mark of the reader itself.
func (st *state) behind(version uint64, at mark) mark {
	if back := st.version - version; back >= 1 && back <= uint64(len(st.steps)) {
		return st.steps[uint64(len(st.steps))-back].from
	}
	return at
}

// reset tells whether somebody who has seen that far must begin anew, and why.
func (st *state) reset(from mark) (Reason, bool) {
	switch {
	case !st.since.after(from):
		return "", false
	case st.catalogue > from.revision:
		return ScheduleChanged, true
	}
	return PositionUnknown, true
}
