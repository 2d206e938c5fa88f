package desk_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// gone is a plan for a store that does not come back: longer than anybody asks.
func gone(plan ...turn) []turn {
	for range 100 {
		plan = append(plan, turn{loss: unavailable})
	}
	return plan
}

// The store is lost in the middle of a commit and stays unavailable. Whoever may have got what they wished is told so; whoever was refused
// hears that nothing was done. When the store is back, a repeat with the key does it if it was not done.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]loss{"happened": after, "never": before, "happens later": delayed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { loseOutcome(t, lost) })
		})
	}
}

func loseOutcome(t *testing.T, lost loss) {
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a")
	r := keyed(request(at(10, 0)), "k")
	began := time.Now()
	s.doubtful.follow(gone(turn{}, turn{loss: lost})...)
	release := s.hold(t)
	wait := s.line(t, 3, func(i int) error {
		ask := r
		if i > 0 {
			ask = request(at(10, 0)) // the place is taken by the first
		}
		_, err := s.Book(t.Context(), anybody, ask)
		return err
	})
	if n := s.Waiting(); n == 0 {
		t.Error("nobody waits, as the desk says")
	}
	release()
	answers := wait()
	if n := s.InDoubt(); n != 0 {
		t.Errorf("%d commits are in doubt after the answers", n)
	}
	for i, err := range answers {
		unknown, undone := errors.Is(err, booking.ErrOutcomeUnknown), errors.Is(err, booking.ErrUnavailable)
		if i == 0 && (!unknown || undone) {
			t.Errorf("whoever may be booked was told %v", err)
		}
		if i > 0 && (unknown || !undone) {
			t.Errorf("whoever was refused, for a booking that nobody knows of, was told %v", err)
		}
	}
	if took := time.Since(began); took < 4*time.Second || took > 6*time.Second {
		t.Errorf("the store was asked for %s", took)
	}
	if s.Writable() {
		t.Error("the desk thinks that it can write")
	}
	s.doubtful.follow(turn{arrive: between})
	made, err := s.Book(t.Context(), anybody, r)
	must(t, err)
	if taken := s.taken(t, "a", at(10, 0)); taken != 1 {
		t.Errorf("%d are booked", taken)
	}
	stored, err := s.Booking(t.Context(), holder(made.Token), "barber", made.Booking.ID)
	if err != nil || stored.Booking.ID != made.Booking.ID {
		t.Errorf("the repeat was answered with what is not stored: %v", err)
	}
}

// Every commit is lost before it reaches the store. That is found out each time, and in the end the caller hears that nothing was
// done.
func TestDoubtsHaveAnEnd(t *testing.T) {
	t.Parallel()
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a")
	s.doubtful.follow(turn{loss: before}, turn{}, turn{loss: before}, turn{}, turn{loss: before}, turn{})
	_, err := s.Book(t.Context(), anybody, request(at(10, 0)))
	if !errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown) {
		t.Errorf("three commits that never happened were answered with %v", err)
	}
	if s.taken(t, "a", at(10, 0)) != 0 {
		t.Error("what the caller was told was not done is stored")
	}
}

// The connection died before the store could say that it rejects one of the writes, in a transaction that creates its venue. To
// write it again is rejected too: it can never have happened, and the one that is to blame is found.
func TestRejectedCreationInDoubt(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	doubtful := &doubtful{Store: rejecting{hiddenDue{shop.store}, "poison"}}
	s := &salon{shop, shop.open(t, doubtful), doubtful}
	furnish(t, s.node, "a")
	chair, cut := resource("a", 1), service("a")
	chair.Venue, cut.Venue = "annex", "annex"
	release := s.hold(t)
	wait := s.line(t, 5, func(i int) (err error) {
		switch i {
		case 0:
			_, err = s.PutVenue(t.Context(), staff, venueNamed("annex", "New"), desk.Condition{Absent: true})
		case 1:
			_, err = s.PutResource(t.Context(), staff, chair, desk.Condition{Absent: true})
		case 2:
			_, err = s.PutService(t.Context(), staff, cut, desk.Condition{Absent: true})
		default:
			r := in("annex", request(at(10, 0)))
			r.Customer.Name = map[int]string{3: "poison", 4: "Ada"}[i]
			_, err = s.Book(t.Context(), anybody, r)
		}
		return err
	})
	s.doubtful.follow(turn{}, turn{loss: before})
	release()
	for i, err := range wait() {
		if errors.Is(err, store.ErrRejected) != (i == 3) || i != 3 && err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
}

// The database came back from a backup: its history ends before what the transaction in doubt follows on.
func TestDoubtInAHistoryThatEndedBefore(t *testing.T) {
	t.Parallel()
	looks := 0
	s := newSalon(t, func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(need store.Need, found *store.Found) {
			if looks++; looks == 4 { // what held the lane, the furniture, the booking, the look
				*found = store.Found{Exists: true, Revision: need.Known - 1, Epoch: found.Epoch, Now: found.Now}
			}
		}}
	})
	furnish(t, s.node, "a")
	s.doubtful.follow(turn{loss: before})
	_, err := s.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	if looks != 5 || s.taken(t, "a", at(10, 0)) != 1 {
		t.Errorf("%d transactions, and %d booked", looks, s.taken(t, "a", at(10, 0)))
	}
}

// The database loses the standby that each commit must reach: commits can be seen by all, and none is safe. So long as that lasts,
// nobody is told of one that it happened.
func TestCommitThatIsSeenButNotSafe(t *testing.T) {
	t.Parallel()
	if err := bookUnsafely(t, undecorated); !errors.Is(err, booking.ErrOutcomeUnknown) {
		t.Errorf("a commit that may be lost was answered with %v", err)
	}
	if err := bookUnsafely(t, withoutFence); err != nil {
		t.Errorf("negative control: without a fence it was answered with %v, so the check proves nothing", err)
	}
}

func bookUnsafely(t *testing.T, decorate func(desk.Store) desk.Store) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSalon(t, decorate)
		furnish(t, s.node, "a")
		plan := make([]turn, 100)
		for i := range plan {
			plan[i].loss = after
		}
		s.doubtful.follow(plan...)
		_, err = s.Book(t.Context(), anybody, request(at(10, 0)))
	})
	return err
}

// What is written again is what was decided, time and all: who read the change meanwhile, if it did happen, has the same.
func TestCreationInDoubtKeepsItsTime(t *testing.T) {
	t.Parallel()
	looks := 0
	var s *salon
	s = newSalon(t, func(st desk.Store) desk.Store {
		return tampered{Store: st, found: func(store.Need, *store.Found) {
			if looks++; looks == 2 {
				s.clock.Advance(time.Minute)
			}
		}}
	})
	s.doubtful.follow(turn{loss: before})
	_, err := s.PutVenue(t.Context(), staff, venueNamed("annex", "New"), desk.Condition{})
	must(t, err)
	changes, err := s.store.Changes(t.Context(), "annex", 0, 10)
	must(t, err)
	if looks != 2 || len(changes) != 1 || !changes[0].CommittedAt.Equal(monday) {
		t.Errorf("after %d looks, the changes are %+v", looks, changes)
	}
}
