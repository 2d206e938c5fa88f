package sim

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/live"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// manualClock stands still until it is moved.
type manualClock struct {
	mu  sync.Mutex
	now time.Time
	// moved, if set, is told of every move before it is seen.
	moved func(time.Time)
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now.Add(d)
	if c.moved != nil {
		c.moved(now)
	}
	c.now = now
}

// node is one server, but for its transports.
type node struct {
	*desk.Desk
	view *view.View
	hub  *live.Hub
	// store is the node's, or shared by both; writer is what its desk writes through.
	store  store.Store
	writer desk.Store
	// shown is the highest revision of each venue that the node has shown.
	shown map[booking.VenueID]booking.Revision
}

// openNode starts a node whose own clock is ahead by so much. Its desk writes through a store that may lack a guard.
func openNode(ctx context.Context, s store.Store, writer desk.Store, clock func() time.Time, ahead time.Duration) (*node, error) {
	log := slog.New(slog.DiscardHandler)
	v := view.New(view.Config{Store: s, Now: func() time.Time { return clock().Add(ahead) }, Log: log, MaxVenues: 10})
	if err := v.Sync(ctx); err != nil {
		return nil, err
	}
	d := desk.New(desk.Config{
		Store: quiet{writer}, View: v, Log: log, Meter: nobody{}, Lanes: 2, VenuesPerTransaction: 4, MaxWaiting: 1000,
	})
	hub := live.New(live.Config{View: v, Documents: nobody{}, Log: log})
	v.Listen(hub)
	d.Start()
	return &node{Desk: d, view: v, hub: hub, store: s, writer: writer, shown: make(map[booking.VenueID]booking.Revision)}, nil
}

func (n *node) close() {
	n.Close()
	n.hub.Close()
}

// nobody measures and reads nothing.
type nobody struct{}

func (nobody) Batch(int, int, time.Duration) {}

func (nobody) Booking(context.Context, booking.VenueID, booking.BookingID, string) ([]byte, error) {
	return nil, errors.New("nobody follows a booking here")
}

func (nobody) Wake() {}

// quiet keeps the desk's own expirer from finding anything, which would be a matter of chance: a run must be the same each time. The
// command that expires holds asks with a context of askDue.
type quiet struct{ desk.Store }

type dueKey struct{}

func askDue(ctx context.Context) context.Context { return context.WithValue(ctx, dueKey{}, true) }

func (q quiet) Due(ctx context.Context, limit int) ([]booking.VenueID, time.Time, error) {
	if ctx.Value(dueKey{}) == nil {
		return nil, time.Time{}, nil
	}
	return q.Store.Due(ctx, limit)
}
