package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

type decide = func([]store.Found) ([]store.Write, error)

// tampered is a store that changes what decide is told, or what it decided.
type tampered struct {
	store.Store
	found func(store.Need, *store.Found)
	write func(store.Need, store.Found, *store.Write)
}

func (m *tampered) Update(ctx context.Context, needs []store.Need, decide decide) error {
	return m.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		for i := range found {
			if m.found != nil {
				m.found(needs[i], &found[i])
			}
		}
		writes, err := decide(found)
		for i := range writes {
			if m.write != nil {
				m.write(needs[i], found[i], &writes[i])
			}
		}
		return writes, err
	})
}

// findOnly is what a transaction finds that holds nothing afterwards.
func findOnly(ctx context.Context, s store.Store, needs []store.Need) (all []store.Found, err error) {
	err = s.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		all = found
		return make([]store.Write, len(needs)), nil
	})
	return all, err
}

// unheld decides on what was true before it took the venues' rows.
type unheld struct{ store.Store }

func (m *unheld) Update(ctx context.Context, needs []store.Need, decide decide) error {
	stale, err := findOnly(ctx, m.Store, needs)
	if err != nil {
		return err
	}
	for range 10 {
		runtime.Gosched() // whoever else wants to look may do so now
	}
	writes, err := decide(stale)
	if err != nil {
		return err
	}
	return m.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		for i := range writes {
			if writes[i].Change.Revision != 0 {
				writes[i].Change.Revision = found[i].Revision + 1
			}
		}
		return writes, nil
	})
}

// piecemeal writes each venue in a transaction of its own.
type piecemeal struct{ store.Store }

func (m *piecemeal) Update(ctx context.Context, needs []store.Need, decide decide) error {
	found, err := findOnly(ctx, m.Store, needs)
	if err != nil {
		return err
	}
	writes, err := decide(found)
	if err != nil {
		return err
	}
	for i := range needs {
		err = errors.Join(err, m.Store.Update(ctx, needs[i:i+1], func([]store.Found) ([]store.Write, error) {
			return writes[i : i+1], nil
		}))
	}
	return err
}

// careless keeps what decide decided even when it fails.
type careless struct{ store.Store }

func (m *careless) Update(ctx context.Context, needs []store.Need, decide decide) error {
	var failure error
	err := m.Store.Update(ctx, needs, func(found []store.Found) (writes []store.Write, err error) {
		writes, failure = decide(found)
		return writes, nil
	})
	return errors.Join(failure, err)
}

// rewording wraps decide's errors.
type rewording struct{ store.Store }

