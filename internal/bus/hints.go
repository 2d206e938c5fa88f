package bus

import (
	"context"
	"slices"
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

// Watchers are the calls of Watch that are under way. The zero value has none.
type Watchers struct {
	mu  sync.Mutex
	all []*Hints
}

// Add tells each watcher, and does not block.
func (w *Watchers) Add(venue booking.VenueID, revision booking.Revision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.all {
		h.Add(venue, revision)
	}
}

// Watch calls hint with what is added, until ctx ends or closed is closed; then it returns the error of ctx, or [ErrUnavailable].
func (w *Watchers) Watch(ctx context.Context, closed <-chan struct{}, hint func(booking.VenueID, booking.Revision)) error {
	hints := NewHints()
	w.mu.Lock()
	w.all = append(w.all, hints)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = slices.DeleteFunc(w.all, func(h *Hints) bool { return h == hints })
	}()
	for {
		select {
		case <-hints.Ready():
			for venue, revision := range hints.Take() {
				hint(venue, revision)
			}
		case <-closed:
			return ErrUnavailable
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
