package app

import (
	"context"
	"log/slog"
	"sync"

	"vacancy/internal/booking"
)

const (
	// followers is how many venues are brought up to date side by side.
	followers = 4
	// maxHeard bounds the venues that wait for that. What is not heard, the view's check finds.
	maxHeard = 4096
)

// hints stand between those who hear of other nodes' writes, who must not be held up, and the view, which reads from the store what it
// hears of. A venue is with one follower at a time, so that a slow one holds up no other.
type hints struct {
	follow func(ctx context.Context, venue booking.VenueID, revision booking.Revision) error
	log    *slog.Logger

	mu      sync.Mutex
	arrived sync.Cond
	// heard is the highest revision heard of each venue that waits.
	heard map[booking.VenueID]booking.Revision
	// ready are those that no follower is busy with, in order of arrival.
	ready   []booking.VenueID
	busy    map[booking.VenueID]bool
	stopped bool
}

func newHints(
	follow func(ctx context.Context, venue booking.VenueID, revision booking.Revision) error, log *slog.Logger,
) *hints {
	h := &hints{
		follow: follow, log: log,
		heard: make(map[booking.VenueID]booking.Revision), busy: make(map[booking.VenueID]bool),
	}
	h.arrived.L = &h.mu
	return h
}

// put notes a hint. It does not block.
func (h *hints) put(venue booking.VenueID, revision booking.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, waits := h.heard[venue]
	if !waits && len(h.heard) >= maxHeard {
		return
	}
	h.heard[venue] = max(known, revision)
	if !waits && !h.busy[venue] {
		h.ready = append(h.ready, venue)
		h.arrived.Signal()
	}
}

// run follows the hints until ctx ends.
func (h *hints) run(ctx context.Context) {
	ended := context.AfterFunc(ctx, h.stop)
	defer ended()
	var all sync.WaitGroup
	for range followers {
		all.Go(func() {
			for venue, revision, ok := h.take(); ok; venue, revision, ok = h.take() {
				h.followOne(ctx, venue, revision)
			}
		})
	}
	all.Wait()
}

func (h *hints) followOne(ctx context.Context, venue booking.VenueID, revision booking.Revision) {
	defer h.finished(venue)
	if err := h.follow(ctx, venue, revision); err != nil && ctx.Err() == nil {
		h.log.Debug("a venue that another node changed could not be read; trying again within a second", "venue", venue, "error", err)
	}
}

// take waits for a hint; false when there are to be no more.
func (h *hints) take() (booking.VenueID, booking.Revision, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.ready) == 0 && !h.stopped {
		h.arrived.Wait()
	}
	if h.stopped {
		return "", 0, false
	}
	venue := h.ready[0]
	h.ready = h.ready[1:]
	revision := h.heard[venue]
	delete(h.heard, venue)
	h.busy[venue] = true
	return venue, revision, true
}

// finished gives a venue back, to be taken again if more was heard of it meanwhile.
func (h *hints) finished(venue booking.VenueID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.busy, venue)
	if _, waits := h.heard[venue]; waits {
		h.ready = append(h.ready, venue)
		h.arrived.Signal()
	}
}

func (h *hints) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	h.arrived.Broadcast()
}
