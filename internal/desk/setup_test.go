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
func (s *shop) open(t *testing.T, writer desk.Store, change ...func(*desk.Config)) *node {
	t.Helper()
	v := view.New(view.Config{Store: s.store, Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), MaxVenues: 100})
	config := desk.Config{
		Store: writer, View: v, Log: slog.New(slog.DiscardHandler), Meter: noMeter{},
		Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
	}
	for _, f := range change {
		f(&config)
	}
	d := desk.New(config)
	d.Start()
	t.Cleanup(d.Close)
	return &node{Desk: d, view: v}
}

type noMeter struct{}

func (noMeter) Batch(int, int, time.Duration) {}

// furnishedShop is a shop with a barber of so many chairs, and a node of it.
func furnishedShop(t *testing.T, chairs ...booking.ResourceID) (*shop, *node) {
	t.Helper()
	s := newShop(t)
	n := s.open(t, s.store)
	furnish(t, n, chairs...)
	return s, n
}

// furnish puts a barber with so many chairs of one unit each, on a node with one lane.
func furnish(t *testing.T, n *node, chairs ...booking.ResourceID) {
	t.Helper()
	furnishVenues(t, n, 1, chairs, "barber")
}

// furnishVenues puts venues with the same chairs of so many units each. All is one transaction, so that it takes no time.
func furnishVenues(t *testing.T, n *node, units int, chairs []booking.ResourceID, venues ...booking.VenueID) {
	t.Helper()
	var puts []func() error
	put := func(f func() error) { puts = append(puts, f) }
	hours := booking.Schedule{}
	for day := range hours.Weekly {
		hours.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	for _, venue := range venues {
		put(func() error {
			_, err := n.PutVenue(t.Context(), staff, booking.Venue{
				ID: venue, Name: "Barber", TimeZone: "Europe/Berlin", Contact: booking.Contact{Email: "barber@example.com"},
			}, desk.Condition{})
			return err
		})
		for _, id := range chairs {
			put(func() error {
				chair := booking.Resource{Venue: venue, ID: id, Name: "Chair", Capacity: units, Schedule: hours}
				_, err := n.PutResource(t.Context(), staff, chair, desk.Condition{})
				return err
			})
		}
		put(func() error {
			cut := service(chairs...)
			cut.Venue = venue
			_, err := n.PutService(t.Context(), staff, cut, desk.Condition{})
			return err
		})
	}
	release := n.hold(t)
	wait := n.line(t, len(puts), func(i int) error { return puts[i]() })
	release()
	for _, err := range wait() {
		must(t, err)
	}
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

func transition(b booking.Booking) desk.TransitionRequest {
	return desk.TransitionRequest{Venue: b.Venue, ID: b.ID}
}

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

// hold keeps the lane busy until release is called, so that commands wait together.
func (n *node) hold(t *testing.T) (release func()) {
	t.Helper()
	entered, proceed, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() { done <- n.Hold(t.Context(), "barber", entered, proceed) }()
	<-entered
	return func() {
		close(proceed)
		must(t, <-done)
	}
}

// line has so many commands wait in line behind what holds the lane, and returns a function that waits for their answers.
func (n *node) line(t *testing.T, count int, call func(i int) error) (wait func() []error) {
	t.Helper()
	errs := make([]error, count)
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() { errs[i] = call(i) })
		n.AwaitWaiting(i + 1)
	}
	return func() []error { all.Wait(); return errs }
}
