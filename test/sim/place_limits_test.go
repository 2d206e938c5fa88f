package sim

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// A small shop in which places are counted: a hall of 4 people, open for 8 hours, for visits of an hour or two. What is counted is told
// from nothing but the answers so far.
const shopHours, shopPlaces = 8, 4

// shopLengths are the lengths of the services, in hours.
var shopLengths = map[booking.ServiceID]int{"hour": 1, "double": 2}

// shopClients are who comes: three addresses, somebody whom nobody knows, and IPv6 clients, with the networks that they are in.
var shopClients = map[string][]shopNetwork{
	"one":                 {{"one", 1}},
	"two":                 {{"two", 1}},
	"three":               {{"three", 1}},
	"":                    nil,
	"2001:db8:0:101::/64": {{"a", 1}, {"ab", 2}, {"abc", 4}},
	"2001:db8:0:102::/64": {{"b", 1}, {"ab", 2}, {"abc", 4}},
	"2001:db8:0:201::/64": {{"c", 1}, {"c56", 2}, {"abc", 4}},
	"2001:db8:1:101::/64": {{"d", 1}, {"d56", 2}, {"d48", 4}},
}

// shopNetwork has so many times the limits of one client.
type shopNetwork struct {
	name  string
	times int
}

var (
	shopLimits  = booking.Limits{HoldsPerClient: 3, BookingsPerClient: 5, BookingsPerContact: 4}
	shopOpening = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

// counted is a booking that was made, as the limits see it.
type counted struct {
	outcome         desk.Outcome
	status          booking.Status
	client, contact string
	anonymous       bool
	made            time.Time
}

// shopWorld is the shop on two nodes, with everything that was made there.
type shopWorld struct {
	tb      testing.TB
	clock   *manualClock
	nodes   []*desk.Desk
	made    []*counted
	refused map[error]int
	// names are the clients of this run: few enough that each meets its limits.
	names []string
}

// openShop opens the shop on two nodes, of which the second writes through a store that may lack a guard.
func openShop(tb testing.TB, h harness, decorate func(desk.Store) desk.Store) *shopWorld {
	tb.Helper()
	w := &shopWorld{tb: tb, clock: &manualClock{now: shopOpening.Add(-3 * time.Hour)}, refused: make(map[error]int)}
	open := h.open(tb, w.clock)
	var shared store.Store
	for i := range 2 {
		s := shared
		if s == nil {
			var err error
			if s, err = open(tb.Context()); err != nil {
				tb.Fatal(err)
			}
			tb.Cleanup(func() { _ = s.Close() })
		}
		if !h.several {
			shared = s
		}
		var writer desk.Store = s
		if i == 1 {
			writer = decorate(s)
		}
		log := slog.New(slog.DiscardHandler)
		d := desk.New(desk.Config{
			Store: quiet{writer}, View: view.New(view.Config{Store: s, Now: w.clock.Now, Log: log, MaxVenues: 10}), Log: log, Meter: nobody{},
			Lanes: 2, VenuesPerTransaction: 4, MaxWaiting: 100, LimitPlaces: true, ClientSecret: "one of all nodes",
		})
		d.Start()
		tb.Cleanup(d.Close)
		w.nodes = append(w.nodes, d)
	}
	w.furnish()
	return w
}

func (w *shopWorld) furnish() {
	w.tb.Helper()
	hall := booking.Resource{Venue: "shop", ID: "hall", Name: "Hall", Capacity: shopPlaces}
	for day := range hall.Schedule.Weekly {
		hall.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: (9 + shopHours) * 60}}
	}
	ctx := w.tb.Context()
	_, venue := w.nodes[0].PutVenue(ctx, staff, booking.Venue{ID: "shop", Name: "Shop", TimeZone: "UTC"}, desk.Condition{})
	_, resource := w.nodes[0].PutResource(ctx, staff, hall, desk.Condition{})
	if err := errors.Join(venue, resource); err != nil {
		w.tb.Fatal(err)
	}
	for id, length := range shopLengths {
		_, err := w.nodes[0].PutService(ctx, staff, booking.Service{
			Venue: "shop", ID: id, Name: "Visit", Duration: time.Duration(length) * time.Hour, Step: time.Hour, HorizonDays: 7,
			PartySize: booking.PartySize{Min: 1, Max: 2}, HoldFor: 10 * time.Minute, Limits: shopLimits,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"hall"}, Units: 1, PerPerson: true}},
		}, desk.Condition{})
		if err != nil {
			w.tb.Fatal(err)
		}
	}
}

// live are the bookings that are counted now, and pass, and the people whom they are for.
func (w *shopWorld) live(passes func(*counted) bool) (bookings, people int) {
	for _, m := range w.made {
		if (m.status == booking.Held || m.status == booking.Confirmed) && passes(m) {
			bookings++
			people += m.outcome.Booking.PartySize
		}
	}
	return bookings, people
}

