package membus

import (
	"context"
	"slices"
	"sync"

	"vacancy/internal/bus"
)

// Subscription is the queue of one subscriber.
type Subscription struct {
	bus    *Bus
	events chan bus.Event
	closed chan struct{}
	once   sync.Once
}

// Subscribe begins a queue of all events that are published from now on.
func (b *Bus) Subscribe() *Subscription {
	s := &Subscription{bus: b, events: make(chan bus.Event, b.queue), closed: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subscribers = append(b.subscribers, s)
	return s
}

// Next waits for the next event. When nothing waits it returns the error of ctx once that has ended, and
// [bus.ErrUnavailable] once the subscription or the bus is closed.
func (s *Subscription) Next(ctx context.Context) (bus.Event, error) {
	var err error
	select {
	case e := <-s.events:
		return e, nil
	case <-s.closed:
		err = errClosed
	case <-s.bus.closed:
		err = errClosed
	case <-ctx.Done():
		err = ctx.Err()
	}
	select {
	case e := <-s.events: // what waits comes before an end
		return e, nil
	default:
		return bus.Event{}, err
	}
}

// Close ends the subscription, and lets go of whoever waits for room in its queue. It may be called again.
func (s *Subscription) Close() {
	s.once.Do(func() {
		close(s.closed)
		s.bus.mu.Lock()
		defer s.bus.mu.Unlock()
		s.bus.subscribers = slices.DeleteFunc(s.bus.subscribers, func(other *Subscription) bool { return other == s })
	})
}
