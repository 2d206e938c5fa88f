package live

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
)

// Follow is one reader's subscription to one booking. Next is for one goroutine at a time.
type Follow struct {
	venue   *venue
	id      booking.BookingID
	token   string
	waker   Waker
	changed atomic.Bool
	// stale is whether the reader was last told that the store cannot be read.
	stale bool
	// retryAt is until when the booking is not asked for, after it could not be read.
	retryAt time.Time
}

// Follow watches a booking for whoever holds its token, or a key. Wake is called after every change of it. Whether there is such a
// booking, and who may see it, is found out by the first Next. The follow must be closed.
//
// The errors are [booking.ErrNotFound], or what kept the venue from being read.
func (h *Hub) Follow(
	ctx context.Context, venue booking.VenueID, id booking.BookingID, token string, waker Waker,
) (*Follow, error) {
	seen, err := h.config.View.Picture(ctx, venue)
	if err != nil {
		return nil, err // before anything is kept for a venue that does not exist
	}
	h.mu.Lock()
	v := h.index.venue(h, venue)
	v.watchers.Add(1) // keeps the hub's venue, and the view's
	h.mu.Unlock()
	v.queue.offer(seen)
	v.initFreshness()
	f := &Follow{venue: v, id: id, token: token, waker: waker}
	f.changed.Store(true)
	v.mu.Lock()
	v.follows[f.id] = append(v.follows[f.id], f)
	v.mu.Unlock()
	if _, err := v.pictureAgain(ctx, booking.Position{}); err != nil { // the view may have dropped it just before
		f.Close()
		return nil, err
	}
	return f, nil
}

// Next is the booking's document if it was not handed out since the last change, or the news that the store cannot be read or can be
// again; nil otherwise, and while the booking cannot be read. After an error nothing more is to be had.
func (f *Follow) Next(ctx context.Context) (*Frame, error) {
	h := f.venue.hub
	if now := f.venue.freshness(); now.stale != f.stale {
		f.stale = now.stale
		return now.frame, nil
	}
	document, read, err := f.readChanged(ctx)
	if !read {
		return nil, err
	}
	h.config.Metrics.Delivered(EventBooking)
	return &Frame{Event: EventBooking, Booking: document}, nil
}

// readChanged reads the booking's document if the booking has changed since it was read last, and it can be read.
func (f *Follow) readChanged(ctx context.Context) (document []byte, read bool, err error) {
	if time.Now().Before(f.retryAt) {
		return nil, false, nil
	}
	// Taken back before the booking is read: what changes while it is read is read again.
	if !f.changed.Swap(false) {
		return nil, false, nil
	}
	document, err = f.venue.hub.config.Documents.Booking(ctx, f.venue.id, f.id, f.token)
	if errors.Is(err, booking.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		f.changed.Store(true)
		f.retryAt = time.Now().Add(followRetryDelay)
		time.AfterFunc(followRetryDelay, f.waker.Wake)
		return nil, false, nil
	}
	return document, err == nil, err
}

// Close ends the follow; closing it again does nothing. Wake may be called once more.
func (f *Follow) Close() {
	v := f.venue
	if !v.removeFollow(f) {
		return
	}
	h := v.hub
	h.mu.Lock()
	v.watchers.Add(-1)
	dropped := h.index.dropVenue(v)
	h.mu.Unlock()
	if dropped != nil {
		dropped.worker.Stop()
	}
}

// removeFollow takes a follow out of its venue. False if it is not there any more.
func (v *venue) removeFollow(f *Follow) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	follows := v.follows[f.id]
	i := slices.Index(follows, f)
	if i < 0 {
		return false
	}
	if v.follows[f.id] = slices.Delete(follows, i, i+1); len(follows) == 1 {
		delete(v.follows, f.id)
	}
	return true
}