// free is how many more people fit in from one time to another.
func (w *shopWorld) free(from time.Time, length int) int {
	free := shopPlaces
	for hour := range length {
		at := from.Add(time.Duration(hour) * time.Hour)
		_, people := w.live(func(m *counted) bool {
			return !at.Before(m.outcome.Booking.Start) && at.Before(m.outcome.Booking.End)
		})
		free = min(free, shopPlaces-people)
	}
	return free
}

// expire ends the holds that have run out, as each transaction does first.
func (w *shopWorld) expire() {
	for _, m := range w.made {
		if m.status == booking.Held && !w.clock.Now().Before(m.outcome.Booking.ExpiresAt) {
			m.status = booking.Expired
		}
	}
}

// wanted is what a booking must be answered with.
func (w *shopWorld) wanted(a booking.Actor, r desk.BookRequest, contact string) error {
	now := w.clock.Now()
	length := shopLengths[r.Service]
	switch {
	case !now.Before(r.Start):
		return booking.ErrTooSoon
	case w.free(r.Start, length) < r.PartySize:
		return booking.ErrSlotUnavailable
	case a.Kind == booking.Staff:
		return nil
	case contact != "" && w.ofContact(contact) >= shopLimits.BookingsPerContact:
		return booking.ErrContactLimited
	}
	// A visit of two hours takes places of two starts, so the sums over the starts are divided by that.
	places := func(sum int) int { return (sum + length - 1) / length }
	opening := r.Start.Truncate(24 * time.Hour).Add(9 * time.Hour)
	closing := opening.Add(shopHours * time.Hour)
	all, free, left, soonest := 0, 0, 0, time.Time{}
	for start := opening; start.Add(time.Duration(length)*time.Hour).Compare(closing) <= 0; start = start.Add(time.Hour) {
		all, free = all+shopPlaces, free+w.free(start, length)
		if now.Before(start) {
			left += w.free(start, length)
			if soonest.IsZero() {
				soonest = start
			}
		}
	}
	if 2*(places(free)-r.PartySize) >= places(all) { // much is left
		return nil
	}
	tooMany := r.Hold && w.isHeld(r.PartySize, places(left), places, soonest, closing)
	for _, network := range shopClients[a.Client] {
		ofNetwork := func(m *counted) bool {
			return m.anonymous && slices.Contains(shopClients[m.client], network) && now.Sub(m.made) < booking.ClientTagTTL
		}
		_, people := w.live(ofNetwork)
		holds, _ := w.live(func(m *counted) bool { return ofNetwork(m) && m.status == booking.Held })
		tooMany = tooMany || people > 0 && people+r.PartySize > max(shopLimits.BookingsPerClient*network.times, places(all)/4) ||
			r.Hold && holds >= shopLimits.HoldsPerClient*network.times
	}
	switch {
	case tooMany && r.Hold:
		return booking.ErrHoldsLimited
	case tooMany:
		return booking.ErrBookingsLimited
	}
	return nil
}

// isHeld tells whether a hold for so many people is too much beside what is held between two times already, by visits of any length.
func (w *shopWorld) isHeld(party, left int, places func(int) int, from, to time.Time) bool {
	hours := 0
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		_, people := w.live(func(m *counted) bool {
			b := m.outcome.Booking
			return m.anonymous && m.status == booking.Held && !at.Before(b.Start) && at.Before(b.End)
		})
		hours += people
	}
	held := places(hours)
	return held > 0 && 4*(held+party) > left+held+3 && held+party > 1
}

func (w *shopWorld) ofContact(contact string) int {
	n, _ := w.live(func(m *counted) bool { return m.contact == contact && m.outcome.Booking.End.After(w.clock.Now()) })
	return n
}

// step does one thing at random, and says if it was not answered as it must be.
func (w *shopWorld) step(random *rand.Rand) error {
	w.expire()
	n := w.nodes[random.IntN(len(w.nodes))]
	contact := fmt.Sprintf("c%d@example.com", random.IntN(8))
	customer := booking.Customer{Name: "C", Email: contact}
	switch what := random.IntN(20); {
	case what == 0:
		w.clock.advance(time.Duration(1+random.IntN(12)) * time.Minute)
		return nil
	case what == 1 && random.IntN(8) == 0:
		w.clock.advance(time.Duration(1+random.IntN(20)) * time.Hour)
		return nil
	case what < 15 || len(w.made) == 0:
		return w.book(n, random, contact, customer)
	}
	m := w.made[random.IntN(len(w.made))]
	b := m.outcome.Booking
	actor := booking.Actor{Kind: booking.TokenHolder, TokenHash: b.TokenHash, Client: "another"}
	request := desk.TransitionRequest{Venue: "shop", ID: b.ID}
	if m.status != booking.Held || random.IntN(2) == 0 {
		if _, err := n.Cancel(w.tb.Context(), actor, request); err == nil {
			m.status = booking.Cancelled
		}
		return nil
	}
	var want error
	if w.ofContact(contact) >= shopLimits.BookingsPerContact {
		want = booking.ErrContactLimited
	}
	_, err := n.Confirm(w.tb.Context(), actor, request, customer)
	if !errors.Is(err, want) || want == nil && err != nil {
		return fmt.Errorf("confirmed for %s: %w; want %w", contact, err, want)
	}
	w.refused[want]++
	if err == nil {
		m.status, m.contact = booking.Confirmed, contact
	}
	return nil
}

