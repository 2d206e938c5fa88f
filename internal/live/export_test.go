package live

// KnowAll makes a hub believe that it can tell any reader what it lacks, whatever happened before its day states were built: the
// negative control of since.
func (h *Hub) KnowAll() {
	for _, v := range h.venues() {
		v.mu.Lock()
		h.mu.RLock()
		for _, w := range h.index.windows {
			if w.venue != v || w.current.Load() == nil {
				continue
			}
			st := *w.current.Load()
			st.since, st.catalogueRevision, st.frames = version{}, 0, new(frames)
			w.current.Store(&st)
			for _, c := range w.cells {
				if c != nil && c.day != nil {
					d := *c.day
					d.since = version{}
					c.day = &d
				}
			}
		}
		h.mu.RUnlock()
		v.mu.Unlock()
	}
}

// Size is how many day states and windows are in memory.
func (h *Hub) Size() (days, windows int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	cells := 0
	for _, v := range h.index.venues {
		for _, b := range v.calendars {
			cells += len(b.cells)
		}
	}
	if cells != h.index.days {
		panic("the days are miscounted")
	}
	return cells, len(h.index.windows)
}

// Venues is how many venues are in memory.
func (h *Hub) Venues() int { return len(h.venues()) }

// OccupyComputing takes every place for answers that are computed without being kept.
func (h *Hub) OccupyComputing() (done func()) {
	for range cap(h.computing) {
		h.computing <- struct{}{}
	}
	return func() {
		for range cap(h.computing) {
			<-h.computing
		}
	}
}
