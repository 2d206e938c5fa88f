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
	query    Query
	venue    *venue
	calendar *calendar
	// cells are of the days of the query, in order; nil for a date that cannot have starts, which is closed. covered are the dates
	// that have a cell. Both are written under venue.mu and Hub.mu.
	cells   []*cell
	covered dateRange

	// users are the subscriptions and the requests under way; a window without any may be dropped. It is raised under Hub.mu.
	users atomic.Int32
	// used is when it was last asked for, in Unix nanoseconds.
	used atomic.Int64

	// current is the newest state, and checkedAgainst the picture for which it is known to be right.
	current        atomic.Pointer[state]
	checkedAgainst atomic.Pointer[view.Picture]
	// askable is the newest picture of which it is known that the query can be asked of it.
	askable atomic.Pointer[view.Picture]
	// published is the state that readers get: the current one of a moment ago.
	published atomic.Pointer[state]

	// The rest is guarded by venue.mu.

	subs []*Subscription
	// pending: it waits in venue.pending, because something that it shows may have changed. oldest is when the oldest such change was
	// committed, merged how many there are.
	pending      bool
	oldestCommit time.Time
	merged       int
	// conflatingUntil is when it may publish again.
	conflatingUntil time.Time
}

// state is what a window shows at one moment. It never changes, but for the frames that are kept with it.
type state struct {
	query             Query
	epoch             booking.Epoch
	zone              *time.Location
	service           booking.Service
	days              []*day
	catalogueRevision booking.Revision

	// history counts how often the venue's history turned; states of different histories have nothing in common.
	history int
	// sequence counts the states that show something else than the one before. version and since are those of all days together.
	sequence       uint64
	version, since version
	// nextBoundary is when the next boundary of a day passes; zero: never.
	nextBoundary time.Time
	// transitions led here: the last one from sequence-1 to sequence, the one before it from sequence-2, and so on.
	transitions []transition
	// visible are the starts that look different since the last transition, if it led to this state.
	visible []slotIndex

	frames *frames
}

// transition is one change of sequence.
type transition struct {
	// from is how far one had seen who had seen the version before.
	from version
	// committed is when the oldest change was committed that the step brought.
	committed time.Time
}

// slotIndex is where a start stands in a state.
type slotIndex struct {
	day, start int
}

// frames are those that were made of a state, for all who ask for the same.
type frames struct {
	mu     sync.Mutex
	deltas map[version]*Frame
	// snapshot goes when nobody uses it any more and memory is collected; making it again is cheap.
	snapshot weak.Pointer[Frame]
}

// isCurrent tells whether the state is what the day states are now.
func (w *window) isCurrent(st *state) bool {
	return st != nil && st.history == w.venue.history &&
		slices.EqualFunc(st.days, w.cells, func(d *day, c *cell) bool { return d == c.current() })
}

// date is the date of the i-th day.
func (w *window) date(i int) booking.Date { return w.query.From.AddDays(i) }

// cover gives the window a cell for each of its dates that is among those given and has none. It returns how many cells are new.
func (w *window) cover(dates dateRange) (added int) {
	w.covered = dates
	for i := range w.cells {
		date := w.date(i)
		if w.cells[i] != nil || !dates.contains(date) {
			continue
		}
		c := w.calendar.cells[date]
		if c == nil {
			c = &cell{date: date}
			w.calendar.cells[date] = c
			added++
		}
		c.windows = append(c.windows, w)
		w.cells[i] = c
	}
	return added
}

// nextState is the state after old (nil: there is none), of what the day states are now. Its sequence differs if it looks different.
func (w *window) nextState(old *state) *state {
	p := w.venue.picture
	st := &state{
		query: w.query, epoch: p.Epoch, zone: p.Zone, service: w.calendar.service, catalogueRevision: w.calendar.catalogueRevision,
		days: make([]*day, len(w.cells)), history: w.venue.history, sequence: 1, frames: new(frames),
	}
	for i, c := range w.cells {
		d := c.current()
		st.days[i] = d
		st.version, st.since = st.version.merge(d.last), st.since.merge(d.since)
		st.nextBoundary = earlier(st.nextBoundary, d.nextBoundary)
	}
	w.addClosedDays(st)
	if old == nil {
		return st
	}
	st.sequence, st.transitions = old.sequence, old.transitions
	anew := st.history != old.history || st.since.newerThan(old.version)
	if st.history == old.history {
		st.version = st.version.merge(old.version) // positions never fall
	}
	if !anew {
		st.visible = st.visibleChanges(old)
	}
	if anew || len(st.visible) > 0 {
		st.sequence++
		st.transitions = st.transitions[max(len(st.transitions)-maxTransitions+1, 0):]
		st.transitions = append(st.transitions, transition{from: old.version, committed: w.oldestChange(old, st)})
	}
	return st
}