func (w *shopWorld) book(n *desk.Desk, random *rand.Rand, contact string, customer booking.Customer) error {
	a := booking.Actor{Kind: booking.Public, Client: w.names[random.IntN(len(w.names))]}
	if random.IntN(6) == 0 {
		a = staff
	}
	today := w.clock.Now().Truncate(24 * time.Hour)
	r := desk.BookRequest{
		Venue: "shop", Service: "hour", PartySize: 1 + random.IntN(2), Customer: customer, Hold: random.IntN(2) == 0,
	}
	if random.IntN(3) == 0 {
		r.Service = "double"
	}
	hour := 9 + random.IntN(shopHours+1-shopLengths[r.Service])
	r.Start = today.Add(time.Duration(24*random.IntN(2)+hour) * time.Hour)
	if r.Hold {
		r.Customer, contact = booking.Customer{}, ""
	}
	want := w.wanted(a, r, contact)
	made, err := n.Book(w.tb.Context(), a, r)
	if !errors.Is(err, want) || want == nil && err != nil {
		return fmt.Errorf("%q booked %v, hold %v, as %q: %w; want %w", a.Client, r.Start, r.Hold, contact, err, want)
	}
	w.refused[want]++
	if want != nil {
		return nil //nolint:nilerr // it is the refusal that was wanted
	}
	m := &counted{outcome: made, status: made.Booking.Status, made: w.clock.Now()}
	if a.Kind != booking.Staff {
		m.anonymous, m.client, m.contact = true, a.Client, contact
	}
	w.made = append(w.made, m)
	return nil
}

// runShop does so many things at random. The seed gives the same run again.
func runShop(tb testing.TB, h harness, seed uint64, steps int, decorate func(desk.Store) desk.Store, refused map[error]int) error {
	tb.Helper()
	w := openShop(tb, h, decorate)
	w.refused = refused
	random := rand.New(rand.NewPCG(seed, 0))
	w.names = []string{"one", "one", "two", "three", ""}
	if random.IntN(2) == 0 {
		w.names = slices.DeleteFunc(slices.Sorted(maps.Keys(shopClients)), func(name string) bool { return !strings.Contains(name, ":") })
	}
	for i := range steps {
		if err := w.step(random); err != nil {
			return fmt.Errorf("seed %d, step %d: %w", seed, i, err)
		}
	}
	return nil
}

// The limits on places are exact over nodes: each answer is what the answers before it say that it must be, on any store.
func TestPlacesAreCountedExactly(t *testing.T) {
	t.Parallel()
	runs := map[string]uint64{"memory": 12, "optimistic memory": 12, "sqlite": 2, "adaptive postgres": 1}
	for _, h := range harnesses {
		if runs[h.name] == 0 {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			refused := make(map[error]int)
			for seed := range runs[h.name] {
				if err := runShop(t, h, seed, 250, whole, refused); err != nil {
					t.Fatal(err)
				}
			}
			for _, limit := range []error{booking.ErrHoldsLimited, booking.ErrBookingsLimited, booking.ErrContactLimited} {
				if refused[limit] == 0 {
					t.Errorf("nobody was refused because %v: %v", limit, refused)
				}
			}
		})
	}
}

// A node whose counts lack something is noticed.
func TestMissingCountsAreNoticed(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*store.Found){
		"clients":  func(f *store.Found) { f.Clients = nil },
		"contacts": func(f *store.Found) { f.Contacts = nil },
		"holds":    func(f *store.Found) { f.Holds = nil },
		"networks": func(f *store.Found) {
			whole := make(map[string][]store.Live)
			for tag, counts := range f.Clients {
				if len(tag) > 8 { // of a /48
					whole[tag] = counts
				}
			}
			f.Clients = whole
		},
		"people": func(f *store.Found) {
			for _, counts := range f.Clients {
				for i := range counts {
					counts[i].People = counts[i].All
				}
			}
		},
		"claims": func(f *store.Found) {
			for _, claims := range f.Holds {
				for i := range claims {
					claims[i].End = claims[i].Start.Add(time.Hour)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(40) {
				err := runShop(t, harnesses[0], seed, 250, func(s desk.Store) desk.Store {
					return tampered{Store: s, found: func(_ store.Need, found *store.Found) { forget(found) }}
				}, make(map[error]int))
				if err != nil {
					return
				}
			}
			t.Errorf("negative control: nobody notices that no %s are counted", name)
		})
	}
}
