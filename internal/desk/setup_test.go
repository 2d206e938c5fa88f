package desk_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/view"
)

var staff = booking.Actor{Kind: booking.Staff, Key: "test"}

var anybody = booking.Actor{Kind: booking.Public}

func holder(token string) booking.Actor {
	return booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken(token)}
}

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// node is a desk with its view, on a store that others may share.
type node struct {
	*desk.Desk
	view *view.View
}

// shop is a SQLite store with a clock, on which nodes can be opened.
type shop struct {
	store store.Store
	clock *clock
}

// monday is a Monday morning in Berlin, before the shop opens.
var monday = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// at is a start on that Monday, on the venue's clock.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour-1, minute, 0, 0, time.UTC) }

func newShop(t *testing.T) *shop {
	t.Helper()
	c := &clock{now: monday}
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "v.db"), Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shop{store: s, clock: c}
}

// open starts a node. The store that its desk writes through can be another than the one it reads from: a decorator.
func (s *shop) open(t *testing.T, writer desk.Store) *node {
	t.Helper()
	v := view.New(view.Config{Store: s.store, Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), MaxVenues: 100})
	d := desk.New(desk.Config{
		Store: writer, View: v, Log: slog.New(slog.DiscardHandler), Meter: noMeter{},
		Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
	})
	d.Start()
	t.Cleanup(d.Close)
	return &node{Desk: d, view: v}
}

type noMeter struct{}

func (noMeter) Batch(int, int, time.Duration) {}

// furnish puts a barber with so many chairs of one unit each and a class of twelve.
func furnish(t *testing.T, n *node, chairs ...booking.ResourceID) {
	t.Helper()
	ctx := t.Context()
	_, err := n.PutVenue(ctx, staff, booking.Venue{
		ID: "barber", Name: "Barber", TimeZone: "Europe/Berlin", Contact: booking.Contact{Email: "barber@example.com"},
	}, desk.Condition{})
	must(t, err)
	hours := booking.Schedule{}
	for day := range hours.Weekly {
		hours.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	for _, id := range chairs {
		_, err := n.PutResource(ctx, staff,
			booking.Resource{Venue: "barber", ID: id, Name: "Chair", Capacity: 1, Schedule: hours}, desk.Condition{})
		must(t, err)
	}
	_, err = n.PutService(ctx, staff, service(chairs...), desk.Condition{})
	must(t, err)
}

func service(chairs ...booking.ResourceID) booking.Service {
	return booking.Service{
		Venue: "barber", ID: "cut", Name: "Haircut", Duration: 30 * time.Minute, Step: 30 * time.Minute,
		HorizonDays: 30, PartySize: booking.PartySize{Min: 1, Max: 1}, HoldFor: 10 * time.Minute,
		Requires: []booking.Requirement{{AnyOf: chairs, Units: 1}},
	}
}

var ada = booking.Customer{Name: "Ada", Email: "ada@example.com"}

func request(start time.Time) desk.BookRequest {
	return desk.BookRequest{Venue: "barber", Service: "cut", Start: start, PartySize: 1, Customer: ada}
}

func hold(start time.Time) desk.BookRequest {
	r := request(start)
	r.Hold, r.Customer = true, booking.Customer{}
	return r
}

func step(b booking.Booking) desk.StepRequest { return desk.StepRequest{Venue: b.Venue, ID: b.ID} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// taken counts the units that active claims take of a resource at an instant, read from the store and not from any view.
func (s *shop) taken(t *testing.T, resource booking.ResourceID, start time.Time) (units int) {
	t.Helper()
	loaded, err := s.store.Load(context.Background(), "barber", monday.Add(-time.Hour))
	must(t, err)
	for _, c := range loaded.Claims {
		if c.Resource == resource && !start.Before(c.Start) && start.Before(c.End) {
			units += c.Units
		}
	}
	return units
}
