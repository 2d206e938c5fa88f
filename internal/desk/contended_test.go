package desk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// contendedStore is a store in which somebody else holds the row of one venue and does not let go. One that says so, says it of several
// venues only; otherwise it is waited for.
type contendedStore struct {
	desk.Store
	venue booking.VenueID
	says  bool
}

func (s contendedStore) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if !slices.ContainsFunc(needs, func(n store.Need) bool { return n.Venue == s.venue }) {
		return s.Store.Update(ctx, needs, decide)
	}
	if s.says && len(needs) > 1 {
		return store.ErrContended
	}
	<-ctx.Done()
	return ctx.Err()
}

// One of the venues that share a transaction is contended. The others are decided without it, in time, and nothing is done in it.
func TestContendedVenueDelaysNoOther(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]bool{"the store says so": true, "it takes too long": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				venues := numbered(8)
				furnishVenues(t, s.open(t, hiddenDue{s.store}), 1, []booking.ResourceID{"a"}, append(venues, "barber")...)
				n := s.open(t, contendedStore{hiddenDue{s.store}, venues[3], says})
				began := time.Now()
				release := n.hold(t)
				wait := n.line(t, 2*len(venues), func(i int) error {
					_, err := n.Book(t.Context(), anybody, in(venues[i%len(venues)], request(at(10, 0).Add(timeStep(i/len(venues))))))
					return err
				})
				release()
				for i, err := range wait() {
					undone := errors.Is(err, booking.ErrUnavailable) && !errors.Is(err, booking.ErrOutcomeUnknown)
					if stuck := i%len(venues) == 3; stuck && !undone || !stuck && err != nil {
						t.Errorf("%s: %v", venues[i%len(venues)], err)
					}
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// scripted answers its first calls of Update with these errors; nil is for the store to answer.
type scripted struct {
	desk.Store
	mu    sync.Mutex
	errs  []error
	calls int
}

func (s *scripted) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	s.mu.Lock()
	var err error
	if s.calls++; s.calls <= len(s.errs) {
		err = s.errs[s.calls-1]
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, needs, decide)
}

// Something in a batch is rejected, and then the store is unavailable. It is not asked for the other half: that is told that nothing was
// done, whatever became of the first.
func TestStoreIsLostWhileHalving(t *testing.T) {
	t.Parallel()
	for _, lost := range []error{store.ErrUnavailable, booking.ErrOutcomeUnknown} {
		s := newShop(t)
		furnish(t, s.open(t, hiddenDue{s.store}), "a")
		script := &scripted{Store: hiddenDue{s.store}, errs: []error{nil, store.ErrRejected, lost}}
		n := s.open(t, script)
		release := n.hold(t)
		wait := n.line(t, 4, func(i int) error {
			_, err := n.Book(t.Context(), anybody, request(at(9, 0).Add(timeStep(i))))
			return err
		})
		release()
		for i, err := range wait() {
			if i < 2 && !errors.Is(err, lost) {
				t.Errorf("%v: one of those who were tried got %v", lost, err)
			}
			if i >= 2 && (!errors.Is(err, booking.ErrUnavailable) || errors.Is(err, booking.ErrOutcomeUnknown)) {
				t.Errorf("%v: one of the others got %v", lost, err)
			}
		}
		if script.calls != 3 {
			t.Errorf("%v: the store was asked %d times, not 3", lost, script.calls)
		}
	}
}

// reloads is a view that counts what is read anew; frozen, it goes on with what it had.
type reloads struct {
	desk.View
	mu     sync.Mutex
	frozen map[booking.VenueID]*view.Picture
	of     map[booking.VenueID]int
}

func (v *reloads) Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	if p := v.frozen[id]; p != nil {
		return p, nil
	}
	return v.View.Picture(ctx, id)
}

func (v *reloads) Reload(ctx context.Context, id booking.VenueID) (*view.Picture, error) {
	v.mu.Lock()
	v.of[id]++
	v.mu.Unlock()
	return v.View.Reload(ctx, id)
}

// One of two venues is behind the store by more than is handed out: it alone is read anew. If that is no use, callers hear that nothing
// was done.
func TestVenueThatIsBehind(t *testing.T) {
	t.Parallel()
	for name, frozen := range map[string]bool{"catches up": false, "stays behind": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			other := s.open(t, hiddenDue{s.store})
			furnishVenues(t, other, 1, []booking.ResourceID{"a"}, "barber", "east")
			v := &reloads{of: make(map[booking.VenueID]int)}
			n := s.open(t, withoutChanges(hiddenDue{s.store}), func(c *desk.Config) { v.View, c.View = c.View, v })
			for _, id := range []booking.VenueID{"barber", "east"} {
				p, err := n.view.Picture(t.Context(), id)
				must(t, err)
				if frozen && id == "east" {
					v.frozen = map[booking.VenueID]*view.Picture{id: p}
				}
			}
			_, err := other.Book(t.Context(), anybody, in("east", request(at(9, 0))))
			must(t, err)
			release := n.hold(t)
			wait := n.line(t, 2, func(i int) error {
				_, err := n.Book(t.Context(), anybody, in([]booking.VenueID{"barber", "east"}[i], request(at(10, 0))))
				return err
			})
			release()
			errs := wait()
			must(t, errs[0])
			if frozen != errors.Is(errs[1], booking.ErrUnavailable) || !frozen && errs[1] != nil {
				t.Errorf("the venue that is behind answered %v", errs[1])
			}
			if v.of["barber"] != 0 || v.of["east"] == 0 || !frozen && v.of["east"] != 1 {
				t.Errorf("read anew were %v", v.of)
			}
		})
	}
}

// A command that panics is decided once more with each half of what it came with. The log has it once.
func TestPanicIsLoggedOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, hiddenDue{s.store}), "a")
	var log bytes.Buffer
	n := s.open(t, hiddenDue{s.store}, func(c *desk.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	release := n.hold(t)
	wait := n.line(t, 8, func(i int) error {
		if i == 3 {
			return n.Panic(t.Context(), "barber")
		}
		_, err := n.Book(t.Context(), anybody, request(at(9, 0).Add(timeStep(i))))
		return err
	})
	release()
	wait()
	n.Close()
	if times := strings.Count(log.String(), "a command panicked"); times != 1 {
		t.Errorf("the log tells %d times of one panic", times)
	}
}

// The desk is told to end soon while the store hangs: what waits is answered at once, and what has begun when it is done.
func TestShutdownHasAnEnd(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	furnish(t, s.open(t, s.store), "a")
	gate := newGated(hiddenDue{s.store})
	n := s.open(t, gate)
	first := waiting(t, n, 1, func(int) desk.BookRequest { return request(at(9, 0)) })
	<-gate.entered
	rest := waiting(t, n, 5, func(i int) desk.BookRequest { return request(at(10, 0).Add(timeStep(i))) })
	n.AwaitWaiting(5)
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan struct{})
	go func() { n.Shutdown(ctx); close(closed) }()
	n.AwaitRefusing()
	cancel()
	for _, err := range rest() {
		if !errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("what had not begun was answered %v", err)
		}
	}
	select {
	case <-closed:
		t.Error("it did not wait for what had begun")
	default:
	}
	close(gate.proceed)
	<-closed
	must(t, first()[0])
}
