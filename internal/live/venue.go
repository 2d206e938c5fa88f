package live

import (
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// venue is a venue that somebody looks at.
type venue struct {
	id  booking.VenueID
	hub *Hub
	// days counts the cells of its calendars, each with its calendar's weight; guarded by Hub.mu.
	days  int
	queue changeQueue
	// watchers are the subscriptions, follows and watches, for whose sake the worker runs at every change.
	watchers atomic.Int32
	// awaiting are those of them that wait for a later term of the database.
	awaiting atomic.Int32
	// own is how fresh the venue is; guarded by Hub.freshnessMu for writing.
	own    atomic.Pointer[freshness]
	worker Worker // work
	timer  *time.Timer
	// calendars are guarded by Hub.mu.
	calendars map[calendarKey]*calendar

	mu sync.Mutex
	// picture is the newest that was taken in; of all changes up to trackedRevision it is known which starts they touched.
	picture         *view.Picture
	trackedRevision booking.Revision
	history         int
	// clock is the latest time of the store's clock that was seen.
	clock time.Time
	// watched are the windows that have subscriptions. None of their days has a boundary before the given one.
	watched  map[*window]struct{}
	boundary time.Time
	pending  []*window
	follows  map[booking.BookingID][]*Follow
	watches  []*Watch
	// queuedNotifications are sent when mu is free. The worker moves them to sending, which is its own.
	queuedNotifications, sending []notification
}

// notification is somebody to be called when no lock is held: a reader that may have something to pull or, if that is nil, the metrics, who
// hear of a state that was published.
type notification struct {
	waker   Waker
	age     time.Duration
	changes int
}

func (h *Hub) newVenue(id booking.VenueID) *venue {
	v := &venue{
		id: id, hub: h, calendars: make(map[calendarKey]*calendar), watched: make(map[*window]struct{}),
		follows: make(map[booking.BookingID][]*Follow),
	}
	v.worker.Work = func() { h.Protect("venue "+string(id), v.work) }
	v.timer = time.AfterFunc(maxTimerWait, v.worker.Trigger)
	v.timer.Stop()
	return v
}

// work does what is due: it takes the queued changes in, and publishes the watched windows that show something new.
func (v *venue) work() {
	v.update()
	defer func() { // also what is left when one of them panics
		clear(v.sending)
		v.sending = v.sending[:0]
	}()
	for _, c := range v.sending {
		if c.waker != nil {
			c.waker.Wake()
		} else {
			v.hub.config.Metrics.Published(c.age, c.changes)
		}
	}
}

// update is the part of the work that needs the lock.
func (v *venue) update() {
	v.mu.Lock()
	done := false
	defer v.unlock(&done)
	v.applyQueued(nil)
	if v.picture != nil {
		now := v.now()
		v.markPassedBoundaries(now)
		v.publishPending(now)
		v.setTimer()
	}
	v.queuedNotifications, v.sending = v.sending, v.queuedNotifications
	done = true
}

// readWindow brings a window to at least the given picture, and to now. mu is held.
func (v *venue) readWindow(w *window, seen *view.Picture) *state {
	v.applyQueued(seen)
	st := v.refresh(w, v.now())
	if len(v.pending) > 0 || len(v.queuedNotifications) > 0 {
		v.worker.Trigger()
	}
	return st
}

// now is the store's clock, which does not go back here.
func (v *venue) now() time.Time {
	now := v.hub.config.View.Now()
	switch back := v.clock.Sub(now); {
	case back <= 0:
		v.clock = now
	case back > clockStepTolerance:
		v.clock = now
		v.invalidateHistory()
	}
	return v.clock
}

// markPassedBoundaries finds the watched windows that a boundary of time has changed.
func (v *venue) markPassedBoundaries(now time.Time) {
	if v.boundary.IsZero() || now.Before(v.boundary) {
		return
	}
	v.boundary = time.Time{}
	for w := range v.watched {
		if next := w.current.Load().nextBoundary; next.IsZero() || now.Before(next) {
			v.boundary = earlier(v.boundary, next)
		} else {
			v.markOutdated(w, next)
		}
	}
}

// markOutdated has a watched window computed by the worker, for a change that was committed then.
func (v *venue) markOutdated(w *window, committed time.Time) {
	if len(w.subs) == 0 {
		return
	}
	w.oldestCommit = earlier(w.oldestCommit, committed)
	w.merged++
	v.addPending(w)
}

// addPending has the worker publish the window, if it is watched.
func (v *venue) addPending(w *window) {
	if !w.pending && len(w.subs) > 0 {
		w.pending = true
		v.pending = append(v.pending, w)
	}
}

// publishPending computes the pending windows that are not conflating, and publishes those that show something new.
func (v *venue) publishPending(now time.Time) {
	local := time.Now()
	conflating := v.pending[:0]
	for _, w := range v.pending {
		if local.Before(w.conflatingUntil) {
			conflating = append(conflating, w)
			continue
		}
		v.refresh(w, now)
		v.publish(w, local, now)
		w.pending = false
	}
	clear(v.pending[len(conflating):])
	v.pending = conflating
}

// publish publishes the window's current state, if its readers have another.
func (v *venue) publish(w *window, local, now time.Time) {
	st, old := w.current.Load(), w.published.Load()
	if old.sequence != st.sequence {
		w.conflatingUntil = local.Add(conflationInterval)
		for _, s := range w.subs {
			v.queuedNotifications = append(v.queuedNotifications, notification{waker: s.waker})
		}
		age := max(now.Sub(st.committedSince(old.version)), 0)
		v.queuedNotifications = append(v.queuedNotifications, notification{age: age, changes: w.merged})
	}
	w.published.Store(st)
	w.merged = 0
}

// setTimer sets the timer for what is due next.
func (v *venue) setTimer() {
	wait := maxTimerWait
	if !v.boundary.IsZero() {
		wait = min(wait, v.boundary.Sub(v.hub.config.View.Now())) // also while the venue's time stands still
	}
	for _, w := range v.pending {
		wait = min(wait, time.Until(w.conflatingUntil))
	}
	if len(v.watched) > 0 {
		v.timer.Reset(max(wait, 0))
	} else {
		v.timer.Stop()
	}
}

// refresh brings the window's current state to the venue's picture and to now.
func (v *venue) refresh(w *window, now time.Time) *state {
	if w.calendar.catalogueRevision == 0 {
		w.calendar.setCatalogue(v.picture)
	}
	v.cover(w, now)
	v.compute(w, now)
	st := w.current.Load()
	if !w.isCurrent(st) {
		old := st
		st = w.nextState(old)
		w.current.Store(st)
		v.boundary = earlier(v.boundary, st.nextBoundary)
		if old == nil || st.sequence != old.sequence {
			v.addPending(w)
		}
	}
	w.oldestCommit = time.Time{}
	w.checkedAgainst.Store(v.picture)
	return st
}

// cover gives a window day states for the dates that can have starts now.
func (v *venue) cover(w *window, now time.Time) {
	dates := bookableDates(v.picture.Zone, w.calendar.service.HorizonDays, now)
	if dates == w.covered {
		return
	}
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	v.hub.index.cover(w, dates)
}

// compute computes the window's days that are out of date, each run of them at once.
func (v *venue) compute(w *window, now time.Time) {
	for i := 0; i < len(w.cells); i++ {
		first := i
		for i < len(w.cells) && w.cells[i].outdated(now) {
			i++
		}
		if i > first {
			w.calendar.compute(v.picture, now, w.cells[first:i])
		}
	}
}
