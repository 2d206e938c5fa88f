package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// putService puts a service of an hour that takes any one of the resources, with changes.
func (n *node) putService(t *testing.T, id booking.ServiceID, change func(*booking.Service), chairs ...booking.ResourceID) {
	t.Helper()
	s := service(chairs...)
	s.ID, s.Duration, s.Step = id, time.Hour, time.Hour
	if change != nil {
		change(&s)
	}
	_, err := n.PutService(t.Context(), staff, s, desk.Condition{})
	must(t, err)
}

// holdEach has a client each hold what it can: every start of the day, of each service in turn, at which there is room. It is how many got
// a hold of each service.
func (n *node) holdEach(t *testing.T, services []booking.ServiceID, starts ...time.Time) map[booking.ServiceID]int {
	t.Helper()
	got := make(map[booking.ServiceID]int)
	for _, id := range services {
		for i, start := range starts {
			r := hold(start)
			r.Service = id
			switch _, err := n.Book(t.Context(), client(fmt.Sprintf("%s-%d-%d", id, start.Unix(), i)), r); {
			case err == nil:
				got[id]++
			case !errors.Is(err, booking.ErrHoldsLimited) && !errors.Is(err, booking.ErrSlotUnavailable):
				t.Fatal(err)
			}
		}
	}
	return got
}

func hours(from, to int) (starts []time.Time) {
	for hour := from; hour < to; hour++ {
		starts = append(starts, at(hour, 0))
	}
	return starts
}

func sum(got map[booking.ServiceID]int) (n int) {
	for _, of := range got {
		n += of
	}
	return n
}

// barbershop has one chair for eight services of an hour each, so eight places a day.
func barbershop(t *testing.T, writer func(desk.Store) desk.Store) (*node, []booking.ServiceID) {
	t.Helper()
	s := newShop(t)
	n := s.open(t, writer(hiddenDue{s.store}), limited)
	furnishVenues(t, n, 1, []booking.ResourceID{"chair"}, "barber")
	var services []booking.ServiceID
	for i := range 8 {
		services = append(services, booking.ServiceID(fmt.Sprintf("s%d", i)))
		n.putService(t, services[i], nil, "chair")
	}
	return n, services
}

// A chair has eight services. All holds together take no more of its day than they would if it had one, whichever services they are of;
// whoever books at once finds room.
func TestHoldsOfServicesThatShareAChair(t *testing.T) {
	t.Parallel()
	n, services := barbershop(t, undecorated)
	if got := n.holdEach(t, services, hours(9, 17)...); sum(got) != 4 {
		t.Errorf("holds of each service: %v; want four in all, half of the day", got)
	}
	for _, id := range services {
		r := hold(at(16, 0))
		r.Service = id
		if _, err := n.Book(t.Context(), client("somebody"), r); !errors.Is(err, booking.ErrHoldsLimited) {
			t.Errorf("a hold of %s: %v", id, err)
		}
	}
	r := request(at(16, 0))
	r.Service = services[7]
	_, err := n.Book(t.Context(), client("honest"), r)
	must(t, err)
}

// Where half of the day is gone, one hold is always allowed: one of all that share the chair, and not one of each service. It does not
// matter by which service the other half was taken.
func TestOneHoldOfAllThatShareAChair(t *testing.T) {
	t.Parallel()
	n, services := barbershop(t, undecorated)
	for i, start := range hours(9, 15) {
		r := request(start)
		r.Service = services[i]
		_, err := n.Book(t.Context(), staff, r)
		must(t, err)
	}
	if got := n.holdEach(t, services, hours(15, 17)...); sum(got) != 1 {
		t.Errorf("holds of each service: %v; want one in all", got)
	}
}

// Negative control: where the holds of one service are not counted for the others, more is held.
func TestSharedHoldsControl(t *testing.T) {
	t.Parallel()
	n, services := barbershop(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(need store.Need, found *store.Found) {
			found.Holds = slices.Clone(found.Holds)
			for i, r := range need.Holds {
				if r.Service == "s0" {
					found.Holds[i] = nil
				}
			}
		}}
	})
	if got := n.holdEach(t, services, hours(9, 17)...); sum(got) <= 4 {
		t.Errorf("negative control: %v holds", got)
	}
}

