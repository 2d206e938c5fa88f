package desk_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

func limited(c *desk.Config) { c.LimitPlaces, c.ClientSecret = true, "a secret of the installation" }

func client(name string) booking.Actor { return booking.Actor{Kind: booking.Public, Client: name} }

// invented is a customer whom nobody has seen before.
func invented(n int) booking.Customer {
	return booking.Customer{Name: "Nobody", Email: fmt.Sprintf("nobody-%d@example.com", n)}
}

// hall is a shop with one resource of ten places at sixteen starts a day.
func hall(t *testing.T, writer func(desk.Store) desk.Store) (*shop, *node) {
	t.Helper()
	s := newShop(t)
	n := s.open(t, writer(hiddenDue{s.store}), limited)
	furnishVenues(t, n, 10, []booking.ResourceID{"hall"}, "barber")
	return s, n
}

// fill has staff take so many places of the first day.
func (n *node) fill(t *testing.T, places int) {
	t.Helper()
	for i := range places {
		_, err := n.Book(t.Context(), staff, request(at(9, 0).Add(timeStep(i/10))))
		must(t, err)
	}
}

// afternoon is the i-th of the places that fill leaves.
func afternoon(i int) time.Time { return at(13, 0).Add(timeStep(i / 10)) }

func (n *node) holds(t *testing.T, a booking.Actor, from, count int) (errs []error) {
	t.Helper()
	for i := range count {
		_, err := n.Book(t.Context(), a, hold(afternoon(from+i)))
		errs = append(errs, err)
	}
	return errs
}

func count(errs []error, want error) (n int) {
	for _, err := range errs {
		if errors.Is(err, want) {
			n++
		}
	}
	return n
}

// hoard has one client hold what it can, and then another, once half of the day is gone. It is how many holds each got.
func hoard(t *testing.T, n *node) (one, two int) {
	t.Helper()
	n.fill(t, 80)
	return count(n.holds(t, client("one"), 0, 15), nil), count(n.holds(t, client("two"), 20, 15), nil)
}

// Half of a day of 160 places is gone. One client may hold ten of the rest, and all together a quarter of it, which is twenty. Whoever is
// refused is not told that there is no room, and can book at once. Keys are outside of all this.
func TestHoldsAreLimitedWhereLittleIsLeft(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	if one, two := hoard(t, n); one != 10 || two != 10 {
		t.Errorf("one client got %d holds, and another %d", one, two)
	}
	_, err := n.Book(t.Context(), client("three"), hold(afternoon(40)))
	if !errors.Is(err, booking.ErrHoldsLimited) || errors.Is(err, booking.ErrSlotUnavailable) {
		t.Errorf("a third client that holds was told %v", err)
	}
	nobody := client("")
	if _, err := n.Book(t.Context(), nobody, hold(afternoon(40))); !errors.Is(err, booking.ErrHoldsLimited) {
		t.Errorf("a client that is not counted by itself was told %v", err)
	}
	for i, who := range []booking.Actor{client("one"), client("three"), nobody, staff} {
		r := request(afternoon(41 + i))
		r.Customer = invented(i)
		_, err := n.Book(t.Context(), who, r)
		must(t, err)
	}
	_, err = n.Book(t.Context(), staff, hold(afternoon(50)))
	must(t, err)
	other := hold(afternoon(0).AddDate(0, 0, 1)) // where much is left
	_, err = n.Book(t.Context(), client("one"), other)
	must(t, err)
}

// Without what the transaction counts nothing is limited: what is limited stems from there.
func TestHoldsAreCountedInTheTransaction(t *testing.T) {
	t.Parallel()
	_, n := hall(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Clients, found.Holds = nil, nil }}
	})
	if one, _ := hoard(t, n); one == 10 {
		t.Error("negative control: a store that counts nothing limits as well, so the test proves nothing")
	}
}

// While much is left nobody is limited.
func TestHoldsAreFreeWhereMuchIsLeft(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	n.fill(t, 50)
	if got := count(n.holds(t, client("one"), 0, 25), nil); got != 25 {
		t.Errorf("one client got %d of 25 holds, on a day of which less than half is gone", got)
	}
}

// The counts are those of all nodes, and of the batch itself: commands that wait together are no way around them.
func TestCountsHoldOverNodesAndBatches(t *testing.T) {
	t.Parallel()
	s, n := hall(t, undecorated)
	n.fill(t, 80)
	other := s.open(t, hiddenDue{s.store}, limited) // as after a restart, too
	if got := count(n.holds(t, client("one"), 0, 6), nil); got != 6 {
		t.Fatalf("%d of 6 holds", got)
	}
	release := other.hold(t)
	wait := other.line(t, 12, func(i int) error {
		_, err := other.Book(t.Context(), client("one"), hold(afternoon(10+i)))
		return err
	})
	release()
	errs := wait()
	if got := count(errs, nil); got != 4 || count(errs, booking.ErrHoldsLimited) != 8 {
		t.Errorf("%d holds on another node, after 6 on the first: %v", got, errs)
	}
}

