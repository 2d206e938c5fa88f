package desk_test

import (
	"context"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// tampered is a store whose findings are altered before the desk decides on them, and its writes before they are written: the
// negative controls. Each takes one guard away and must make the test of that guard fail.
type tampered struct {
	desk.Store
	found func(need store.Need, found *store.Found)
	write func(found store.Found, w *store.Write)
}

func (s tampered) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		altered := make([]store.Found, len(found))
		for i := range found {
			altered[i] = found[i]
			s.found(needs[i], &altered[i])
		}
		writes, err := decide(altered)
		if s.write != nil {
			for i := range writes {
				s.write(found[i], &writes[i])
			}
		}
		return writes, err
	})
}

// withoutRevisionCheck lets the desk decide on whatever its view has.
func withoutRevisionCheck(s desk.Store) desk.Store {
	return tampered{
		Store: s,
		found: func(need store.Need, found *store.Found) { found.Revision, found.Changes = need.Known, nil },
		write: func(found store.Found, w *store.Write) {
			if w.Change.Revision == 0 {
				return
			}
			w.Change.Revision = found.Revision + 1
			for i := range w.New {
				w.New[i].Revision = w.Change.Revision
			}
		},
	}
}

// withoutExpiry hides the holds that have run out.
func withoutExpiry(s desk.Store) desk.Store {
	return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Due = nil }}
}

// withoutAnswers forgets what was answered. (To hide the answers alone is not enough: the store refuses a second one.)
func withoutAnswers(s desk.Store) desk.Store {
	return tampered{
		Store: s,
		found: func(_ store.Need, found *store.Found) { found.Answers = nil },
		write: func(_ store.Found, w *store.Write) { w.Answers = nil },
	}
}

// gated holds its first transaction back until it is told to go on, and counts transactions that wrote.
type gated struct {
	desk.Store
	entered chan struct{}
	proceed chan struct{}
	calls   atomic.Int64
	commits atomic.Int64
}

func newGated(s desk.Store) *gated {
	return &gated{Store: s, entered: make(chan struct{}), proceed: make(chan struct{})}
}

func (s *gated) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if s.calls.Add(1) == 1 {
		close(s.entered)
		<-s.proceed
	}
	wrote := false
	err := s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes, err := decide(found)
		wrote = false
		for _, w := range writes {
			wrote = wrote || w.Change.Revision != 0
		}
		return writes, err
	})
	if err == nil && wrote {
		s.commits.Add(1)
	}
	return err
}

// rejecting refuses every transaction that holds a booking of the customer named.
type rejecting struct {
	desk.Store
	name string
}

func (s rejecting) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes, err := decide(found)
		for _, w := range writes {
			for _, b := range w.New {
				if b.Customer.Name == s.name {
					return nil, store.ErrRejected
				}
			}
		}
		return writes, err
	})
}

// unavailableStore fails every transaction.
type unavailableStore struct{ desk.Store }

func (unavailableStore) Update(context.Context, []store.Need, func([]store.Found) ([]store.Write, error)) error {
	return store.ErrUnavailable
}

// hiddenDue keeps the expirer from finding anything, so that only the transaction can expire a hold.
type hiddenDue struct{ desk.Store }

func (hiddenDue) Due(context.Context, int) ([]booking.VenueID, time.Time, error) {
	return nil, time.Time{}, nil
}
