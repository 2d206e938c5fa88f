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
}

// findWindow finds the window of a query, and keeps it from being dropped until release.
func (h *Hub) findWindow(q Query) *window {
	h.mu.RLock()
	defer h.mu.RUnlock()
	w := h.index.windows[q]
	if w != nil {
		w.users.Add(1)
		w.used.Store(time.Now().UnixNano())
	}
	return w
}

// releaseWindow ends what findWindow or openWindow began.
func (h *Hub) releaseWindow(w *window) { w.users.Add(-1) }

// openWindow finds or makes the window of a query, which must have been checked. Changes are noted for it from now on, so the picture that
// it is computed of must be read afterwards. [ErrFull] if there is no room for it.
func (h *Hub) openWindow(q Query, weight int) (*window, error) {
	if w := h.findWindow(q); w != nil {
		return w, nil
	}
	h.mu.Lock()
	dropped := h.makeRoom(q, weight)
	w, err := h.index.window(h, q, weight)
	h.mu.Unlock()
	for _, v := range dropped {
		v.worker.Stop()
	}
	return w, err
}

// window finds or makes a window with one user.
func (x *index) window(h *Hub, q Query, weight int) (*window, error) {
	w, ok := x.windows[q]
	if !ok {
		if !x.fits(h, q, weight) {
			return nil, ErrFull
		}
		w = x.add(h, q, weight)
	}
	w.users.Add(1)
	w.used.Store(time.Now().UnixNano())
	return w, nil
}

func (x *index) add(h *Hub, q Query, weight int) *window {
	v := x.venue(h, q.Venue)
	of := calendarKey{service: q.Service, resource: q.Resource}
	b := v.calendars[of]
	if b == nil {
		b = &calendar{key: of, weight: weight, cells: make(map[booking.Date]*cell)}
		v.calendars[of] = b
	}
	w := &window{query: q, venue: v, calendar: b, cells: make([]*cell, 0, q.days())}
	for i := range q.days() {
		date := q.From.AddDays(i)
		c := b.cells[date]
		if c == nil {
			c = &cell{date: date}
			b.cells[date] = c
			x.days += b.weight
		}
		c.windows = append(c.windows, w)
		w.cells = append(w.cells, c)
	}
	x.windows[q] = w
	return w
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

// fits tells whether a new window stays within the limits.
func (x *index) fits(h *Hub, q Query, weight int) bool {
	more := q.days()
	if v := x.venues[q.Venue]; v != nil {
		if b := v.calendars[calendarKey{service: q.Service, resource: q.Resource}]; b != nil {
			for i := range q.days() {
				if b.cells[q.From.AddDays(i)] != nil {
					more--
				}
			}
		}
	}
	return len(x.windows) < h.config.MaxWindows && x.days+more*weight <= h.config.MaxDays
}

// makeRoom drops windows that nobody uses, those that were asked for longest ago first, until the query fits. It drops an eighth of
// them at least, so that its cost is shared by many queries. It returns the venues that nobody looks at any more.
func (h *Hub) makeRoom(q Query, weight int) (dropped []*venue) {
	x := &h.index
	if x.windows[q] != nil || x.fits(h, q, weight) {
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
		if i >= len(idle)/8 && x.fits(h, q, weight) {
			break
		}
		if v := x.drop(w); v != nil {
			dropped = append(dropped, v)
		}
	}
	return dropped
}

// drop forgets a window and the day states that only it looks at. It returns its venue if that has nothing else.
func (x *index) drop(w *window) *venue {
	delete(x.windows, w.query)
	for _, c := range w.cells {
		c.windows = slices.DeleteFunc(c.windows, func(o *window) bool { return o == w })
		if len(c.windows) == 0 {
			delete(w.calendar.cells, c.date)
			x.days -= w.calendar.weight
		}
	}
	if len(w.calendar.cells) == 0 {
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