func (m *rewording) Update(ctx context.Context, needs []store.Need, decide decide) error {
	if err := m.Store.Update(ctx, needs, decide); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

// deafened goes on when its caller has left, and swallows panics and rejections.
type deafened struct{ store.Store }

func (m *deafened) Update(ctx context.Context, needs []store.Need, decide decide) error {
	defer func() { _ = recover() }()
	err := m.Store.Update(context.WithoutCancel(ctx), needs, decide)
	if errors.Is(err, store.ErrRejected) {
		return nil
	}
	return err
}

// hoarding never lets go of answers.
func hoarding(s store.Store) store.Store {
	var mu sync.Mutex
	kept := make(map[string]booking.Answer)
	name := func(venue booking.VenueID, key booking.AnswerKey) string { return fmt.Sprintf("%s %x", venue, key) }
	return &tampered{
		Store: s,
		found: func(need store.Need, found *store.Found) {
			mu.Lock()
			defer mu.Unlock()
			for _, key := range need.Answers {
				if a, ok := kept[name(need.Venue, key)]; ok {
					found.Answers[key] = a
				}
			}
		},
		write: func(need store.Need, _ store.Found, w *store.Write) {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range w.Answers {
				kept[name(need.Venue, a.Key)] = a
			}
		},
	}
}

// impatient turns away who comes while another transaction runs.
type impatient struct {
	store.Store
	busy sync.Mutex
}

func (m *impatient) Update(ctx context.Context, needs []store.Need, decide decide) error {
	if !m.busy.TryLock() {
		return store.ErrUnavailable
	}
	defer m.busy.Unlock()
	return m.Store.Update(ctx, needs, decide)
}

// repeating finds holds due that were due before.
func repeating(s store.Store) store.Store {
	var mu sync.Mutex
	before := make(map[booking.VenueID][]booking.Booking)
	return &tampered{Store: s, found: func(need store.Need, found *store.Found) {
		mu.Lock()
		defer mu.Unlock()
		if len(found.Due) == 0 {
			found.Due = before[need.Venue]
		}
		before[need.Venue] = found.Due
	}}
}

// patchwork tells decide of each venue, and of its due holds, as they were at moments of their own. What is written then is not
// what it tells of.
type patchwork struct{ store.Store }

func (m *patchwork) Update(ctx context.Context, needs []store.Need, decide decide) error {
	all := make([]store.Found, 0, len(needs))
	for i := range needs {
		one, err := findOnly(ctx, m.Store, needs[i:i+1])
		if err != nil {
			return err
		}
		runtime.Gosched()
		later, err := findOnly(ctx, m.Store, needs[i:i+1])
		if err != nil {
			return err
		}
		one[0].Due = later[0].Due
		all = append(all, one...)
	}
	if writes, err := decide(all); err != nil || !slices.ContainsFunc(writes, mindsWritten) {
		return err
	}
	return m.Store.Update(ctx, needs, decide)
}

// stubborn begins anew, but writes what it decided at first.
type stubborn struct{ store.Store }

func (m *stubborn) Update(ctx context.Context, needs []store.Need, decide decide) error {
	return m.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes, err := decide(found)
		if err != nil || len(writes) != 1 || writes[0].Change.Revision == 0 {
			return writes, err
		}
		another := slices.Clone(found)
		another[0].Revision++
		_, err = decide(another)
		return writes, err
	})
}

// endless hands out all changes, however many.
type endless struct{ store.Store }

func (m *endless) Update(ctx context.Context, needs []store.Need, decide decide) error {
	return m.Store.Update(ctx, needs, func(found []store.Found) (writes []store.Write, err error) {
		for i, need := range needs {
			if found[i].Changes, err = m.Changes(ctx, need.Venue, need.Known, 1<<20); err != nil {
				return nil, err
			}
		}
		return decide(found)
	})
}

// writerMutants are those of Writer.
// knowing says of every program that it knows all levels.
type knowing struct{ store.Store }

