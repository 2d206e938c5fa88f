package desk_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// A hold was made, the server was stopped, and started again when the hold was long past. The view then loads only the claims that
// can still matter, so the hold's are not in its ledgers; to expire it, they must be taken out all the same. Ledgers that did not
// know from when on they know everything refused that, and with it every transaction of the venue, for ever.
func TestHoldLeftOverALongStop(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	held, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	n.Close()
	for range 5 {
		s.clock.Advance(23 * time.Hour)
		n := s.open(t, s.store)
		_, err = n.Book(t.Context(), anybody, request(s.clock.Now().Truncate(24*time.Hour).AddDate(0, 0, 2).Add(9*time.Hour)))
		must(t, err)
		n.Close()
	}
	b, err := s.store.Booking(t.Context(), "barber", held.Booking.ID)
	must(t, err)
	if b.Status != booking.Expired {
		t.Errorf("the hold is %s", b.Status)
	}
}

// The same for staff who cancel what is long over, as a note that nobody came.
func TestCancelLongAfter(t *testing.T) {
	t.Parallel()
	s, n := furnishedShop(t, "a")
	made, err := n.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	s.clock.Advance(30 * 24 * time.Hour)
	_, err = s.open(t, s.store).Cancel(t.Context(), staff, transition(made.Booking))
	must(t, err)
}

// A hold that has run out was still found among the future bookings, because those are read before it is expired in the same
// transaction: the first attempt to archive its service was refused, the second not.
func TestExpiredHoldIsNotInTheWay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	n := s.open(t, hiddenDue{s.store})
	furnish(t, n, "a")
	_, err := n.Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	s.clock.Advance(11 * time.Minute)
	_, err = n.ArchiveService(t.Context(), staff, "barber", "cut", desk.Condition{})
	must(t, err)
}

// Several commands of one batch on the same booking: it is looked up once, and each sees what the one before has done.
func TestCommandsOfOneBatchOnOneBooking(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	gate := newGated(s.store)
	made, err := s.open(t, s.store).Book(t.Context(), anybody, hold(at(10, 0)))
	must(t, err)
	n := s.open(t, gate)
	first := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(9, 0)) })
	<-gate.entered
	answers := make(chan error, 3)
	for i, call := range []func() (desk.Outcome, error){
		func() (desk.Outcome, error) {
			return n.Confirm(t.Context(), holder(made.Token), transition(made.Booking), ada)
		},
		func() (desk.Outcome, error) {
			return n.Cancel(t.Context(), holder(made.Token), transition(made.Booking))
		},
		func() (desk.Outcome, error) {
			return n.Extend(t.Context(), holder(made.Token), transition(made.Booking))
		},
	} {
		go func() {
			_, err := call()
			answers <- err
		}()
		n.AwaitWaiting(i + 1)
	}
	close(gate.proceed)
	first()
	refused := 0
	for range 3 {
		if err := <-answers; errors.Is(err, booking.ErrWrongStatus) {
			refused++
		} else {
			must(t, err)
		}
	}
	if refused != 1 || s.taken(t, "a", at(10, 0)) != 0 {
		t.Errorf("%d refused, %d taken", refused, s.taken(t, "a", at(10, 0)))
	}
}

// A panic while one command is decided costs that command. The others of its batch are decided without it, and the server lives.
func TestPanicCostsOneCommand(t *testing.T) {
	t.Parallel()
	_, n, gate, first := busyShop(t, "a")
	fault := make(chan error)
	go func() { fault <- n.Panic(t.Context(), "barber") }()
	n.AwaitWaiting(1)
	rest := waiting(t, n, 4, func(i int) desk.BookRequest { return request(at(10, 0).Add(timeStep(i))) })
	n.AwaitWaiting(5)
	close(gate.proceed)
	for _, err := range append(first(), rest()...) {
		must(t, err)
	}
	if err := <-fault; err == nil {
		t.Error("the command that panicked succeeded")
	}
}