// What is held counts for what it takes of a service's day: by a longer service, by a shorter one, by one of which only some resources are
// the same, by one that began the day before. What takes nothing of it does not count: another resource, venue or day.
func TestWhatHoldsTakeOfADay(t *testing.T) {
	t.Parallel()
	long := func(s *booking.Service) { s.Duration = 4 * time.Hour }
	for name, c := range map[string]struct {
		chairs []booking.ResourceID
		held   func(t *testing.T, n *node)
		// taken are the hours of the chair that staff book before, and want is how many more holds there may be.
		taken, want int
	}{
		"a longer service": {[]booking.ResourceID{"chair"}, func(t *testing.T, n *node) {
			n.putService(t, "long", long, "chair")
			must(t, n.holdAt(t, "long", at(9, 0)))
		}, 0, 0},
		"a shorter service": {[]booking.ResourceID{"chair"}, func(t *testing.T, n *node) {
			n.putService(t, "half", func(s *booking.Service) { s.Duration, s.Step = 30*time.Minute, 30*time.Minute }, "chair")
			must(t, n.holdAt(t, "half", at(9, 0)))
			must(t, n.holdAt(t, "half", at(9, 30)))
		}, 5, 0},
		"several units": {[]booking.ResourceID{"table"}, func(t *testing.T, n *node) {
			n.putService(t, "feast", func(s *booking.Service) { s.Requires[0].Units = 4 }, "table")
			must(t, n.holdAt(t, "feast", at(9, 0)))
		}, 0, 12}, // of 32 places 4 are held: half may be, and then a quarter of what is left, which is nothing more
		"the same chair of a pool": {[]booking.ResourceID{"chair", "other"}, func(t *testing.T, n *node) {
			n.putService(t, "pool", nil, "chair")
			for _, start := range hours(9, 13) {
				must(t, n.holdAt(t, "pool", start))
			}
		}, 0, 4}, // 16 places, of which 8 may be held
		"another chair": {[]booking.ResourceID{"chair"}, func(t *testing.T, n *node) {
			n.putService(t, "pool", nil, "other")
			for _, start := range hours(9, 13) {
				must(t, n.holdAt(t, "pool", start))
			}
		}, 4, 1},
		"another day": {[]booking.ResourceID{"chair"}, func(t *testing.T, n *node) {
			n.putService(t, "pool", nil, "chair")
			for _, start := range hours(9, 13) {
				must(t, n.holdAt(t, "pool", start.AddDate(0, 0, 1)))
			}
		}, 4, 1},
		"another venue": {[]booking.ResourceID{"chair"}, func(t *testing.T, n *node) {
			furnishVenues(t, n, 1, []booking.ResourceID{"chair"}, "salon")
			for _, start := range hours(9, 13) {
				r := hold(start)
				r.Venue = "salon"
				_, err := n.Book(t.Context(), client("somebody"), r)
				must(t, err)
			}
		}, 4, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			n := s.open(t, hiddenDue{s.store}, limited)
			furnishVenues(t, n, 1, []booking.ResourceID{"chair", "other"}, "barber")
			_, err := n.PutResource(t.Context(), staff, resource("table", 4), desk.Condition{})
			must(t, err)
			n.putService(t, "hour", nil, c.chairs...)
			c.held(t, n)
			for _, start := range hours(10, 10+c.taken) {
				r := request(start)
				r.Service = "hour"
				_, err := n.Book(t.Context(), staff, r)
				must(t, err)
			}
			var starts []time.Time
			for range 4 {
				starts = append(starts, hours(9, 17)...)
			}
			if got := n.holdEach(t, []booking.ServiceID{"hour"}, starts...); got["hour"] != c.want {
				t.Errorf("%d holds; want %d", got["hour"], c.want)
			}
		})
	}
}

func (n *node) holdAt(t *testing.T, id booking.ServiceID, start time.Time) error {
	t.Helper()
	r := hold(start)
	r.Service = id
	_, err := n.Book(t.Context(), client(fmt.Sprint(id, start.Unix())), r)
	return err
}

// A hold that begins on one day and ends on the next counts for what it takes of either.
func TestHoldsOverMidnight(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, hiddenDue{s.store}, limited)
	furnishVenues(t, n, 1, []booking.ResourceID{"chair"}, "barber")
	boat := resource("boat", 1)
	for day := range boat.Schedule.Weekly {
		boat.Schedule.Weekly[day] = []booking.Period{{Open: 0, Close: 24 * 60}}
	}
	_, err := n.PutResource(t.Context(), staff, boat, desk.Condition{})
	must(t, err)
	tour := func(s *booking.Service) { s.Duration, s.Step = 6*time.Hour, 6*time.Hour }
	n.putService(t, "tour", tour, "boat")
	n.putService(t, "night", func(s *booking.Service) { s.Duration, s.Step = 12*time.Hour, time.Hour }, "boat")
	day := func(days, hour int) time.Time { return at(hour, 0).AddDate(0, 0, days) }
	must(t, n.holdAt(t, "night", day(1, 21))) // until nine on Wednesday
	// Of Wednesday's four tours it takes two: were another held, less than half would be left, and more than a quarter of it held.
	if err := n.holdAt(t, "tour", day(2, 12)); !errors.Is(err, booking.ErrHoldsLimited) {
		t.Errorf("a tour on Wednesday: %v", err)
	}
	// Of Tuesday's it takes one. A second may be held, and no third.
	must(t, n.holdAt(t, "tour", day(1, 0)))
	if err := n.holdAt(t, "tour", day(1, 6)); !errors.Is(err, booking.ErrHoldsLimited) {
		t.Errorf("a third tour on Tuesday: %v", err)
	}
	must(t, n.holdAt(t, "tour", day(3, 6))) // on Thursday nothing is held
}

// What a batch itself holds, gives back and confirms counts as if each had been committed before the next.
func TestSharedHoldsOfABatch(t *testing.T) {
	t.Parallel()
	n, services := barbershop(t, undecorated)
	wish := func(i int) (booking.Actor, desk.BookRequest) {
		r := hold(at(9, 0).Add(time.Duration(i) * time.Hour))
		r.Service = services[i]
		return client(fmt.Sprint(i)), r
	}
	errs := n.together(t, 8, wish)
	if got := count(errs, nil); got != 4 || count(errs, booking.ErrHoldsLimited) != 4 {
		t.Errorf("%d holds in a batch: %v", got, errs)
	}
}
