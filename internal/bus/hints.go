package bus

import (
	"sync"

	"vacancy/internal/booking"
)

// Hints are what a [Hinter] has to pass on: of each venue the highest revision. Any goroutine may add to them, one takes them.
type Hints struct {
	ready chan struct{}

	mu      sync.Mutex
	pending map[booking.VenueID]booking.Revision
}

// NewHints makes an empty set.
func NewHints() *Hints {
	return &Hints{ready: make(chan struct{}, 1), pending: make(map[booking.VenueID]booking.Revision)}
}

// Add adds one, and does not block. When [MaxHints] venues wait, another is lost.
func (h *Hints) Add(venue booking.VenueID, revision booking.Revision) {
	h.mu.Lock()
	known, waits := h.pending[venue]
	if waits || len(h.pending) < MaxHints {
		h.pending[venue] = max(known, revision)
	}
	h.mu.Unlock()
	select {
	case h.ready <- struct{}{}:
	default:
	}
}

// Ready gets a value when there is something to take.
func (h *Hints) Ready() <-chan struct{} { return h.ready }

// Take returns all that wait, and forgets them.
func (h *Hints) Take() map[booking.VenueID]booking.Revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	taken := h.pending
	h.pending = make(map[booking.VenueID]booking.Revision)
	return taken
}