// What ends is not counted any more: a hold that is given back, that runs out, or that becomes a booking.
func TestEndedHoldsAreNotCounted(t *testing.T) {
	t.Parallel()
	s, n := hall(t, undecorated)
	n.fill(t, 80)
	var made []desk.Outcome
	for i := range 10 {
		one, err := n.Book(t.Context(), client("one"), hold(afternoon(i)))
		must(t, err)
		made = append(made, one)
	}
	again := func(what string) {
		t.Helper()
		if errs := n.holds(t, client("one"), 20, 2); errs[0] != nil || !errors.Is(errs[1], booking.ErrHoldsLimited) {
			t.Errorf("%s: two more holds: %v", what, errs)
		}
	}
	_, err := n.Cancel(t.Context(), holder(made[0].Token), transition(made[0].Booking))
	must(t, err)
	again("one was cancelled")
	_, err = n.Confirm(t.Context(), holder(made[1].Token), transition(made[1].Booking), ada)
	must(t, err)
	again("one was confirmed")
	s.clock.Advance(11 * time.Minute)
	if got := count(n.holds(t, client("one"), 0, 12), nil); got != 10 {
		t.Errorf("%d holds after the others ran out", got)
	}
	for _, o := range made[:3] {
		b, err := s.store.Booking(t.Context(), "barber", o.Booking.ID)
		must(t, err)
		if live := b.Status.Claims(); live != (b.ClientTag != "") {
			t.Errorf("a booking that is %s has the tag %q", b.Status, b.ClientTag)
		}
		if b.ClientTag == "one" {
			t.Error("the client is stored")
		}
	}
}

// One client books at once, with invented addresses, all that it can on three days. On each day others still find room. A class of thirty
// behind one address gets through where half is gone, and so does everybody else.
func TestNobodyEmptiesTheShop(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	n.fill(t, 80)
	for i := range 30 { // the class
		r := request(afternoon(i))
		r.Customer = invented(i)
		_, err := n.Book(t.Context(), client("school"), r)
		must(t, err)
	}
	const days = 3
	refused := 0
	for i := range days * 160 {
		r := request(at(9, 0).AddDate(0, 0, 1+i/160).Add(timeStep(i % 160 / 10)))
		r.Customer = invented(1000 + i)
		switch _, err := n.Book(t.Context(), client("flood"), r); {
		case errors.Is(err, booking.ErrBookingsLimited):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	if refused != days*80 {
		t.Errorf("the flood was refused %d times; want half of what there is", refused)
	}
	for day := range days {
		r := request(at(16, 0).AddDate(0, 0, 1+day))
		r.Customer = invented(day)
		_, err := n.Book(t.Context(), client("somebody"), r)
		must(t, err)
	}
	if _, err := n.Book(t.Context(), client("flood"), hold(at(16, 0).AddDate(0, 0, 1))); !errors.Is(err, booking.ErrHoldsLimited) {
		t.Errorf("a hold of the flood: %v", err)
	}
}

// A contact has twenty bookings to come, in whichever spelling, whoever books, at any time. Keys are outside of this.
func TestBookingsOfAContact(t *testing.T) {
	t.Parallel()
	s, n := hall(t, undecorated)
	book := func(a booking.Actor, c booking.Customer, i int) (desk.Outcome, error) {
		r := request(at(9, 0).Add(timeStep(i % 16)))
		r.Customer = c
		return n.Book(t.Context(), a, r)
	}
	var first desk.Outcome
	for i := range 20 {
		made, err := book(client(fmt.Sprint(i)), ada, i)
		must(t, err)
		if i == 0 {
			first = made
		}
	}
	for _, email := range []string{"ada@example.com", "Ada@Example.COM", "ada+again@example.com"} {
		if _, err := book(client("x"), booking.Customer{Name: "A", Email: email}, 0); !errors.Is(err, booking.ErrContactLimited) {
			t.Errorf("%s got a 21st booking: %v", email, err)
		}
	}
	held, err := n.Book(t.Context(), client("x"), hold(at(16, 0)))
	must(t, err)
	if _, err := n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), ada); !errors.Is(err, booking.ErrContactLimited) {
		t.Errorf("a hold was confirmed as the 21st booking: %v", err)
	}
	_, err = n.Confirm(t.Context(), holder(held.Token), transition(held.Booking), invented(1))
	must(t, err)
	_, err = book(staff, ada, 1)
	must(t, err)
	_, err = n.Cancel(t.Context(), holder(first.Token), transition(first.Booking))
	must(t, err)
	_, err = book(client("x"), ada, 2)
	must(t, err)
	s.clock.Advance(24 * time.Hour) // all are over
	r := request(at(9, 0).AddDate(0, 0, 2))
	_, err = n.Book(t.Context(), client("x"), r)
	must(t, err)
	phone := func(number string) booking.Customer { return booking.Customer{Name: "P", Phone: number} }
	for i := range 21 {
		number := "+49 30 5550"
		if i%2 == 1 {
			number = "+49 (30) 55-50"
		}
		r := request(at(9, 0).AddDate(0, 0, 2).Add(timeStep(i % 16)))
		r.Customer = phone(number)
		if _, err := n.Book(t.Context(), client("y"), r); i < 20 && err != nil || i == 20 && !errors.Is(err, booking.ErrContactLimited) {
			t.Errorf("booking %d of a phone number: %v", i, err)
		}
	}
}