// addClosedDays takes the dates into a state that have no cell. They are closed since the last edit of the catalogue and, if they are
// past, since then; and the first that the horizon comes to needs a cell in time.
func (w *window) addClosedDays(st *state) {
	p, horizon := w.venue.picture, w.calendar.service.HorizonDays
	for i, c := range w.cells {
		if c != nil {
			continue
		}
		closed := version{revision: w.calendar.catalogueRevision}
		if date := w.date(i); date.Compare(w.covered.first) < 0 {
			closed.boundary = min(overAt(p.Zone, date).Unix(), w.venue.clock.Unix())
		} else {
			enters := entersAt(p.Zone, horizon, date)
			if soonest := w.venue.clock.Add(time.Minute); enters.Before(soonest) {
				enters = soonest
			}
			st.nextBoundary = earlier(st.nextBoundary, enters)
		}
		st.version, st.since = st.version.merge(closed), st.since.merge(closed)
	}
}

// oldestChange is when the oldest change was committed that leads from old to st.
func (w *window) oldestChange(old, st *state) time.Time {
	oldest := w.oldestCommit
	if oldest.IsZero() { // nobody watched
		for i, d := range st.days {
			if d != old.days[i] {
				oldest = earlier(oldest, d.committed)
			}
		}
	}
	return oldest
}

// visibleChanges are the starts that look different than they did in old.
func (st *state) visibleChanges(old *state) []slotIndex {
	var shown []slotIndex
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
			if known && old.slotView(&before[0]) != st.slotView(s) || !known && !s.gone {
				shown = append(shown, slotIndex{day: i, start: j})
			}
		}
	}
	return shown
}

// slotView is what readers see of a start, besides when it is.
type slotView struct {
	remaining, capacity int
	status              booking.SlotStatus
}

func (st *state) slotView(s *start) slotView {
	slot := s.slot(st.service, st.query.Party)
	return slotView{slot.Remaining, slot.Capacity, slot.Status}
}

// slotsSince are the starts that a reader at the given version lacks. Someone who has seen exactly the state before lacks only what
// the last transition changed visibly.
func (st *state) slotsSince(from version) []slotIndex {
	if n := len(st.transitions); n > 0 && st.transitions[n-1].from == from && st.visible != nil {
		return st.visible
	}
	var lacking []slotIndex
	for i, d := range st.days {
		if !d.last.newerThan(from) {
			continue
		}
		for j := range d.starts {
			if d.starts[j].changed.newerThan(from) {
				lacking = append(lacking, slotIndex{day: i, start: j})
			}
		}
	}
	return lacking
}

// committedSince is when the oldest change after the version was committed, as far as it is known.
func (st *state) committedSince(from version) time.Time {
	for _, s := range st.transitions {
		if !from.newerThan(s.from) {
			return s.committed
		}
	}
	var oldest time.Time
	for _, d := range st.days {
		if d.last.newerThan(from) {
			oldest = earlier(oldest, d.committed)
		}
	}
	return oldest
}

// versionAt is the version of a reader who was brought to an earlier sequence of the same history: what the last state of that
// sequence had. If that is forgotten, it is the version of the reader itself.
func (st *state) versionAt(version uint64, at version) version {
	if back := st.sequence - version; back >= 1 && back <= uint64(len(st.transitions)) {
		return st.transitions[uint64(len(st.transitions))-back].from
	}
	return at
}

// resetReason tells whether somebody who has seen that far must begin anew, and why.
func (st *state) resetReason(from version) (Reason, bool) {
	switch {
	case !st.since.newerThan(from):
		return "", false
	case st.catalogueRevision > from.revision:
		return ScheduleChanged, true
	}
	return PositionUnknown, true
}
