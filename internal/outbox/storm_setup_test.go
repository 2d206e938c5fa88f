package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/desk"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/store/storetest/memory"
	"vacancy/internal/view"
)

// The real rooms around the relay: a store, desks with their views, and a bus.

// shop is a database on which nodes run.
type shop struct {
	store store.Store
	nodes []*shopNode
}

// openStore is how a store of each kind is opened.
var openStore = map[string]func(t *testing.T) (store.Store, error){
	"memory": func(*testing.T) (store.Store, error) {
		return memory.Open(memory.Config{Data: memory.NewData(), Now: time.Now}), nil
	},
	"sqlite": func(t *testing.T) (store.Store, error) {
		t.Helper()
		return sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "v.db"), Now: time.Now})
	},
	"postgres": func(t *testing.T) (store.Store, error) {
		t.Helper()
		return postgres.Open(t.Context(), postgres.Config{URL: postgrestest.Shared(t).Schema(t)})
	},
}

func newShop(t *testing.T, kind string) *shop {
	t.Helper()
	s, err := openStore[kind](t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shop{store: s}
}

// shopNode is a node of the shop: a desk, and a relay with its own view.
type shopNode struct {
	*desk.Desk
	relay *outbox.Relay
	life  *mortal
	stop  func()
}

// mortal is the store of a relay whose process may die.
type mortal struct {
	store.Relay
	bus.Bus

	mu   sync.Mutex
	dead bool
}

func (m *mortal) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

// alive is an error once the process is dead.
func (m *mortal) alive() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errDead
	}
	return nil
}

func (m *mortal) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	if err := m.alive(); err != nil {
		return nil, err
	}
	return m.Relay.KeepLeases(ctx, lease)
}

func (m *mortal) ReleaseLeases(ctx context.Context, bus, holder string) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.Relay.ReleaseLeases(ctx, bus, holder)
}

func (m *mortal) MoveCursors(ctx context.Context, bus, holder string, c []store.Cursor) ([]booking.VenueID, error) {
	if err := m.alive(); err != nil {
		return nil, err
	}
	return m.Relay.MoveCursors(ctx, bus, holder, c)
}

func (m *mortal) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if err := m.alive(); err != nil {
		return bus.Receipt{}, err
	}
	return m.Bus.Publish(ctx, venue, events)
}

// tellingView tells relays what a desk commits, as an application does.
type tellingView struct {
	*view.View
	shop *shop
}

func (v tellingView) Apply(ctx context.Context, c booking.Change) {
	v.View.Apply(ctx, c)
	for _, n := range v.shop.nodes {
		n.relay.Committed(c.Venue, c.Revision)
	}
}

type noDeskMeter struct{}

func (noDeskMeter) Batch(int, int, time.Duration) {}

// start runs nodes on the shop, which send events to the bus.
func (s *shop) start(t *testing.T, n int, to bus.Bus) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if err := s.store.RegisterBus(t.Context(), busName); err != nil { // so that events begin with the first change
		t.Fatal(err)
	}
	for range n {
		node := &shopNode{life: &mortal{Relay: s.store, Bus: to}}
		served := view.New(view.Config{Store: s.store, Now: time.Now, Log: log, MaxVenues: 100})
		pictures := view.New(view.Config{Store: s.store, Now: time.Now, Log: log, MaxVenues: 100})
		node.relay = outbox.New(outbox.Config{
			Store: node.life, Pictures: pictures, Bus: node.life, Name: busName, Now: served.Now, Log: log, Meter: newMeter(),
		})
		node.Desk = desk.New(desk.Config{
			Store: s.store, View: tellingView{served, s}, Log: log, Meter: noDeskMeter{}, Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
		})
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		var running sync.WaitGroup
		running.Go(func() { served.Run(ctx) })
		running.Go(func() { pictures.RunPruning(ctx) })
		running.Go(func() { node.relay.Run(ctx) })
		node.stop = func() {
			cancel()
			running.Wait()
		}
		s.nodes = append(s.nodes, node)
	}
	for _, node := range s.nodes {
		node.Start()
		t.Cleanup(func() {
			node.Close()
			node.stop()
		})
	}
}

var staff = booking.Actor{Kind: booking.Staff, Key: "test"}

// furnish makes a barber by the desk.
func (s *shop) furnish(t *testing.T, id booking.VenueID, units int) {
	t.Helper()
	d := s.nodes[0]
	_, err := d.PutVenue(t.Context(), staff, booking.Venue{
		ID: id, Name: "Barber", TimeZone: "Europe/Berlin", Contact: booking.Contact{Email: "barber@example.com"},
	}, desk.Condition{})
	if err == nil {
		err = s.putChair(t.Context(), d, id, units)
	}
	if err == nil {
		_, err = d.PutService(t.Context(), staff, booking.Service{
			Venue: id, ID: "cut", Name: "Haircut", Duration: 30 * time.Minute, Step: 30 * time.Minute, HorizonDays: horizonDays,
			PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: 10 * time.Minute,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"chair"}, Units: 1}},
		}, desk.Condition{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (*shop) putChair(ctx context.Context, d *shopNode, id booking.VenueID, units int) error {
	chair := booking.Resource{Venue: id, ID: "chair", Name: "Chair", Capacity: units}
	for day := range chair.Schedule.Weekly {
		chair.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 12 * 60}}
	}
	_, err := d.PutResource(ctx, staff, chair, desk.Condition{})
	return err
}

// customer books, cancels, confirms, and now and then edits the catalogue.
func (s *shop) customer(ctx context.Context, rng *rand.Rand, id booking.VenueID, commands int) error {
	var mine []booking.BookingID
	for range commands {
		d := s.nodes[rng.IntN(len(s.nodes))]
		var err error
		switch n := rng.IntN(20); {
		case n == 0:
			err = s.putChair(ctx, d, id, 20+rng.IntN(5))
		case n < 5 && len(mine) > 0:
			_, err = d.Cancel(ctx, staff, desk.TransitionRequest{Venue: id, ID: mine[0]})
			mine = mine[1:]
		default:
			var made desk.Outcome
			made, err = s.book(ctx, d, rng, id, n < 10)
			if err == nil {
				mine = append(mine, made.Booking.ID)
			}
		}
		if _, refused := errors.AsType[*booking.Refused](err); err != nil && !refused {
			return err
		}
	}
	return nil
}

func (*shop) book(ctx context.Context, d *shopNode, rng *rand.Rand, id booking.VenueID, hold bool) (desk.Outcome, error) {
	zone, err := booking.LoadZone("Europe/Berlin")
	if err != nil {
		return desk.Outcome{}, err
	}
	day := booking.DateOf(time.Now().In(zone)).AddDays(1 + rng.IntN(horizonDays-1))
	start := time.Date(day.Year, day.Month, day.Day, 9, 30*rng.IntN(6), 0, 0, zone)
	return d.Book(ctx, staff, desk.BookRequest{
		Venue: id, Service: "cut", Start: start, PartySize: 1, Hold: hold, Customer: booking.Customer{Name: "Ada", Email: "ada@example.com"},
	})
}
