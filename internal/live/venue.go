package live

import (
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

const (
	// rest is how long a window does not publish again after it did.
	rest = 50 * time.Millisecond
	// slack is how far the store's clock may be put back without anybody's notice: time stands still until it has caught up.
	slack = 10 * time.Second
	// longestWait bounds how long the timer waits, in case the store's clock and ours run at different speeds.
	longestWait = time.Minute
)

// venue is a venue that somebody looks at.
type venue struct {
	id    booking.VenueID
	hub   *Hub
	inbox inbox
	// watchers are the subscriptions and follows, for whose sake the errand runs at every change.
	watchers atomic.Int32
	// own is how fresh the venue is; guarded by Hub.noting for writing.
	own    atomic.Pointer[freshness]
	errand Errand // publish
	timer  *time.Timer
	// boards are guarded by Hub.mu.
	boards map[choice]*board

	mu sync.Mutex
	// picture is the newest that was taken in; of all changes up to told it is known which starts they touched.
	picture *view.Picture
	told    booking.Revision
	history int
	// clock is the latest time that was looked at.
	clock time.Time
	// watched are the windows that have subscriptions. None of their days has a boundary before the given one.
	watched  map[*window]struct{}
	boundary time.Time
	pending  []*window
	follows  map[booking.BookingID][]*Follow
	// calls are for when mu is free. The errand makes them, and keeps them in making meanwhile, which is its own.
	calls, making []call
}

// call is somebody to be called when no lock is held: a reader that may have something to pull or, if that is nil, the metrics, who
// hear of a state that was published.
type call struct {
	waker   Waker
	age     time.Duration
	changes int
}

func (h *Hub) newVenue(id booking.VenueID) *venue {
	v := &venue{
		id: id, hub: h, boards: make(map[choice]*board), watched: make(map[*window]struct{}),
		follows: make(map[booking.BookingID][]*Follow),
	}
	v.errand.Do = v.publish
	v.timer = time.AfterFunc(longestWait, v.errand.Ask)
	v.timer.Stop()
	return v
}

// publish does what is due: it takes the news in, and shows watched windows what is new.
func (v *venue) publish() {
	v.mu.Lock()
	v.sync(nil)
	if v.picture != nil {
		now := v.now()
		v.pass(now)
		v.settle(now)
		v.arm()
	}
	v.calls, v.making = v.making, v.calls
	v.mu.Unlock()
	for _, c := range v.making {
		if c.waker != nil {
			c.waker.Wake()
		} else {
			v.hub.config.Metrics.Published(c.age, c.changes)
		}
	}
	clear(v.making)
	v.making = v.making[:0]
}

// read brings a window to at least the given picture, and to now. mu is held.
func (v *venue) read(w *window, seen *view.Picture) *state {
	v.sync(seen)
	st := v.refresh(w, v.now())
	if len(v.pending) > 0 || len(v.calls) > 0 {
		v.errand.Ask()
	}
	return st
}

// now is the store's clock, which does not go back here.
func (v *venue) now() time.Time {
	now := v.hub.config.View.Now()
	switch back := v.clock.Sub(now); {
	case back <= 0:
		v.clock = now
	case back > slack:
		v.clock = now
		v.turn()
	}
	return v.clock
}

// pass finds the watched windows that a boundary of time has changed.
func (v *venue) pass(now time.Time) {
	if v.boundary.IsZero() || now.Before(v.boundary) {
		return
	}
	v.boundary = time.Time{}
	for w := range v.watched {
		if next := w.current.Load().next; next.IsZero() || now.Before(next) {
			v.boundary = earlier(v.boundary, next)
		} else {
			v.due(w, next)
		}
	}
}

// due has a watched window computed soon, for a change that was committed then.
func (v *venue) due(w *window, committed time.Time) {
	if len(w.subs) == 0 {
		return
	}
	w.oldest = earlier(w.oldest, committed)
	w.merged++
	v.enlist(w)
}

// enlist has the errand publish the window, if it is watched.
func (v *venue) enlist(w *window) {
	if !w.pending && len(w.subs) > 0 {
		w.pending = true
		v.pending = append(v.pending, w)
	}
}

// settle computes the pending windows that are not resting, and publishes those that show something new.
func (v *venue) settle(now time.Time) {
	local := time.Now()
	resting := v.pending[:0]
	for _, w := range v.pending {
		if local.Before(w.resting) {
			resting = append(resting, w)
			continue
		}
		v.refresh(w, now)
		v.show(w, local, now)
		w.pending = false
	}
	clear(v.pending[len(resting):])
	v.pending = resting
}

// show publishes the window's current state, if its readers have another.
func (v *venue) show(w *window, local, now time.Time) {
	st, old := w.current.Load(), w.published.Load()
	if old.version != st.version {
		w.resting = local.Add(rest)
		for _, s := range w.subs {
			v.calls = append(v.calls, call{waker: s.waker})
		}
		v.calls = append(v.calls, call{age: max(now.Sub(st.committedSince(old.at)), 0), changes: w.merged})
	}
	w.published.Store(st)
	w.merged = 0
}

// arm sets the timer for what is due next.
func (v *venue) arm() {
	wait := longestWait
	if !v.boundary.IsZero() {
		wait = min(wait, v.boundary.Sub(v.hub.config.View.Now())) // also while the venue's time stands still
	}
	for _, w := range v.pending {
		wait = min(wait, time.Until(w.resting))
	}
	if len(v.watched) > 0 {
		v.timer.Reset(max(wait, 0))
	} else {
		v.timer.Stop()
	}
}

// refresh brings the window's current state to the venue's picture and to now.
func (v *venue) refresh(w *window, now time.Time) *state {
	if w.board.catalogue == 0 {
		w.board.take(v.picture)
	}
	v.compute(w, now)
	st := w.current.Load()
	if !w.shows(st) {
		old := st
		st = w.successor(old)
		w.current.Store(st)
		v.boundary = earlier(v.boundary, st.next)
		if old == nil || st.version != old.version {
			v.enlist(w)
		}
	}
	w.oldest = time.Time{}
	w.checked.Store(v.picture)
	return st
}

// compute computes the window's days that are out of date, each run of them at once.
func (v *venue) compute(w *window, now time.Time) {
	for i := 0; i < len(w.cells); i++ {
		first := i
		for i < len(w.cells) && w.cells[i].wrong(now) {
			i++
		}
		if i > first {
			w.board.compute(v.picture, now, w.cells[first:i])
		}
	}
}
