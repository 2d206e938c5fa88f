package membus

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Config is how a bus is made. The zero value is good.
type Config struct {
	// Queue is how many events wait for each subscriber; 0 is 2000.
	Queue int
}

// Bus is a [bus.Bus] and a [bus.Hinter].
type Bus struct {
	queue    int
	closed   chan struct{}
	watchers bus.Watchers

	mu          sync.Mutex
	subscribers []*Subscription
}

// New makes a bus without subscribers.
func New(c Config) *Bus {
	if c.Queue == 0 {
		c.Queue = defaultQueue
	}
	return &Bus{queue: c.Queue, closed: make(chan struct{})}
}

// Publish is [bus.Bus]'s. It waits while the queue of a subscriber is full.
func (b *Bus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if len(events) == 0 {
		return bus.Receipt{}, nil
	}
	if ctx.Err() != nil {
		return bus.Receipt{}, fmt.Errorf("%w: %w", bus.ErrUnavailable, ctx.Err())
	}
	if b.isClosed() {
		return bus.Receipt{}, errClosed
	}
	subscribers := b.current()
	for i := range events {
		for _, s := range subscribers {
			if err := b.enqueue(ctx, s, &events[i]); err != nil {
				return bus.Receipt{}, fmt.Errorf("venue %s: %w", venue, err)
			}
		}
	}
	if b.isClosed() {
		return bus.Receipt{}, errClosed
	}
	if len(subscribers) == 0 {
		return bus.Receipt{Unrouted: len(events)}, nil
	}
	return bus.Receipt{}, nil
}

var errClosed = fmt.Errorf("%w: it is closed", bus.ErrUnavailable)

// enqueue puts one event into one queue.
func (b *Bus) enqueue(ctx context.Context, s *Subscription, e *bus.Event) error {
	select {
	case s.events <- *e:
		return nil
	case <-s.closed: // it wants no more
		return nil
	case <-b.closed:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: a subscriber has %d events waiting: %w", bus.ErrUnavailable, len(s.events), ctx.Err())
	}
}

// Health is [bus.Bus]'s.
func (b *Bus) Health() error {
	if b.isClosed() {
		return errClosed
	}
	for _, s := range b.current() {
		if len(s.events) == cap(s.events) {
			return fmt.Errorf("%w: a subscriber has %d events waiting", bus.ErrUnavailable, len(s.events))
		}
	}
	return nil
}

// Close is [bus.Bus]'s. Subscribers get what is in their queues.
func (b *Bus) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.isClosed() {
		close(b.closed)
	}
	return nil
}

// Announce is [bus.Hinter]'s.
func (b *Bus) Announce(venue booking.VenueID, revision booking.Revision) {
	b.watchers.Add(venue, revision)
}

// Watch is [bus.Hinter]'s.
func (b *Bus) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	return b.watchers.Watch(ctx, b.closed, hint)
}

func (b *Bus) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}

func (b *Bus) current() []*Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.subscribers)
}
