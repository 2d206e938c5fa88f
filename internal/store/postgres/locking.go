package postgres

import (
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// LockingMode is how a transaction takes the rows of its venues.
type LockingMode string

const (
	// Optimistic reads without a lock, and has the commit fail if a venue's revision has moved meanwhile; then the transaction
	// begins anew. Best while few nodes write to the same venue.
	Optimistic LockingMode = "optimistic"
	// Pessimistic locks the rows first, so that nothing is done in vain. Best while several nodes write to the same venue.
	Pessimistic LockingMode = "pessimistic"
	// Adaptive is optimistic until a venue sees a conflict, and pessimistic for that venue for a while then.
	Adaptive LockingMode = "adaptive"
)

// locking chooses how each transaction takes its venues' rows.
type locking struct {
	configured LockingMode
	meter      Meter
	now        func() time.Time // monotonic

	mu sync.Mutex
	// contested are the venues over which races were lost lately, and how long their rows are locked first.
	contested map[booking.VenueID]time.Time
}

func newLocking(cfg Config) *locking {
	return &locking{configured: cfg.Locking, meter: cfg.Meter, now: time.Now, contested: make(map[booking.VenueID]time.Time)}
}

// mode is [Optimistic] or [Pessimistic], for a transaction that begins.
func (l *locking) mode(needs []store.Need) LockingMode {
	mode := l.configured
	if mode == Adaptive {
		mode = l.learned(needs)
	}
	l.meter.Transaction(mode)
	return mode
}

func (l *locking) learned(needs []store.Need) LockingMode {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.contested) == 0 {
		return Optimistic
	}
	now := l.now()
	for _, need := range needs {
		if deadline, ok := l.contested[need.Venue]; ok {
			if now.Before(deadline) {
				return Pessimistic
			}
			delete(l.contested, need.Venue)
		}
	}
	return Optimistic
}

// lost learns of a transaction that must begin anew because a venue moved on. Of several venues it is not known which.
func (l *locking) lost(mode LockingMode, needs []store.Need) {
	if mode == Optimistic {
		l.meter.Lost()
	}
	if l.configured != Adaptive {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, need := range needs {
		if _, known := l.contested[need.Venue]; !known && len(l.contested) >= maxContested {
			l.forget(now)
		}
		l.contested[need.Venue] = now.Add(lockFirstFor)
	}
}

// forget makes room for one venue: those whose time is over go, or else any one.
func (l *locking) forget(now time.Time) {
	for venue, deadline := range l.contested {
		if !now.Before(deadline) {
			delete(l.contested, venue)
		}
	}
	for venue := range l.contested {
		if len(l.contested) < maxContested {
			return
		}
		delete(l.contested, venue)
	}
}
