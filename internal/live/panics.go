package live

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Protect runs f. Should f panic, that ends f alone and not the server: it is counted, reported as false, and logged with its stack once
// in a while: a stranger who has found out how to cause one must not fill the disk with it. Every goroutine that serves strangers runs
// under it.
func (h *Hub) Protect(what string, f func()) (ok bool) {
	defer func() {
		if cause := recover(); cause != nil {
			ok = false
			h.config.Metrics.Panicked()
			h.panics.log(h.config.Log, what, cause)
		}
	}()
	f()
	return true
}

// panicLog bounds what is logged of panics.
type panicLog struct {
	mu      sync.Mutex
	next    time.Time // when one is logged again
	omitted int       // since the last that was
}

func (p *panicLog) log(log *slog.Logger, what string, cause any) {
	p.mu.Lock()
	now, omitted := time.Now(), p.omitted
	if now.Before(p.next) {
		p.omitted++
		p.mu.Unlock()
		return
	}
	p.next, p.omitted = now.Add(panicLogInterval), 0
	p.mu.Unlock()
	log.Error("a live goroutine panicked; what it served begins anew",
		"serving", what, "panic", cause, "not_logged_before", omitted, "stack", string(debug.Stack()))
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
