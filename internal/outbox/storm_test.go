package outbox_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/membus"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// moodyBus is a bus of which every third publish goes wrong in another way.
type moodyBus struct {
	*membus.Bus

	mu sync.Mutex
	n  int
}

func (b *moodyBus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	b.mu.Lock()
	b.n++
	n := b.n
	b.mu.Unlock()
	arrive := len(events)
	switch n % 9 {
	case 2: // nothing arrives
		arrive = 0
	case 5:
		arrive /= 2
	case 8: // all does, and nobody hears of it
	default:
		return b.Bus.Publish(ctx, venue, events)
	}
	receipt, err := b.Bus.Publish(ctx, venue, events[:arrive])
	return receipt, errors.Join(bus.ErrUnavailable, err)
}

// TestStorm: customers and staff at several desks, a bus that fails, and a relay that dies in the middle. A consumer that has listened from
// the beginning has in the end what GET says, got the events of each booking, and first ones in order.
func TestStorm(t *testing.T) {
	t.Parallel()
	for kind, nodes := range map[string]int{"memory": 2, "sqlite": 1, "postgres": 2} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			runStorm(t, kind, nodes)
		})
	}
}

const stormCustomers = 6

// stormCommands is how many commands each customer gives: few, or as many as VACANCY_STORM_COMMANDS says.
func stormCommands(t *testing.T) int {
	t.Helper()
	text := cmp.Or(os.Getenv("VACANCY_STORM_COMMANDS"), "40")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func runStorm(t *testing.T, kind string, nodes int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(60+stormCommands(t)/10)*time.Second)
	defer cancel()
	s := newShop(t, kind)
	b := &moodyBus{Bus: membus.New(membus.Config{Queue: 100_000})}
	subscription := b.Subscribe()
	defer subscription.Close()
	s.start(t, nodes, b)
	venues := []booking.VenueID{"north", "south"}
	for _, id := range venues {
		s.furnish(t, id, 20)
	}
	l := s.listen(t, venues)
	s.storm(ctx, t, venues)
	if nodes > 1 {
		s.nodes[0].life.kill()
	}
	s.storm(ctx, t, venues)
	last := make(map[booking.VenueID]booking.Revision)
	for i, id := range venues {
		made, err := s.book(ctx, s.nodes[0], seeded(uint64(i)), id, false)
		if err != nil {
			t.Fatal(err)
		}
		last[id] = made.Position.Revision
	}
	for err := errNotYet; err != nil; {
		e, ended := subscription.Next(ctx)
		if ended != nil {
			t.Fatalf("%v; it is: %v", ended, err)
		}
		l.take(e)
		err = l.compare(last)
	}
	for _, id := range venues {
		if err := s.complete(ctx, l.arrived[id], id); err != nil {
			t.Error(err)
		}
	}
}

// storm has customers of all venues at the desks.
func (s *shop) storm(ctx context.Context, t *testing.T, venues []booking.VenueID) {
	t.Helper()
	commands := stormCommands(t)
	var all sync.WaitGroup
	for i := range stormCustomers {
		all.Go(func() {
			if err := s.customer(ctx, seeded(uint64(i)), venues[i%len(venues)], commands); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// listener is a consumer of several venues.
type listener struct {
	copies  map[booking.VenueID]*consumer
	arrived map[booking.VenueID][]bus.Event
	highest map[booking.VenueID]booking.Revision
}

// listen begins with a GET of each venue.
func (s *shop) listen(t *testing.T, venues []booking.VenueID) *listener {
	t.Helper()
	l := &listener{
		copies: make(map[booking.VenueID]*consumer), arrived: make(map[booking.VenueID][]bus.Event),
		highest: make(map[booking.VenueID]booking.Revision),
	}
	ctx := context.WithoutCancel(t.Context())
	read := view.New(view.Config{Store: s.store, Now: time.Now, MaxVenues: 100})
	running, stop := context.WithCancel(ctx)
	var pruning sync.WaitGroup
	pruning.Go(func() { read.RunPruning(running) })
	t.Cleanup(func() {
		stop()
		pruning.Wait()
	})
	for _, id := range venues {
		l.copies[id] = newConsumer(func() *view.Picture {
			p, err := read.CatchUp(ctx, id)
			if err != nil {
				t.Error(err)
			}
			return p
		}, func() map[string]booking.Status { return s.bookings(ctx, t, id) })
	}
	return l
}

func (s *shop) bookings(ctx context.Context, t *testing.T, id booking.VenueID) map[string]booking.Status {
	t.Helper()
	found, err := s.store.Bookings(ctx, id, store.Filter{Limit: 10_000})
	if err != nil {
		t.Error(err)
	}
	all := make(map[string]booking.Status, len(found))
	for _, b := range found {
		all[string(b.ID)] = b.Status
	}
	return all
}

func (l *listener) take(e bus.Event) {
	l.arrived[e.Venue] = append(l.arrived[e.Venue], e)
	l.highest[e.Venue] = max(l.highest[e.Venue], e.Revision)
	l.copies[e.Venue].take(e)
}

var errNotYet = errors.New("the last event has not arrived")

// compare tells how the copies differ from GETs, once they have the last events.
func (l *listener) compare(last map[booking.VenueID]booking.Revision) error {
	for id, revision := range last {
		if l.highest[id] < revision {
			return errNotYet
		}
	}
	for id, c := range l.copies {
		if err := c.compare(); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		for booked, status := range c.getBookings() {
			if got := c.bookings[booked].status; got != status {
				return fmt.Errorf("%s: booking %s is %q for the consumer, and %q", id, booked, got, status)
			}
		}
	}
	return nil
}

// complete tells whether each entry of each change of a venue has arrived, and first in order.
func (s *shop) complete(ctx context.Context, arrived []bus.Event, id booking.VenueID) error {
	w := &world{venues: map[booking.VenueID]*worldVenue{id: {}}}
	for after := booking.Revision(0); ; {
		d, err := s.store.DurableChanges(ctx, id, after, store.MaxChanges)
		if err != nil {
			return err
		}
		if len(d.Changes) == 0 {
			w.epoch = d.Epoch
			break
		}
		w.venues[id].changes = append(w.venues[id].changes, d.Changes...)
		after = d.Changes[len(d.Changes)-1].Revision
	}
	return w.complete(arrived, id, 0)
}
