package desk

import (
	"slices"
	"strings"
	"sync"

	"vacancy/internal/booking"
)

// queue keeps the waiting commands of each venue in order of arrival. A venue is with one lane at a time.
type queue struct {
	mu      sync.Mutex
	arrived sync.Cond
	waiting map[booking.VenueID][]*command
	// ready are venues with waiting commands that no lane works on, in order of arrival.
	ready []booking.VenueID
	busy  map[booking.VenueID]bool
	total int
	limit int
	// share is how many of one venue may wait, so that one which is contended does not use up the room of all others.
	share   int
	stopped bool
}

func newQueue(limit int) *queue {
	q := &queue{
		waiting: make(map[booking.VenueID][]*command), busy: make(map[booking.VenueID]bool), limit: limit, share: (limit + 1) / 2,
	}
	q.arrived.L = &q.mu
	return q
}

// enqueue adds a command, or says why it cannot.
func (q *queue) enqueue(venue booking.VenueID, c *command) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return booking.ErrUnavailable
	}
	if q.total >= q.limit || len(q.waiting[venue]) >= q.share {
		return booking.ErrBusy
	}
	q.total++
	q.waiting[venue] = append(q.waiting[venue], c)
	if len(q.waiting[venue]) == 1 && !q.busy[venue] {
		q.ready = append(q.ready, venue)
		q.arrived.Signal()
	}
	return nil
}

// dequeue waits for work and hands out the batches of at most so many venues, sorted by venue as the store wants them. It returns
// nil when the queue is closed and empty.
func (q *queue) dequeue(venues int) []*batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.ready) == 0 {
		// A closed queue is empty for this lane when nothing is ready: what waits behind a busy venue is left to its lane.
		if q.stopped && len(q.waiting) == 0 {
			return nil
		}
		q.arrived.Wait()
	}
	n := min(venues, len(q.ready))
	batches := make([]*batch, n)
	for i, venue := range q.ready[:n] {
		batches[i] = q.dequeueVenue(venue)
	}
	q.ready = slices.Delete(q.ready, 0, n)
	slices.SortFunc(batches, func(a, b *batch) int { return strings.Compare(string(a.venue), string(b.venue)) })
	return batches
}

func (q *queue) dequeueVenue(venue booking.VenueID) *batch {
	commands := q.waiting[venue]
	n := min(maxBatchCommands, len(commands))
	if rest := commands[n:]; len(rest) > 0 {
		q.waiting[venue] = slices.Clone(rest)
	} else {
		delete(q.waiting, venue)
	}
	q.total -= n
	q.busy[venue] = true
	return &batch{venue: venue, commands: commands[:n]}
}

// release gives the batches' venues back, to be dequeued again if more waits.
func (q *queue) release(batches []*batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range batches {
		delete(q.busy, b.venue)
		if len(q.waiting[b.venue]) > 0 {
			q.ready = append(q.ready, b.venue)
		}
	}
	q.arrived.Broadcast()
}

// size is how many commands wait.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.total
}

// close refuses new commands and wakes the lanes, which end when nothing waits any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.arrived.Broadcast()
}

// drain takes out all that waits, for nobody to work on it.
func (q *queue) drain() (left []*command) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, commands := range q.waiting {
		left = append(left, commands...)
	}
	clear(q.waiting)
	q.ready, q.total = nil, 0
	q.arrived.Broadcast()
	return left
}
