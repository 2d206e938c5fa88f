package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// promised is how long a caller waits for an answer at most.
const promised = 10 * time.Second

// hanging is a store in which transactions over some venues hang, whatever they are told, until they are let go, and are
// carried out then.
type hanging struct {
	desk.Store
	venues []booking.VenueID
	letGo  chan struct{}
}

func (s hanging) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if slices.ContainsFunc(needs, func(n store.Need) bool { return slices.Contains(s.venues, n.Venue) }) {
		<-s.letGo
		ctx = context.WithoutCancel(ctx)
	}
	return s.Store.Update(ctx, needs, decide)
}

// The store hangs and does not even heed its deadline. Whoever is in the batch is told that the outcome is unknown, whoever waits
// behind it that nothing was done, and all of them in time.
func TestCallersAreAnsweredInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		furnish(t, s.open(t, hiddenDue{s.store}), "a")
		hangs := hanging{hiddenDue{s.store}, []booking.VenueID{"barber"}, make(chan struct{})}
		n := s.open(t, hangs)
		began := time.Now()
		ask := func(i int) func() error {
			answer := make(chan error, 1)
			go func() {
				_, err := n.Book(t.Context(), anybody, request(at(10, 0).Add(timeStep(i))))
				answer <- err
			}()
			synctest.Wait()
			return func() error { return <-answer }
		}
		first, second := ask(0), ask(1)
		if err := second(); !errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown) {
			t.Errorf("whoever waited was told %v", err)
		}
		if err := first(); !errors.Is(err, booking.ErrOutcomeUnknown) || errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("whoever may be booked was told %v", err)
		}
		if took := time.Since(began); took > promised {
			t.Errorf("it took %s", took)
		}
		close(hangs.letGo)
		n.Close()
		if taken := s.taken(t, "a", at(10, 0)) + s.taken(t, "a", at(10, 30)); taken != 1 {
			t.Errorf("%d were booked", taken)
		}
	})
}

// standbyAway is a store whose commits of some venues wait for a standby that does not answer: each is in doubt after 4 s, and nobody
// can be asked about it.
type standbyAway struct {
	desk.Store
	venues []booking.VenueID
}

func (s standbyAway) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if !slices.ContainsFunc(needs, func(n store.Need) bool { return slices.Contains(s.venues, n.Venue) }) {
		return s.Store.Update(ctx, needs, decide)
	}
	doubt := errors.New("a test must not get here")
	err := s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		if _, err := decide(found); err != nil {
			return nil, err
		}
		return nil, doubt
	})
	if !errors.Is(err, doubt) {
		return err
	}
	select {
	case <-time.After(4 * time.Second):
		return store.ErrInDoubt
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bookDuring books at a venue on a desk of one lane, once the commits of others have been in doubt for a while, and returns how long
// that took, and what the others were told.
func bookDuring(t *testing.T, inDoubt []booking.VenueID) (took time.Duration, errs []error) {
	s := newShop(t)
	furnishVenues(t, s.open(t, hiddenDue{s.store}), 1, []booking.ResourceID{"a"}, append(inDoubt, "barber", "free")...)
	n := s.open(t, standbyAway{hiddenDue{s.store}, inDoubt}, func(c *desk.Config) { c.VenuesPerTransaction = 1 })
	began := time.Now()
	answers := make(chan error, len(inDoubt))
	for _, venue := range inDoubt {
		go func() {
			_, err := n.Book(t.Context(), anybody, in(venue, request(at(10, 0))))
			answers <- err
		}()
	}
	synctest.Wait()
	_, err := n.Book(t.Context(), anybody, in("free", request(at(10, 0))))
	must(t, err)
	took = time.Since(began)
	for range inDoubt {
		errs = append(errs, <-answers)
	}
	if total := time.Since(began); total > promised {
		t.Errorf("the last answer took %s", total)
	}
	return took, errs
}

// A commit that hangs is in doubt after 4 s. Its callers hear within ten that the outcome is unknown, and the other venues of its lane
// go on before that.
func TestCommitInDoubtLeavesItsLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		took, errs := bookDuring(t, numbered(1))
		if took > 4500*time.Millisecond {
			t.Errorf("another venue waited %s", took)
		}
		if !errors.Is(errs[0], booking.ErrOutcomeUnknown) {
			t.Errorf("the commit in doubt was answered with %v", errs[0])
		}
	})
}

// promoted is a store whose first commit is in doubt, and that has another epoch when it is asked about it: another server has taken over.
type promoted struct {
	desk.Store
	asked *int
}

func (s promoted) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	*s.asked++
	if *s.asked == 1 {
		if err := s.Store.Update(ctx, needs, decide); err != nil {
			return err
		}
		return store.ErrInDoubt
	}
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		for i := range found {
			found[i].Epoch = "another"
		}
		return decide(found)
	})
}

// A standby takes over while a commit is in doubt. What it holds proves nothing: the callers hear at once that the outcome is unknown, and
// nothing is tried again.
func TestDoubtOverAFailoverIsNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		furnish(t, s.open(t, hiddenDue{s.store}), "a")
		asked := 0
		n := s.open(t, promoted{hiddenDue{s.store}, &asked})
		began := time.Now()
		_, err := n.Book(t.Context(), anybody, request(at(10, 0)))
		if !errors.Is(err, booking.ErrOutcomeUnknown) || errors.Is(err, booking.ErrUnavailable) || time.Since(began) > 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		n.Close()
		if asked != 2 {
			t.Errorf("the store had %d transactions; want the one in doubt and the question", asked)
		}
	})
}
