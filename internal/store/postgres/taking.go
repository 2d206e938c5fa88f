package postgres

import (
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const (
	// wary is how long a venue's row is locked first after a race over it was lost. Whoever locks sees no races, so the optimistic
	// way is tried again then: under lasting contention that costs each node one lost race in so long.
	wary = 5 * time.Second

	// maxContested bounds the venues that are remembered. One that is forgotten costs a lost race.
	maxContested = 1024
)

// taking chooses the way in which each transaction takes its venues' rows.
type taking struct {
	configured Taking
	meter      Meter
	now        func() time.Time // monotonic

	mu sync.Mutex
	// contested are the venues over which races were lost lately, and until when their rows are locked first.
	contested map[booking.VenueID]time.Time
}

func newTaking(cfg Config) *taking {
	return &taking{configured: cfg.Taking, meter: cfg.Meter, now: time.Now, contested: make(map[booking.VenueID]time.Time)}
}

// way is [Optimistic] or [Pessimistic], for a transaction that begins.
func (t *taking) way(needs []store.Need) Taking {
	way := t.configured
	if way == Adaptive {
		way = t.learned(needs)
	}
	t.meter.Transaction(way)
	return way
}

func (t *taking) learned(needs []store.Need) Taking {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.contested) == 0 {
		return Optimistic
	}
	now := t.now()
	for _, need := range needs {
		if until, ok := t.contested[need.Venue]; ok {
			if now.Before(until) {
				return Pessimistic
			}
			delete(t.contested, need.Venue)
		}
	}
	return Optimistic
}

// lost learns of a transaction that must begin anew because a venue moved on. Of several venues it is not known which.
func (t *taking) lost(way Taking, needs []store.Need) {
	if way == Optimistic {
		t.meter.Lost()
	}
	if t.configured != Adaptive {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, need := range needs {
		if _, known := t.contested[need.Venue]; !known && len(t.contested) >= maxContested {
			t.forget(now)
		}
		t.contested[need.Venue] = now.Add(wary)
	}
}

// forget makes room for one venue: those whose time is over go, or else any one.
func (t *taking) forget(now time.Time) {
	for venue, until := range t.contested {
		if !now.Before(until) {
			delete(t.contested, venue)
		}
	}
	for venue := range t.contested {
		if len(t.contested) < maxContested {
			return
		}
		delete(t.contested, venue)
	}
}
