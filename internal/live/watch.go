package live

import (
	"context"
	"slices"

	"vacancy/internal/booking"
)

// Watch is a subscription to whatever changes in a venue. It hands nothing out: who is woken reads what it wants.
type Watch struct {
	venue *venue
	waker Waker
}

// Watch wakes after every change of a venue that the view has taken in, until it is closed. Changes may be merged. The errors are
// [booking.ErrNotFound], or what kept the venue from being read.
func (h *Hub) Watch(ctx context.Context, venue booking.VenueID, waker Waker) (*Watch, error) {
	v, err := h.watchVenue(ctx, venue)
	if err != nil {
		return nil, err
	}
	w := &Watch{venue: v, waker: waker}
	v.mu.Lock()
	v.watches = append(v.watches, w)
	v.mu.Unlock()
	if _, err := v.latestPicture(ctx, booking.Position{}); err != nil { // the view may have dropped it just before
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close ends the watch; closing it again does nothing. Wake may be called once more.
func (w *Watch) Close() {
	v := w.venue
	v.mu.Lock()
	i := slices.Index(v.watches, w)
	if i >= 0 {
		v.watches = slices.Delete(v.watches, i, i+1)
	}
	v.mu.Unlock()
	if i >= 0 {
		v.unwatch()
	}
}

// notifyWatches wakes those who watch the venue, if anything is in what was queued.
func (v *venue) notifyWatches(n queuedChanges) {
	if len(n.changes) == 0 && !n.lost && !n.historyChanged {
		return
	}
	for _, w := range v.watches {
		v.queuedNotifications = append(v.queuedNotifications, notification{waker: w.waker})
	}
}
