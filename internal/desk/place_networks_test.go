package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// networks are ways to have many addresses: the n-th client of each.
var networks = map[string]func(n int) string{
	"an address": func(int) string { return "203.0.113.7" },
	"a /64":      func(int) string { return "2001:db8:7:1::/64" },
	"a /56":      func(n int) string { return fmt.Sprintf("2001:db8:7:%x::/64", n%256) },
	"a /48":      func(n int) string { return fmt.Sprintf("2001:db8:7:%x::/64", n*263%65536) },
}

// together has so many bookings decided in their order, in one batch. It is whom each is for and what it asks for, and the answers.
func (n *node) together(t *testing.T, count int, wish func(i int) (booking.Actor, desk.BookRequest)) []error {
	t.Helper()
	release := n.hold(t)
	wait := n.line(t, count, func(i int) error {
		a, r := wish(i)
		_, err := n.Book(t.Context(), a, r)
		return err
	})
	release()
	return wait()
}

// flood books with invented addresses all that it can on some days, day after day, and returns how many places it got on each.
func flood(t *testing.T, n *node, address func(n int) string, starts int, step time.Duration, perStart, days int) (got []int) {
	t.Helper()
	got = make([]int, days)
	for day := range days {
		errs := n.together(t, starts*perStart, func(i int) (booking.Actor, desk.BookRequest) {
			r := request(at(9, 0).AddDate(0, 0, day).Add(time.Duration(i/perStart) * step))
			r.Customer = invented(10_000*day + i)
			return client(address(1000*day + i)), r
		})
		if got[day] = count(errs, nil); got[day]+count(errs, booking.ErrBookingsLimited) != len(errs) {
			t.Fatal(errors.Join(errs...))
		}
	}
	return got
}

// Whoever has many addresses of one network does not empty a shop: beyond half of each day, a /64 gets as much as an IPv4 address, a /56
// twice that, and a /48 four times. What a network has is counted whatever addresses it has used, on other nodes too.
func TestNetworksDoNotEmptyTheShop(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ places, holds int }{
		"an address": {60, 10}, "a /64": {60, 10}, "a /56": {120, 20}, "a /48": {240, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, n := hall(t, undecorated)
			got := flood(t, n, networks[name], 16, timeStep(1), 10, 4)
			wanted := []int{80, 80, 80, 80} // half of each
			for day, left := 0, want.places-80; left > 0; day, left = day+1, left-160 {
				wanted[day] = min(160, 80+left) // the other half too, as long as it has not more than it may
			}
			if fmt.Sprint(got) != fmt.Sprint(wanted) {
				t.Errorf("it got %v places; want %v", got, wanted)
			}

			other := s.open(t, hiddenDue{s.store}, limited)
			for _, err := range other.together(t, 80, func(i int) (booking.Actor, desk.BookRequest) {
				return staff, request(at(9, 0).AddDate(0, 0, 7).Add(timeStep(i / 10)))
			}) {
				must(t, err)
			}
			r := request(at(16, 0).AddDate(0, 0, 7))
			r.Customer = invented(1)
			if _, err := other.Book(t.Context(), client(networks[name](65_000)), r); !errors.Is(err, booking.ErrBookingsLimited) {
				t.Errorf("on another node it is told %v", err)
			}
			_, err := other.Book(t.Context(), client("2001:db8:8:1::/64"), r) // of the next /48
			must(t, err)
		})
	}
}

// A small shop has eight places a day, for two weeks. However many addresses of a network somebody has, a third of all is left.
func TestNetworksDoNotEmptyASmallShop(t *testing.T) {
	t.Parallel()
	for name, address := range networks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			n := s.open(t, hiddenDue{s.store}, limited)
			furnishVenues(t, n, 1, []booking.ResourceID{"chair"}, "barber")
			hour := service("chair")
			hour.Duration, hour.Step, hour.HorizonDays = time.Hour, time.Hour, 14
			_, err := n.PutService(t.Context(), staff, hour, desk.Condition{})
			must(t, err)
			got, sum := flood(t, n, address, 8, time.Hour, 1, 15), 0
			for _, places := range got {
				sum += places
			}
			// A quarter of the 120 are 30: three days of eight, six of the next, and half of each of the other eleven.
			if sum != 3*8+6+11*4 {
				t.Errorf("it got %d of 120 places: %v", sum, got)
			}
		})
	}
}

