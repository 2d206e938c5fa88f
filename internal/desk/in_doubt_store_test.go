package desk_test

import (
	"context"
	"errors"
	"sync"

	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// doubtful is a store whose connections die during COMMIT. Each call of Update is a turn of its plan; after the last, all goes well.
type doubtful struct {
	desk.Store
	mu   sync.Mutex
	plan []turn
	// underway are the transactions that the database was sent and has not finished.
	underway []func(context.Context) error
}

// turn is what befalls one call of Update.
type turn struct {
	// arrive is when the transactions under way are committed, if they still can be.
	arrive arrival
	loss   loss
}

// arrival is a moment of a call.
type arrival int

const (
	never arrival = iota
	// first: before the call reads.
	first
	// between what the call reads and what it writes. The store then begins anew, as one that does not lock what it reads.
	between
	// last: after the call's commit.
	last
)

// loss is how a call's answer is lost, if it is.
type loss int

const (
	none loss = iota
	// before: the commit never reaches the database.
	before
	// after: the transaction is committed, and the answer is lost.
	after
	// delayed: the database has all it needs, and finishes it when nobody listens any more.
	delayed
	// unavailable: the database cannot be reached. This one says so.
	unavailable
)

var errNotSent = errors.New("the commit is not sent")

func (s *doubtful) next() turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.plan) == 0 {
		return turn{}
	}
	now := s.plan[0]
	s.plan = s.plan[1:]
	return now
}

// follow makes this the plan for the turns to come.
func (s *doubtful) follow(plan ...turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = plan
}

func (s *doubtful) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	now := s.next()
	switch now.arrive {
	case first:
		s.arrive(ctx)
	case between:
		_, _ = s.send(ctx, needs, decide)
		s.arrive(ctx)
	case last:
		defer s.arrive(ctx)
	case never:
	}
	switch now.loss {
	case before, delayed:
		writes, err := s.send(ctx, needs, decide)
		if err != nil || !some(writes) {
			return err
		}
		if now.loss == delayed {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.underway = append(s.underway, func(ctx context.Context) error { return s.finish(ctx, needs, writes) })
		}
		return store.ErrInDoubt
	case after:
		var writes []store.Write
		err := s.Store.Update(ctx, needs, func(found []store.Found) (_ []store.Write, err error) {
			writes, err = decide(found)
			return writes, err
		})
		if err != nil || !some(writes) {
			return err
		}
		return store.ErrInDoubt
	case unavailable:
		return store.ErrUnavailable
	default:
		return s.Store.Update(ctx, needs, decide)
	}
}

// send has a transaction decided, and goes no further.
func (s *doubtful) send(
	ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error),
) (writes []store.Write, err error) {
	err = s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		if writes, err = decide(found); err != nil {
			return nil, err
		}
		return nil, errNotSent
	})
	if errors.Is(err, errNotSent) {
		err = nil
	}
	return writes, err
}

// finish commits what was decided long ago. The store rejects what does not follow on what is there now: that is the comparison of
// revisions which every transaction has to pass.
func (s *doubtful) finish(ctx context.Context, needs []store.Need, writes []store.Write) error {
	return s.Store.Update(ctx, needs, func([]store.Found) ([]store.Write, error) { return writes, nil })
}

// arrive finishes what is under way: it is committed now, or never.
func (s *doubtful) arrive(ctx context.Context) {
	s.mu.Lock()
	underway := s.underway
	s.underway = nil
	s.mu.Unlock()
	for _, finish := range underway {
		_ = finish(context.WithoutCancel(ctx)) // nobody hears how it ended
	}
}

// some tells whether there is anything to commit.
func some(writes []store.Write) bool {
	for _, w := range writes {
		if w.Change.Revision != 0 {
			return true
		}
	}
	return false
}

// withoutFence drops the changes without entries that settle a doubt.
func withoutFence(s desk.Store) desk.Store {
	return tampered{
		Store: s,
		found: func(store.Need, *store.Found) {},
		write: func(_ store.Found, w *store.Write) {
			if len(w.Change.Entries) == 0 {
				*w = store.Write{}
			}
		},
	}
}

// withoutBatches hides which batch made a change.
func withoutBatches(s desk.Store) desk.Store {
	return tampered{Store: s, found: func(_ store.Need, found *store.Found) {
		changes := found.Changes
		found.Changes = nil
		for _, c := range changes {
			c.Batch = "unknown"
			found.Changes = append(found.Changes, c)
		}
	}}
}

// withoutChanges hands out no changes, as a store does whose venue is far ahead.
func withoutChanges(s desk.Store) desk.Store {
	return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Changes = nil }}
}
