package ws

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// feed is one subscription of a connection.
type feed struct {
	name string
	id   []byte // the name as JSON
	// next is the next frame, nil if there is none. After an error the feed is over.
	next  func() (*live.Frame, error)
	close func()
}

func (c *connection) availability(name string, s *live.Subscription) *feed {
	next := func() (*live.Frame, error) { return s.Next(), nil }
	return &feed{name: name, id: quote(name), next: next, close: s.Close}
}

func (c *connection) booking(name string, f *live.Follow) *feed {
	next := func() (*live.Frame, error) {
		ctx, cancel := context.WithTimeout(c.handler.ctx, fetchTimeout)
		defer cancel()
		return f.Next(ctx)
	}
	return &feed{name: name, id: quote(name), next: next, close: f.Close}
}

// open opens the feed that a message asks for, if the page that opened the connection may ask for it.
func (c *connection) open(ctx context.Context, m message) (*feed, error) {
	if !c.origin.Allowed(ctx, m.Venue) {
		return nil, wire.ErrOrigin
	}
	hub := c.handler.options.Hub
	switch m.Topic {
	case "booking":
		return c.openBooking(ctx, m)
	case "venue":
		return c.openVenue(ctx, m)
	}
	query, err := m.Parse()
	if err != nil {
		return nil, err
	}
	sub, err := hub.Subscribe(ctx, query, m.Position, c.permits, c)
	if err != nil {
		return nil, err
	}
	return c.availability(m.ID, sub), nil
}

// openBooking opens the feed of a booking. A management key in a page of another site is a key that all its visitors can take.
func (c *connection) openBooking(ctx context.Context, m message) (*feed, error) {
	venue, id, err := wire.ParseBooking(m.Venue, m.Booking)
	if err != nil {
		return nil, err
	}
	if c.origin.Foreign() {
		if isKey, err := c.handler.options.IsKey(ctx, m.Token); isKey || err != nil {
			return nil, cmp.Or(err, wire.ErrOrigin)
		}
	}
	follow, err := c.handler.options.Hub.Follow(ctx, venue, id, m.Token, c)
	if err != nil {
		return nil, c.countFailedAuthentication(err)
	}
	return c.booking(m.ID, follow), nil
}

// countFailedAuthentication counts a wrong token. Who has sent many is told so; a right one is never refused for it.
func (c *connection) countFailedAuthentication(err error) error {
	if !errors.Is(err, booking.ErrForbidden) && !errors.Is(err, booking.ErrUnauthenticated) {
		return err
	}
	return cmp.Or(c.handler.options.Limits.Allow(c.identity, limit.FailedAuthentication), err)
}

// openFirst opens the feed that the address of the upgrade asks for.
func (c *connection) openFirst(ctx context.Context, values url.Values) (*feed, error) {
	query, position, err := wire.ParseQuery(values)
	if err != nil {
		return nil, err
	}
	sub, err := c.handler.options.Hub.Subscribe(ctx, query, position, c.permits, c)
	if err != nil {
		return nil, err
	}
	return c.availability(addressSubscriptionID, sub), nil
}