var writerMutants = []mutant{
	{
		"takes each program for one that knows everything",
		func(s store.Store) store.Store { return &knowing{s} },
		[]string{
			"levels/a program below a venue's level reads it and does not write",
			"levels/a program does not write settings above its own level",
		},
	},
	{
		"decides on what it does not hold",
		func(s store.Store) store.Store { return &unheld{s} },
		[]string{
			"concurrency/no update is lost", "concurrency/never more than capacity", "concurrency/one creates a venue",
			"isolation/only one finds it free", "isolation/only one ends a hold",
		},
	},
	{
		"minds only what it writes",
		func(s store.Store) store.Store { return &optimistic{Store: s, minds: mindsWritten} },
		[]string{"isolation/a venue that is only read"},
	},
	{
		"tells of several moments", func(s store.Store) store.Store { return &patchwork{s} },
		[]string{"isolation/what is found fits together"},
	},
	{
		"writes what was decided first", func(s store.Store) store.Store { return &stubborn{s} },
		[]string{"isolation/decide may be called again"},
	},
	{
		"drops changes without entries",
		func(s store.Store) store.Store {
			return &tampered{Store: s, write: func(_ store.Need, _ store.Found, w *store.Write) {
				if len(w.Change.Entries) == 0 {
					*w = store.Write{}
				}
			}}
		},
		[]string{"changes/without entries"},
	},
	{
		"takes a change for an edit of everything",
		func(s store.Store) store.Store {
			return &tampered{Store: s, write: func(need store.Need, found store.Found, w *store.Write) {
				if found.Exists && w.Change.Revision != 0 && len(w.Change.Entries) == 0 {
					d := Draft{Write: *w}
					d.PutVenue(SampleVenue(need.Venue))
					*w = d.Write
				}
			}}
		},
		[]string{"changes/without entries"},
	},
	{
		"believes what answers say of their revision",
		func(s store.Store) store.Store {
			said := make(map[booking.AnswerKey]booking.Revision)
			var mu sync.Mutex
			return &tampered{
				Store: s,
				write: func(_ store.Need, _ store.Found, w *store.Write) {
					mu.Lock()
					defer mu.Unlock()
					for _, a := range w.Answers {
						said[a.Key] = a.Revision
					}
				},
				found: func(_ store.Need, found *store.Found) {
					mu.Lock()
					defer mu.Unlock()
					for key, a := range found.Answers {
						a.Revision = said[key]
						found.Answers[key] = a
					}
				},
			}
		},
		[]string{"answers/with the revision of their change", "answers/kept for repeats"},
	},
	{
		"writes each venue by itself", func(s store.Store) store.Store { return &piecemeal{s} },
		[]string{"transactions/all venues or none", "concurrency/several venues each"},
	},
	{
		"keeps what a failed decision wrote", func(s store.Store) store.Store { return &careless{s} },
		[]string{"transactions/decide fails"},
	},
	{
		"rewords the errors of decisions", func(s store.Store) store.Store { return &rewording{s} },
		[]string{"transactions/decide fails"},
	},
	{
		"hears neither cancellation nor failure",
		func(s store.Store) store.Store { return &deafened{s} },
		[]string{
			"transactions/cancelled", "transactions/decide panics", "transactions/rejected writes", "revisions/only the next is taken",
			"transactions/a venue that does not exist", "answers/one for a key",
		},
	},
	{
		"raises the revision for nothing",
		func(s store.Store) store.Store {
			return &tampered{Store: s, write: func(need store.Need, found store.Found, w *store.Write) {
				if found.Exists && w.Change.Revision == 0 {
					w.Change = NewDraft(need.Venue, found).Change
				}
			}}
		},
		[]string{"transactions/read only", "transactions/several venues", "revisions/without gaps"},
	},
	{
		"lets a hold live a moment longer",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				found.Due = only(found.Due, func(b booking.Booking) bool { return b.ExpiresAt.Before(found.Now) })
			}}
		},
		[]string{"due/at the instant of expiry"},
	},
	{
		"expires one hold at a time",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Due = found.Due[:min(1, len(found.Due))] }}
		},
		[]string{"due/in order", "bookings/many in one change"},
	},
	{
		"misses a change",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				found.Changes = found.Changes[min(1, len(found.Changes)):]
			}}
		},
		[]string{"changes/after a revision", "concurrency/never more than capacity"},
	},
	{
		"hands out any number of changes", func(s store.Store) store.Store { return &endless{s} },
		[]string{"changes/at most so many at once"},
	},
	{
		"turns others away", func(s store.Store) store.Store { return &impatient{Store: s} },
		[]string{"concurrency/venues side by side"},
	},
	{"expires a hold twice", repeating, []string{"due/only holds"}},
	{
		"finds less than there is",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				for key, a := range found.Answers {
					a.Sealed = a.Sealed[1:]
					found.Answers[key] = a
				}
				for id, b := range found.Bookings {
					b.Claims = b.Claims[:min(1, len(b.Claims))]
					found.Bookings[id] = b
				}
			}}
		},
		[]string{"answers/kept for repeats", "bookings/found by id"},
	},
	{"never lets go of answers", hoarding, []string{"answers/lifetime", "answers/swept"}},
	{
		"forgets its epoch",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) { found.Epoch = "" }}
		},
		[]string{"revisions/one epoch"},
	},
	{
		"takes the last batch for the known one",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				if n := len(found.Changes); n > 0 {
					found.Batch = found.Changes[n-1].Batch
				}
			}}
		},
		[]string{"revisions/each with its batch"},
	},
	{
		"keeps milliseconds",
		func(s store.Store) store.Store {
			return &tampered{Store: s, write: func(_ store.Need, _ store.Found, w *store.Write) {
				for i := range w.New {
					w.New[i].Start = w.New[i].Start.Truncate(time.Millisecond)
				}
			}}
		},
		[]string{"values/instants in microseconds", "values/instants far away"},
	},
	{
		"counts what has ended, and holds nowhere",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(need store.Need, found *store.Found) {
				clients := make(map[string][]store.Live)
				for _, tag := range need.Clients {
					clients[tag] = []store.Live{{Service: Cut, All: 1}}
					for _, live := range found.Clients[tag] {
						clients[tag] = append(clients[tag], store.Live{Service: live.Service, All: live.All + 1, People: live.People})
					}
				}
				found.Clients = clients
				for tag, n := range found.Contacts {
					found.Contacts[tag] = n + 1
				}
				clear(found.Holds)
			}}
		},
		[]string{
			"counts/live bookings of a client", "counts/live bookings of clients whose tags begin alike",
			"counts/live bookings of a contact", "counts/what holds of a service in a range claim",
		},
	},
	{
		"counts one service of a client, and forgets the people",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				for tag, counts := range found.Clients {
					if found.Clients[tag] = counts[:1]; len(counts) > 0 {
						counts[0].People = 0
					}
				}
			}}
		},
		[]string{"counts/live bookings of a client", "counts/live bookings of clients whose tags begin alike"},
	},
	{
		"counts less than is enough",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(need store.Need, found *store.Found) {
				for _, counts := range found.Clients {
					for i := range counts {
						counts[i].All = min(counts[i].All, max(1, need.EnoughBookings/4))
					}
				}
			}}
		},
		[]string{"counts/live bookings of clients whose tags begin alike"},
	},
	{
		"takes what is held at one time for what is held at another",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				for i, claims := range found.Holds {
					seen := make(map[booking.ResourceID]bool)
					claims = slices.DeleteFunc(claims, func(c booking.Claim) bool {
						again := seen[c.Resource]
						seen[c.Resource] = true
						return again
					})
					found.Holds[i] = claims
				}
			}}
		},
		[]string{"counts/what holds of a service in a range claim"},
	},
	{"never erases a tag", remembering, []string{
		"counts/client tags are erased after their time", "counts/tags of ended bookings are erased",
	}},
	{"makes a new secret each time", secretive, []string{"counts/one secret for all"}},
	{
		"lists all uses",
		func(s store.Store) store.Store {
			return &tampered{Store: s, found: func(_ store.Need, found *store.Found) {
				for i, ids := range found.Uses {
					if len(ids) > booking.MaxInUse {
						found.Uses[i] = append(ids, "bk_more")
					}
				}
			}}
		},
		[]string{"uses/by start, and not too many"},
	},
}

// only are the items that pass.
func only[T any](items []T, passes func(T) bool) []T {
	var passed []T
	for _, item := range items {
		if passes(item) {
			passed = append(passed, item)
		}
	}
	return passed
}

// tagging never erases tags, and makes a secret whenever it is asked.
type tagging struct {
	store.Store
	keeps bool
}

func remembering(s store.Store) store.Store { return &tagging{s, true} }
func secretive(s store.Store) store.Store   { return &tagging{s, false} }

func (m *tagging) EraseTags(ctx context.Context, limit int) (int, error) {
	if m.keeps {
		return 0, nil
	}
	return m.Store.EraseTags(ctx, limit)
}

func (m *tagging) ClientSecret(ctx context.Context) (string, error) {
	if m.keeps {
		return m.Store.ClientSecret(ctx)
	}
	return rand.Text(), nil
}