// The service sets its own limits.
func TestServiceSetsItsLimits(t *testing.T) {
	t.Parallel()
	_, n := hall(t, undecorated)
	cut := service("hall")
	cut.Limits = booking.Limits{HoldsPerClient: 2, BookingsPerContact: 1}
	_, err := n.PutService(t.Context(), staff, cut, desk.Condition{})
	must(t, err)
	n.fill(t, 80)
	if got := count(n.holds(t, client("one"), 0, 5), nil); got != 2 {
		t.Errorf("%d holds; want 2", got)
	}
	_, err = n.Book(t.Context(), client("two"), request(afternoon(30)))
	must(t, err)
	if _, err := n.Book(t.Context(), client("two"), request(afternoon(31))); !errors.Is(err, booking.ErrContactLimited) {
		t.Errorf("a second booking: %v", err)
	}
}

// A hold lives half an hour at most, however often it is extended. One of staff, and one where limits are off, is not bounded by that.
func TestTotalHoldTime(t *testing.T) {
	t.Parallel()
	s, n := hall(t, undecorated)
	free := s.open(t, hiddenDue{s.store})
	for name, c := range map[string]struct {
		node *node
		by   func(desk.Outcome) booking.Actor
		want time.Duration
	}{
		"a customer":     {n, func(o desk.Outcome) booking.Actor { return holder(o.Token) }, 30 * time.Minute},
		"staff":          {n, func(desk.Outcome) booking.Actor { return staff }, 37 * time.Minute},
		"limits are off": {free, func(o desk.Outcome) booking.Actor { return holder(o.Token) }, 37 * time.Minute},
	} {
		made, err := c.node.Book(t.Context(), client("one"), hold(at(16, 0)))
		must(t, err)
		began, until := s.clock.Now(), made.Booking.ExpiresAt
		for range 3 {
			s.clock.Advance(9 * time.Minute)
			extended, err := c.node.Extend(t.Context(), c.by(made), transition(made.Booking))
			must(t, err)
			until = extended.Booking.ExpiresAt
		}
		if got := until.Sub(began); got != c.want {
			t.Errorf("%s: it was held for %s; want %s", name, got, c.want)
		}
	}
}

// A tag depends on nothing but the secret and whom it stands for: not on the tags that were made before, nor on the version of the
// server. Another one would forget all that was counted.
func TestTagsStay(t *testing.T) {
	t.Parallel()
	_, n := hall(t, func(s desk.Store) desk.Store { return s })
	for range 2 {
		for _, tag := range []struct {
			kind  string
			venue booking.VenueID
			text  string
		}{
			{"client", "barber", ""},
			{"client", "barber", "203.0.113.7"},
			{"email", "barber", "ada@example.com"},
			{"email", "a-longer-name-of-a-venue", "somebody.with.a.long.name@a-long-domain.example.com"},
			{"phone", "barber", "442055501815"},
		} {
			mac := hmac.New(sha256.New, []byte("a secret of the installation"))
			mac.Write([]byte(tag.kind + "\x00" + string(tag.venue) + "\x00" + tag.text))
			want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
			if got := n.Tag(tag.kind, tag.venue, tag.text); got != want {
				t.Errorf("the tag of %v is %q; want %q", tag, got, want)
			}
		}
	}
}

// Where limits are off, nothing is counted and no tag is written.
func TestNoTagsWithoutLimits(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var asked []string
	n := s.open(t, tampered{Store: hiddenDue{s.store}, found: func(need store.Need, _ *store.Found) {
		asked = append(append(asked, need.Clients...), need.Contacts...)
		if need.EnoughBookings != 0 {
			asked = append(asked, "bookings")
		}
		for _, r := range need.Holds {
			asked = append(asked, string(r.Service))
		}
	}})
	furnishVenues(t, n, 10, []booking.ResourceID{"hall"}, "barber")
	n.fill(t, 80)
	if got := count(n.holds(t, client("one"), 0, 25), nil); got != 25 {
		t.Errorf("%d of 25 holds", got)
	}
	for i := range 25 {
		_, err := n.Book(t.Context(), client("one"), request(afternoon(40+i)))
		must(t, err)
	}
	if len(asked) > 0 {
		t.Errorf("counted were %v", asked)
	}
	all, err := s.store.Bookings(context.Background(), "barber", store.Filter{Limit: 1000})
	must(t, err)
	for _, b := range all {
		if b.ClientTag != "" || b.ContactTag != "" {
			t.Fatalf("a tag was written: %+v", b)
		}
	}
}
