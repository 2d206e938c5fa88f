package view

// evict is the eviction of the view: it drops the venue that was read longest ago when there are too many, but not the one that was just
// loaded, nor one that is watched: its readers would never hear of a change again.
func (v *View) evict(just *entry) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.venues) <= v.config.MaxVenues {
		return
	}
	var oldest *entry
	for _, e := range v.venues {
		if e != just && (oldest == nil || e.used.Load() < oldest.used.Load()) && !v.listener.Watches(e.id) {
			oldest = e
		}
	}
	if oldest != nil {
		delete(v.venues, oldest.id)
	}
}
