package ws

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// Events reads the events of a venue by cursor.
type Events interface {
	// Page is what there is behind a cursor; "" begins now. The errors are [booking.Invalid] for a text that is no cursor,
	// [booking.ErrNotFound], [booking.ErrUnavailable] and [booking.ErrBusy].
	Page(ctx context.Context, venue booking.VenueID, cursor string) (Page, error)
}

// Page are events of a venue.
type Page struct {
	// Document is their JSON object, as GET answers it.
	Document []byte
	// Empty tells that there are none.
	Empty bool
	// Cursor is where the next page begins.
	Cursor string
	// More tells that there is more at once. If not, DueAt is when there is something to tell though nothing changes.
	More  bool
	DueAt time.Time
}

// venueFeed is the subscription to all that changes in a venue. It is a [live.Waker] of its own: who else wakes the connection has nothing
// for it.
type venueFeed struct {
	connection *connection
	venue      booking.VenueID
	token      string
	cursor     string
	watch      *live.Watch
	// changed: there may be something to read.
	changed atomic.Bool
	// begun: the first page was handed out.
	begun bool
	// dueAt is when there is something to tell though nothing changes. It is not read before notBefore.
	dueAt, notBefore time.Time
}

// openVenue opens the feed of a venue, for whoever has a management key. One in a page of another site is a key that all its visitors can
// take.
func (c *connection) openVenue(ctx context.Context, m message) (*feed, error) {
	venue, err := wire.ParseVenue(m.Venue)
	if err != nil {
		return nil, err
	}
	if c.origin.Foreign() {
		return nil, wire.ErrOrigin
	}
	v := &venueFeed{connection: c, venue: venue, token: m.Token, cursor: m.Position}
	if err := v.authorize(ctx); err != nil {
		return nil, c.countFailedAuthentication(err)
	}
	v.changed.Store(true)
	if v.watch, err = c.handler.options.Hub.Watch(ctx, venue, v); err != nil {
		return nil, err
	}
	return &feed{name: m.ID, id: quote(m.ID), next: v.next, close: v.watch.Close}, nil
}

// authorize tells whether the token is a management key, now: it may have been taken back.
func (v *venueFeed) authorize(ctx context.Context) error {
	if v.token == "" {
		return booking.ErrUnauthenticated
	}
	isKey, err := v.connection.handler.options.IsKey(ctx, v.token)
	if err == nil && !isKey {
		return booking.ErrForbidden
	}
	return err
}

// Wake implements [live.Waker].
func (v *venueFeed) Wake() {
	v.changed.Store(true)
	v.connection.Wake()
}

// next is the next page, nil if there is nothing to tell. The first comes at once, also if it is empty: it has the cursor.
func (v *venueFeed) next() (*live.Frame, error) {
	now := time.Now()
	if !v.changed.Load() && (v.dueAt.IsZero() || now.Before(v.dueAt)) || now.Before(v.notBefore) {
		return nil, nil
	}
	v.changed.Store(false) // before it is read: what changes while it is read is read again
	page, err := v.read()
	if errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
		v.pauseUntil(now.Add(eventsRetryDelay), true)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.cursor, v.dueAt = page.Cursor, page.DueAt
	if soonest := now.Add(eventsRetryDelay); v.dueAt.Before(soonest) { // the database's clock is behind ours
		v.dueAt = soonest
	}
	v.pauseUntil(now.Add(eventsInterval), page.More)
	if page.Empty && v.begun {
		return nil, nil
	}
	v.begun = true
	return &live.Frame{Event: live.EventEvents, Page: page.Document}, nil
}

func (v *venueFeed) read() (Page, error) {
	ctx, cancel := context.WithTimeout(v.connection.handler.ctx, fetchTimeout)
	defer cancel()
	if err := v.authorize(ctx); err != nil {
		return Page{}, err
	}
	return v.connection.handler.options.Events.Page(ctx, v.venue, v.cursor)
}

// pauseUntil has nothing read before a time, and the connection woken then, for what has changed meanwhile. again: there is more already.
func (v *venueFeed) pauseUntil(t time.Time, again bool) {
	if again {
		v.changed.Store(true)
	}
	v.notBefore = t
	time.AfterFunc(time.Until(t), v.connection.Wake)
}
