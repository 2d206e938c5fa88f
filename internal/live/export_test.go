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
			st.since, st.catalogue, st.encoded = mark{}, 0, new(encoded)
			w.current.Store(&st)
			for _, c := range w.cells {
				if c.day != nil {
					d := *c.day
					d.since = mark{}
					c.day = &d
				}
			}
		}
		h.mu.RUnlock()
		v.mu.Unlock()
	}
}
