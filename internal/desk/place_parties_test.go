package desk_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// furnishStadium adds a resource of so many places to the barber's venue, and a service of one start a day that counts people.
func furnishStadium(t *testing.T, n *node, capacity int) {
	t.Helper()
	stadium := resource("stadium", capacity)
	_, err := n.PutResource(t.Context(), staff, stadium, desk.Condition{})
	must(t, err)
	show := service("stadium")
	show.ID, show.Duration, show.Step = "show", 8*time.Hour, 8*time.Hour
	show.PartySize = booking.PartySize{Min: 1, Max: 1000}
	show.Requires[0].PerPerson = true
	_, err = n.PutService(t.Context(), staff, show, desk.Condition{})
	must(t, err)
}

// concert asks for places of the show of the first day, for an invented customer.
func concert(party, customer int, hold bool) desk.BookRequest {
	r := request(at(9, 0))
	r.Service, r.PartySize, r.Hold = "show", party, hold
	if r.Customer = invented(customer); hold {
		r.Customer = booking.Customer{}
	}
	return r
}

// emptyByParties has one address book parties, and returns how many people got a place.
func emptyByParties(t *testing.T, n *node, party, times int) (people int) {
	t.Helper()
	errs := n.together(t, times, func(i int) (booking.Actor, desk.BookRequest) {
		return client("203.0.113.7"), concert(party, i, false)
	})
	if count(errs, nil)+count(errs, booking.ErrBookingsLimited) != times {
		t.Fatal(errors.Join(errs...))
	}
	return party * count(errs, nil)
}

// One address does not empty an event, however large its parties are: half of it stays, or what the first party has left.
func TestPartiesDoNotEmptyAnEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ capacity, party, want int }{
		{400, 1, 200},
		{1000, 10, 500},
		{1000, 30, 480},
		{1000, 400, 400},
		{1000, 600, 600},
		{100, 10, 60},
		{60, 20, 60}, // sixty may always be: twice a class
	} {
		_, n := hall(t, undecorated)
		furnishStadium(t, n, c.capacity)
		if got := emptyByParties(t, n, c.party, c.capacity/c.party); got != c.want {
			t.Errorf("%d places, by parties of %d: %d people got one; want %d", c.capacity, c.party, got, c.want)
		}
	}
}

// Negative control: where bookings are counted in place of people, one address gets all.
func TestPartiesControl(t *testing.T) {
	t.Parallel()
	_, n := hall(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) {
			for _, counts := range found.Clients {
				for i := range counts {
					counts[i].People = counts[i].All
				}
			}
		}}
	})
	furnishStadium(t, n, 1000)
	got := 0
	for range 10 { // in small batches: what a batch does itself is not the store's to count
		got += emptyByParties(t, n, 10, 10)
	}
	if got != 1000 {
		t.Errorf("negative control: %d people got a place", got)
	}
}

// Where half of an event is gone, whoever comes with many at once gets through: a coach, whose booking is its client's first, a family, a
// class of which each books alone.
func TestPartiesGetThrough(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	furnishStadium(t, n, 400)
	_, err := n.Book(t.Context(), staff, concert(200, 0, false))
	must(t, err)
	book := func(address string, party, customer int, hold bool) error {
		_, err := n.Book(t.Context(), client(address), concert(party, customer, hold))
		return err
	}
	must(t, book("203.0.113.1", 5, 1, false))
	must(t, book("203.0.113.1", 5, 2, false)) // and its cousins
	must(t, book("203.0.113.2", 80, 3, false))
	if err := book("203.0.113.2", 80, 4, false); !errors.Is(err, booking.ErrBookingsLimited) {
		t.Errorf("a second coach of one address, where 110 places are left: %v", err)
	}
	for i := range 30 {
		must(t, book("203.0.113.3", 1, 10+i, false))
	}
	must(t, book("203.0.113.4", 20, 50, true)) // a hold is the first, whatever its party
	if err := book("203.0.113.5", 2, 51, true); !errors.Is(err, booking.ErrHoldsLimited) {
		t.Errorf("a hold for two, where 60 places are left and 20 are held: %v", err)
	}
	must(t, book("203.0.113.5", 2, 51, false))
}

// A table is one place, whoever sits at it.
func TestTablesCountOnce(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	table := service("hall")
	table.PartySize.Max = 8
	_, err := n.PutService(t.Context(), staff, table, desk.Condition{})
	must(t, err)
	n.fill(t, 80)
	for _, err := range n.together(t, 60, func(i int) (booking.Actor, desk.BookRequest) {
		r := request(afternoon(i))
		r.PartySize, r.Customer = 8, invented(i)
		return client("203.0.113.7"), r
	}) {
		must(t, err)
	}
	r := request(afternoon(60))
	r.Customer = invented(60)
	if _, err := n.Book(t.Context(), client("203.0.113.7"), r); !errors.Is(err, booking.ErrBookingsLimited) {
		t.Errorf("a 61st table: %v", err)
	}
}
