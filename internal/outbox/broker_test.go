package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// broker is a bus that keeps all that it is sent, and fails as the test wants.
type broker struct {
	mu sync.Mutex
	// log is all that has arrived, in order.
	log []bus.Event
	// publishes counts the calls, overlaps those of a venue that another call of it was under way of.
	publishes int
	busy      map[booking.VenueID]bool
	overlaps  int
	// fault, if set, says what becomes of a publish: how many of the events arrive, and the error.
	fault func(venue booking.VenueID, events []bus.Event) (arrive int, err error)
	// delay is how long a publish takes.
	delay time.Duration
	// arrived, if set, is told of each event as it arrives.
	arrived func(bus.Event)
}

func newBroker() *broker {
	return &broker{busy: make(map[booking.VenueID]bool)}
}

func (b *broker) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	b.begin(venue)
	defer b.end(venue)
	if delay := b.currentDelay(); delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return bus.Receipt{}, fmt.Errorf("%w: %w", bus.ErrUnavailable, ctx.Err())
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(events) > bus.MaxBatch {
		return bus.Receipt{}, fmt.Errorf("%w: %d events at once", bus.ErrMisconfigured, len(events))
	}
	arrive, err := len(events), error(nil)
	if b.fault != nil {
		arrive, err = b.fault(venue, events)
	}
	for _, e := range events[:arrive] {
		b.log = append(b.log, e)
		if b.arrived != nil {
			b.arrived(e)
		}
	}
	return bus.Receipt{}, err
}

func (b *broker) begin(venue booking.VenueID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.publishes++
	if b.busy[venue] {
		b.overlaps++
	}
	b.busy[venue] = true
}

func (b *broker) end(venue booking.VenueID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, venue)
}

func (b *broker) currentDelay() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.delay
}

func (b *broker) Health() error { return nil }

func (b *broker) Close() error { return nil }

// tell has f told of each event as it arrives.
func (b *broker) tell(f func(bus.Event)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrived = f
}

// published is how many publishes there were, overlapped how many of a venue beside another of it.
func (b *broker) published() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.publishes
}

func (b *broker) overlapped() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.overlaps
}

// behaves sets what becomes of publishes; nil is that all are confirmed.
func (b *broker) behaves(fault func(booking.VenueID, []bus.Event) (int, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = fault
}

// down has nothing arrive.
func (b *broker) down(err error) {
	b.behaves(func(booking.VenueID, []bus.Event) (int, error) { return 0, err })
}

// events are all that arrived, of a venue if one is given.
func (b *broker) events(venue booking.VenueID) (all []bus.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.log {
		if venue == "" || e.Venue == venue {
			all = append(all, e)
		}
	}
	return all
}

// named are the events of a name.
func named(all []bus.Event, name bus.Name) (found []bus.Event) {
	for _, e := range all {
		if e.Name == name {
			found = append(found, e)
		}
	}
	return found
}

// ofBookings are the events of bookings.
func ofBookings(all []bus.Event) (found []bus.Event) {
	for _, e := range all {
		if isOfBooking(e) {
			found = append(found, e)
		}
	}
	return found
}

func isOfBooking(e bus.Event) bool { return strings.HasPrefix(string(e.Name), "booking.") }
