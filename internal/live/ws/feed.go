package ws

import (
	"context"
	"net/url"

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

func (c *client) availability(name string, s *live.Subscription) *feed {
	next := func() (*live.Frame, error) { return s.Next(), nil }
	return &feed{name: name, id: quote(name), next: next, close: s.Close}
}

func (c *client) booking(name string, f *live.Follow) *feed {
	next := func() (*live.Frame, error) {
		ctx, cancel := context.WithTimeout(c.handler.ctx, fetchTimeout)
		defer cancel()
		return f.Next(ctx)
	}
	return &feed{name: name, id: quote(name), next: next, close: f.Close}
}

// open opens the feed that a message asks for.
func (c *client) open(ctx context.Context, m message) (*feed, error) {
	hub := c.handler.options.Hub
	if m.Topic == "booking" {
		venue, id, err := wire.ParseBooking(m.Venue, m.Booking)
		if err != nil {
			return nil, err
		}
		follow, err := hub.Follow(ctx, venue, id, m.Token, c)
		if err != nil {
			return nil, err
		}
		return c.booking(m.ID, follow), nil
	}
	query, err := m.Parse()
	if err != nil {
		return nil, err
	}
	sub, err := hub.Subscribe(ctx, query, m.Position, c.share, c)
	if err != nil {
		return nil, err
	}
	return c.availability(m.ID, sub), nil
}

// openFirst opens the feed that the address of the upgrade asks for.
func (c *client) openFirst(ctx context.Context, values url.Values) (*feed, error) {
	query, position, err := wire.ParseQuery(values)
	if err != nil {
		return nil, err
	}
	sub, err := c.handler.options.Hub.Subscribe(ctx, query, position, c.share, c)
	if err != nil {
		return nil, err
	}
	return c.availability(addressSubscriptionID, sub), nil
}
