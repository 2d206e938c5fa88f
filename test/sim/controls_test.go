package sim

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// tampered is a store whose findings are altered before the desk decides on them, and its writes before they are written.
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

// untrimmed is a store that deletes nothing.
type untrimmed struct{ desk.Store }

func (untrimmed) Trim(context.Context, store.Retention, int) (int, error) { return 0, nil }

// hasty is a store that deletes by other rules.
type hasty struct {
	desk.Store
	by func(store.Retention) store.Retention
}

func (s hasty) Trim(ctx context.Context, r store.Retention, limit int) (int, error) {
	return s.Store.Trim(ctx, s.by(r), limit)
}

// sharedAnswers are the answers of all venues under one key.
type sharedAnswers struct {
	mu sync.Mutex
	of map[booking.AnswerKey]booking.Answer
}

func (a *sharedAnswers) find(need store.Need, found *store.Found) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found.Answers = maps.Clone(found.Answers)
	for _, key := range need.Answers {
		if answer, ok := a.of[key]; ok && found.Now.Sub(answer.CreatedAt) <= booking.AnswerLifetime {
			if found.Answers == nil {
				found.Answers = make(map[booking.AnswerKey]booking.Answer)
			}
			found.Answers[key] = answer
		}
	}
}

func (a *sharedAnswers) remember(_ store.Found, w *store.Write) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, answer := range w.Answers {
		a.of[answer.Key] = answer
	}
}

// controls are stores that lack one guard each. The second node's desk writes through one.
var controls = []struct {
	name     string
	decorate func(desk.Store) desk.Store
}{
	{"decides on whatever its view has", func(s desk.Store) desk.Store {
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
	}},
	{"never ends a hold", func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Due = nil }}
	}},
	{"lets a hold live a moment longer", func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) {
			var due []booking.Booking
			for _, b := range found.Due {
				if b.ExpiresAt.Before(found.Now) {
					due = append(due, b)
				}
			}
			found.Due = due
		}}
	}},
	{"keeps no answers", func(s desk.Store) desk.Store {
		return tampered{
			Store: s,
			found: func(_ store.Need, found *store.Found) { found.Answers = nil },
			write: func(_ store.Found, w *store.Write) { w.Answers = nil },
		}
	}},
	{"forgets the venue of an answer", func(s desk.Store) desk.Store {
		answers := &sharedAnswers{of: make(map[booking.AnswerKey]booking.Answer)}
		return tampered{Store: s, found: answers.find, write: answers.remember}
	}},
	{"judges by a clock that is a minute behind", func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Now = found.Now.Add(-time.Minute) }}
	}},
	{"sees no future bookings", func(s desk.Store) desk.Store {
		return tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Uses = make([][]booking.BookingID, len(found.Uses)) }}
	}},
	{"deletes nothing", func(s desk.Store) desk.Store { return untrimmed{s} }},
	{"deletes the audit trail with the changes", func(s desk.Store) desk.Store {
		return hasty{s, func(r store.Retention) store.Retention { r.Audit = time.Nanosecond; return r }}
	}},
	{"tells other nodes of no claims that end", func(s desk.Store) desk.Store {
		return tampered{
			Store: s,
			found: func(store.Need, *store.Found) {},
			write: func(_ store.Found, w *store.Write) {
				for _, e := range w.Change.Entries {
					if e.Booking != nil {
						e.Booking.Released = nil
					}
				}
			},
		}
	}},
}

// controlPlans is how many plans a control may get through.
const controlPlans = 400

// Without a guard, the simulation fails; if it did not, it would prove nothing of that guard.
func TestMissingGuardsAreNoticed(t *testing.T) {
	t.Parallel()
	for _, control := range controls {
		t.Run(control.name, func(t *testing.T) {
			t.Parallel()
			for seed := range controlPlans {
				if _, err := run(t, plans.Example(seed), harnesses[0], control.decorate); err != nil {
					t.Logf("noticed in plan %d:\n%v", seed, err)
					return
				}
			}
			t.Errorf("a store that %s got through %d plans", control.name, controlPlans)
		})
	}
}