// Negative control: without what is counted of the wider networks, a /48 takes all.
func TestNetworksControl(t *testing.T) {
	t.Parallel()
	_, n := hall(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) {
			whole := make(map[string][]store.Live)
			for tag, counts := range found.Clients {
				if len(tag) == 24 {
					whole[tag] = counts
				}
			}
			found.Clients = whole
		}}
	})
	if got := flood(t, n, networks["a /48"], 16, timeStep(1), 10, 2); got[0]+got[1] != 320 {
		t.Errorf("negative control: a /48 of which each /64 is counted by itself got %v places; want all", got)
	}
}

// The phones of a carrier's /48 each have a /64 of their own, or share one IPv4 address. Where half of a large event's day is gone, a
// quarter of the day may still go to them; and a class of thirty gets through in any case.
func TestCarriersCustomersBook(t *testing.T) {
	t.Parallel()
	for name, address := range networks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, n := hall(t, undecorated)
			furnishStadium(t, n, 2000)
			_, err := n.Book(t.Context(), staff, concert(1000, 0, false))
			must(t, err)
			for range 2 {
				for _, err := range n.together(t, 250, func(i int) (booking.Actor, desk.BookRequest) {
					return client(address(i)), concert(1, i, false)
				}) {
					must(t, err)
				}
			}
			if _, err := n.Book(t.Context(), client(address(500)), concert(1, 500, false)); !errors.Is(err, booking.ErrBookingsLimited) {
				t.Errorf("more than a quarter of the day: %v", err)
			}
			for _, err := range n.together(t, 30, func(i int) (booking.Actor, desk.BookRequest) {
				return client("198.51.100.1"), concert(1, 1000+i, false)
			}) {
				must(t, err)
			}
		})
	}
}

// Tags of one network begin alike, those of others do not, and none tells who it is. What has no networks has the tag that it always had.
func TestTagsOfNetworks(t *testing.T) {
	t.Parallel()
	s, n := hall(t, undecorated)
	tag := func(client string) string {
		t.Helper()
		made, err := n.Book(t.Context(), booking.Actor{Kind: booking.Public, Client: client}, hold(at(9, 0)))
		must(t, err)
		b, err := s.store.Booking(t.Context(), "barber", made.Booking.ID)
		must(t, err)
		return b.ClientTag
	}
	shared := func(a, b string) (n int) {
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		return n
	}
	one := tag("2001:db8:7:aa01::/64")
	for other, want := range map[string]int{
		"2001:db8:7:aa01::/64": 24, "2001:db8:7:aa02::/64": 16, "2001:db8:7:ab01::/64": 8, "2001:db8:8:aa01::/64": 0,
	} {
		if got := shared(one, tag(other)); got < want || got > want+3 { // the next characters may be the same by chance
			t.Errorf("the tag of %s shares %d characters with its neighbour's; want %d", other, got, want)
		}
	}
	if len(one) != 24 || strings.Contains(one, "~") {
		t.Errorf("the tag is %q", one)
	}
	if got, want := tag("203.0.113.7"), n.Tag("client", "barber", "203.0.113.7"); got != want {
		t.Errorf("the tag of an IPv4 address is %q; want %q", got, want)
	}
}

// What somebody has booked without end is not read without end: so many bookings are counted as tell that it is too many, and a batch more.
func TestCountsEnd(t *testing.T) {
	t.Parallel()
	asked := 0
	_, n := hall(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(need store.Need, _ *store.Found) { asked = need.EnoughBookings }}
	})
	for client, most := range map[string]int{"203.0.113.7": 60, "2001:db8:7:1::/64": 240} {
		_, err := n.Book(t.Context(), booking.Actor{Kind: booking.Public, Client: client}, hold(at(9, 0)))
		must(t, err)
		if asked < most+512 || asked > most+2000 {
			t.Errorf("of %s %d bookings are enough; its most are %d", client, asked, most)
		}
	}
}
