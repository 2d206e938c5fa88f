package live

import (
	"cmp"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// index is what a hub has in memory. Hub.mu guards it.
type index struct {
	venues  map[booking.VenueID]*venue
	windows map[Query]*window
	// days counts the cells of all calendars, each with its calendar's weight.
	days int
	// full is Hub.idled when it was last found that nothing can be dropped.
	full uint64
}

// opening is a query with what is needed to open a window for it.
type opening struct {
	query Query
	// dates are those that need a day state.
	dates dateRange
	// weight is what each of them counts for.
	weight int
}

// findWindow finds the window of a query, and keeps it from being dropped until releaseWindow.
func (h *Hub) findWindow(q Query) *window {
	h.mu.RLock()
	defer h.mu.RUnlock()
	w := h.index.windows[q]
	if w != nil {
		w.acquire()
	}
	return w
}

// openWindow finds or makes a window, and keeps it from being dropped until releaseWindow. Changes are noted for it from now on, so
// the picture that it is computed of must be read afterwards. [ErrFull] if there is no room for it.
func (h *Hub) openWindow(o opening) (*window, error) {
	w, dropped := h.findOrAdd(o)
	for _, v := range dropped {
		v.worker.Stop()
	}
	if w == nil {
		return nil, ErrFull
	}
	return w, nil
}

// findOrAdd finds or makes a window, nil if there is no room. It returns the venues that were dropped for it.
func (h *Hub) findOrAdd(o opening) (w *window, dropped []*venue) {
	h.mu.Lock()
	defer h.mu.Unlock()
	dropped = h.makeRoom(o)
	if w = h.index.windows[o.query]; w == nil && h.fits(o) {
		w = h.index.add(h, o)
	}
	if w != nil {
		w.acquire()
	}
	return w, dropped
}

func (w *window) acquire() {
	w.users.Add(1)
	w.used.Store(time.Now().UnixNano())
}

// releaseWindow ends what findWindow or openWindow began.
func (h *Hub) releaseWindow(w *window) {
	if w.users.Add(-1) == 0 {
		h.idled.Add(1)
	}
}

func (x *index) add(h *Hub, o opening) *window {
	q := o.query
	v := x.venue(h, q.Venue)
	key := calendarKey{service: q.Service, resource: q.Resource}
	c := v.calendars[key]
	if c == nil {
		c = newCalendar(key, o.weight)
		v.calendars[key] = c
	}
	w := &window{query: q, venue: v, calendar: c, cells: make([]*cell, q.days())}
	c.windows[w] = struct{}{}
	x.windows[q] = w
	x.cover(w, o.dates)
	return w
}

// cover gives a window day states for dates. Those of a window that is not in the index are not counted: nobody would ever take them off.
func (x *index) cover(w *window, dates dateRange) {
	added := w.cover(dates) * w.calendar.weight
	if x.windows[w.query] != w {
		return
	}
	w.venue.days += added
	x.days += added
}

// watchedDays is how many days a window has a day state for.
func (h *Hub) watchedDays(w *window) (n int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range w.cells {
		if c != nil {
			n++
		}
	}
	return n
}

func (x *index) venue(h *Hub, id booking.VenueID) *venue {
	v := x.venues[id]
	if v == nil {
		v = h.newVenue(id)
		x.venues[id] = v
	}
	return v
}

// weightOf is what a day of a service counts for against the limit: one, unless it can have more than startsPerDay starts. The limit is
// there for the memory that days take, and a start a minute takes as much of it as fifteen days of common services.
func weightOf(s booking.Service) int { return 1 + int(24*time.Hour/s.Step)/startsPerDay }

// fits tells whether a new window stays within the limits: those of the node, and the venue's share of it.
func (h *Hub) fits(o opening) bool {
	x := &h.index
	more, ofVenue := o.dates.days(), 0
	if v := x.venues[o.query.Venue]; v != nil {
		ofVenue = v.days
		if c := v.calendars[calendarKey{service: o.query.Service, resource: o.query.Resource}]; c != nil {
			for i := range o.dates.days() {
				if c.cells[o.dates.first.AddDays(i)] != nil {
					more--
				}
			}
		}
	}
	more *= o.weight
	return len(x.windows) < h.config.MaxWindows && x.days+more <= h.config.MaxDayStates &&
		(more == 0 || ofVenue+more <= h.config.MaxVenueDayStates)
}

// makeRoom is the eviction of the hub: it drops windows that nobody uses, those that were asked for longest ago first, until the new one
// fits. It drops an eighth of them at least, so that its cost is shared by many queries. It returns the venues that nobody looks at any
// more.
func (h *Hub) makeRoom(o opening) (dropped []*venue) {
	x := &h.index
	if x.windows[o.query] != nil || h.fits(o) {
		return nil
	}
	idled := h.idled.Load()
	if x.full == idled { // nobody left a window since the last search, so another would find nothing either
		return nil
	}
	var idle []*window
	for _, w := range x.windows {
		if w.users.Load() == 0 {
			idle = append(idle, w)
		}
	}
	slices.SortFunc(idle, func(a, b *window) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for i, w := range idle {
		if i >= len(idle)/8 && h.fits(o) {
			return dropped
		}
		if v := x.drop(w); v != nil {
			dropped = append(dropped, v)
		}
	}
	x.full = idled
	return dropped
}

// drop forgets a window and the day states that only it looks at. It returns its venue if that has nothing else.
func (x *index) drop(w *window) *venue {
	delete(x.windows, w.query)
	delete(w.calendar.windows, w)
	for _, c := range w.cells {
		if c == nil {
			continue
		}
		c.windows = slices.DeleteFunc(c.windows, func(o *window) bool { return o == w })
		if len(c.windows) == 0 {
			delete(w.calendar.cells, c.date)
			w.venue.days -= w.calendar.weight
			x.days -= w.calendar.weight
		}
	}
	if len(w.calendar.windows) == 0 {
		delete(w.venue.calendars, w.calendar.key)
	}
	return x.dropVenue(w.venue)
}

// dropVenue forgets a venue that nobody looks at, and returns it.
func (x *index) dropVenue(v *venue) *venue {
	if len(v.calendars) > 0 || v.watchers.Load() > 0 || x.venues[v.id] != v {
		return nil
	}
	delete(x.venues, v.id)
	return v
}
