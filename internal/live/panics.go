package live

import "runtime/debug"

// Protect runs f. Should f panic, that ends f alone and not the server: it is logged with its stack, counted, and reported as false.
// Every goroutine that serves strangers runs under it.
func (h *Hub) Protect(what string, f func()) (ok bool) {
	defer func() {
		if cause := recover(); cause != nil {
			ok = false
			h.config.Metrics.Panicked()
			h.config.Log.Error("a live goroutine panicked; what it served begins anew",
				"serving", what, "panic", cause, "stack", string(debug.Stack()))
		}
	}()
	f()
	return true
}

// unlock ends what v.mu.Lock began. If what happened under it broke off, the state may be half made: it is dropped, the venue's readers
// begin anew, and the worker tries again a little later.
func (v *venue) unlock(done *bool) {
	defer v.mu.Unlock()
	if *done {
		return
	}
	v.pending = nil
	for w := range v.watched {
		w.pending = false
	}
	v.history++
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, c := range v.calendars {
		v.dropDays(c, v.clock)
	}
	if len(v.watched) > 0 {
		v.timer.Reset(panicRetryDelay)
	}
}
