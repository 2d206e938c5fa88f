package live

import (
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// changeQueue is what the view told of a venue, until the venue takes it in. Telling is quick, whatever the venue is doing.
type changeQueue struct {
	mu     sync.Mutex
	queued queuedChanges
}

// queuedChanges is what a change queue holds.
type queuedChanges struct {
	// picture is the newest that is known. It stays when the rest is taken.
	picture *view.Picture
	// changes led there, in order; but they are not all if some were lost.
	changes []booking.Change
	entries int
	lost    bool
	// historyChanged: the venue's history is another than before, or may be, and what was known of it is worth nothing.
	historyChanged bool
}

// enqueue takes a picture in, and the change that led to it if it is known.
func (i *changeQueue) enqueue(p *view.Picture, c *booking.Change) {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := &i.queued
	if last := n.picture; last != nil && !p.Follows(last) {
		*n = queuedChanges{historyChanged: true, lost: true}
	}
	n.picture = p
	switch {
	case c == nil:
		n.lost = true
	case n.entries+len(c.Entries) > maxQueuedEntries:
		n.changes, n.entries, n.lost = nil, 0, true
	default:
		n.changes, n.entries = append(n.changes, *c), n.entries+len(c.Entries)
	}
}

// offer takes in a picture that somebody saw, unless a newer one is known.
func (i *changeQueue) offer(seen *view.Picture) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.queued.picture == nil {
		i.queued.picture = seen
	}
}

// last is the newest picture that is known, nil if there is none.
func (i *changeQueue) last() *view.Picture {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.queued.picture
}

// dequeue empties the change queue. A picture that somebody saw before the view told of it is taken as well, unless it is
// older; nil is none. One of the same revision is another only in that the view has forgotten what is long past.
func (i *changeQueue) dequeue(seen *view.Picture) queuedChanges {
	i.mu.Lock()
	defer i.mu.Unlock()
	if last := i.queued.picture; seen != nil && (last == nil || seen.Follows(last)) {
		i.queued.picture = seen
	}
	taken := i.queued
	i.queued = queuedChanges{picture: taken.picture}
	return taken
}
