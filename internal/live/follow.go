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
	// toldStale is whether the reader was last told that what it has may be outdated.
	toldStale bool
	// unread is whether the booking could not be read when it last had to be. It is not asked for again before retryAt.
	unread  bool
	retryAt time.Time
	// readAt is when the booking was last read, or the follow began.
	readAt time.Time
}

// Follow watches a booking for whoever holds its token, or a key. Wake is called after every change of it. Whether there is such a
// booking, and who may see it, is found out by the first Next. The follow must be closed.
//
// The errors are [booking.ErrNotFound], or what kept the venue from being read.
func (h *Hub) Follow(
	ctx context.Context, venue booking.VenueID, id booking.BookingID, token string, waker Waker,
) (*Follow, error) {
	v, err := h.watchVenue(ctx, venue)
	if err != nil {
		return nil, err
	}
	f := &Follow{venue: v, id: id, token: token, waker: waker, readAt: h.config.View.Now()}
	f.changed.Store(true)
	v.mu.Lock()
	v.follows[f.id] = append(v.follows[f.id], f)
	v.mu.Unlock()
	if _, err := v.latestPicture(ctx, booking.Position{}); err != nil { // the view may have dropped it just before
		f.Close()
		return nil, err
	}
	return f, nil
}

// watchVenue is a venue that stays in memory, the view's too, until unwatch is called.
func (h *Hub) watchVenue(ctx context.Context, id booking.VenueID) (*venue, error) {
	seen, err := h.config.View.Picture(ctx, id)
	if err != nil {
		return nil, err // before anything is kept for a venue that does not exist
	}
	h.mu.Lock()
	v := h.index.venue(h, id)
	v.watchers.Add(1)
	h.mu.Unlock()
	v.queue.offer(seen)
	v.initFreshness()
	return v, nil
}

// unwatch takes back a watchVenue.
func (v *venue) unwatch() {
	h := v.hub
	h.mu.Lock()
	v.watchers.Add(-1)
	dropped := h.index.dropVenue(v)
	h.mu.Unlock()
	if dropped != nil {
		dropped.worker.Stop()
	}
}

// Next is the booking's document if it was not handed out since the last change, or the news that the store, or this booking, cannot be
// read or can be again; nil otherwise. After an error nothing more is to be had.
func (f *Follow) Next(ctx context.Context) (*Frame, error) {
	if frame := f.freshness(); frame != nil {
		return frame, nil
	}
	document, read, err := f.readChanged(ctx)
	switch {
	case err != nil:
		return nil, err
	case !read:
		return f.freshness(), nil
	}
	f.venue.hub.config.Metrics.Delivered(EventBooking)
	return &Frame{Event: EventBooking, Booking: document}, nil
}

// freshness is the news of how fresh what the reader has is; nil if it knows.
func (f *Follow) freshness() *Frame {
	now := f.venue.freshness()
	stale := now.stale || f.unread
	if stale == f.toldStale {
		return nil
	}
	f.toldStale = stale
	if f.unread && !now.stale { // the venue is fresh, and the booking alone cannot be had: it is not proven to be durable, say
		return &Frame{Event: EventStale, AsOf: f.readAt}
	}
	return now.frame
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
		f.unread = true
		f.retryAt = time.Now().Add(followRetryDelay)
		time.AfterFunc(followRetryDelay, f.waker.Wake)
		return nil, false, nil
	}
	f.unread, f.readAt = false, f.venue.hub.config.View.Now()
	return document, err == nil, err
}

// Close ends the follow; closing it again does nothing. Wake may be called once more.
func (f *Follow) Close() {
	if f.venue.removeFollow(f) {
		f.venue.unwatch()
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
