package view

import (
	"context"
	"log/slog"
	"sync"

	"vacancy/internal/booking"
)

// HintQueue stands between whoever hears of other nodes' writes and must not be blocked, and [View.Hint], which reads from the store.
// A venue is with one worker at a time, so that a slow venue blocks no other. Hints of one venue that wait are merged.
type HintQueue struct {
	follow func(ctx context.Context, venue booking.VenueID, revision booking.Revision) error
	log    *slog.Logger

	mu      sync.Mutex
	arrived sync.Cond
	// queued is the highest revision heard of each venue that waits.
	queued map[booking.VenueID]booking.Revision
	// ready are the venues that wait and that no worker is busy with, in order of arrival.
	ready   []booking.VenueID
	busy    map[booking.VenueID]bool
	stopped bool
}

// NewHintQueue makes an empty queue of hints for the view. Run works it off.
func (v *View) NewHintQueue() *HintQueue { return newHintQueue(v.Hint, v.config.Log) }

func newHintQueue(
	follow func(ctx context.Context, venue booking.VenueID, revision booking.Revision) error, log *slog.Logger,
) *HintQueue {
	q := &HintQueue{
		follow: follow, log: log,
		queued: make(map[booking.VenueID]booking.Revision), busy: make(map[booking.VenueID]bool),
	}
	q.arrived.L = &q.mu
	return q
}

// Enqueue notes that a venue has reached a revision, as another node said. It does not block.
func (q *HintQueue) Enqueue(venue booking.VenueID, revision booking.Revision) {
	q.mu.Lock()
	defer q.mu.Unlock()
	known, waits := q.queued[venue]
	if !waits && len(q.queued) >= maxQueuedHints {
		return
	}
	q.queued[venue] = max(known, revision)
	if !waits && !q.busy[venue] {
		q.ready = append(q.ready, venue)
		q.arrived.Signal()
	}
}

// Run works the hints off until ctx ends, and returns when the last worker has.
func (q *HintQueue) Run(ctx context.Context) {
	unregister := context.AfterFunc(ctx, q.stop)
	defer unregister()
	var workers sync.WaitGroup
	for range hintWorkers {
		workers.Go(func() { q.work(ctx) })
	}
	workers.Wait()
}

func (q *HintQueue) work(ctx context.Context) {
	for {
		venue, revision, ok := q.dequeue()
		if !ok {
			return
		}
		if err := q.follow(ctx, venue, revision); err != nil && ctx.Err() == nil {
			q.log.Debug("a venue that another node changed could not be read; trying again within a second", "venue", venue, "error", err)
		}
		q.release(venue)
	}
}

// dequeue waits for a hint; ok is false once the queue has been stopped.
func (q *HintQueue) dequeue() (venue booking.VenueID, revision booking.Revision, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) == 0 && !q.stopped {
		q.arrived.Wait()
	}
	if q.stopped {
		return "", 0, false
	}
	venue = q.ready[0]
	q.ready = q.ready[1:]
	revision = q.queued[venue]
	delete(q.queued, venue)
	q.busy[venue] = true
	return venue, revision, true
}

// release gives a venue back. If more was heard of it meanwhile, it is ready again.
func (q *HintQueue) release(venue booking.VenueID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, venue)
	if _, waits := q.queued[venue]; waits {
		q.ready = append(q.ready, venue)
		q.arrived.Signal()
	}
}

func (q *HintQueue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.arrived.Broadcast()
}
