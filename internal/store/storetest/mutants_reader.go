package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// misloading changes what is loaded.
type misloading struct {
	store.Store
	loaded func(*store.Loaded)
}

func (m *misloading) Load(ctx context.Context, venue booking.VenueID, since time.Time) (store.Loaded, error) {
	loaded, err := m.Store.Load(ctx, venue, since)
	m.loaded(&loaded)
	return loaded, err
}

// torn loads the claims of another moment than the rest.
type torn struct{ store.Store }

func (m *torn) Load(ctx context.Context, venue booking.VenueID, since time.Time) (store.Loaded, error) {
	first, err := m.Store.Load(ctx, venue, since)
	if err != nil {
		return first, err
	}
	second, err := m.Store.Load(ctx, venue, since)
	first.Claims = second.Claims
	return first, err
}

// clinging never frees the claims of a booking.
func clinging(s store.Store) store.Store {
	var mu sync.Mutex
	var freed []booking.Claim
	writes := &tampered{Store: s, write: func(_ store.Need, _ store.Found, w *store.Write) {
		mu.Lock()
		defer mu.Unlock()
		for _, b := range w.Changed {
			if !b.Status.Claims() {
				freed = append(freed, b.Claims...)
			}
		}
	}}
	return &misloading{Store: writes, loaded: func(loaded *store.Loaded) {
		mu.Lock()
		defer mu.Unlock()
		loaded.Claims = append(loaded.Claims, freed...)
	}}
}

// misreading changes the bookings that are read one by one.
type misreading struct {
	store.Store
	read func(*booking.Booking)
}

func (m *misreading) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (booking.Booking, error) {
	b, err := m.Store.Booking(ctx, venue, id)
	if err == nil {
		m.read(&b)
	}
	return b, err
}

// open looks for a booking in every venue.
type open struct{ store.Store }

func (m *open) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (booking.Booking, error) {
	b, err := m.Store.Booking(ctx, venue, id)
	if errors.Is(err, booking.ErrNotFound) {
		return m.Store.Booking(ctx, "salon", id)
	}
	return b, err
}

// mislisting changes the filter of listings, and what they found.
type mislisting struct {
	store.Store
	filter func(*store.Filter)
	listed func([]booking.Booking, store.Filter) []booking.Booking
}

func (m *mislisting) Bookings(ctx context.Context, venue booking.VenueID, filter store.Filter) ([]booking.Booking, error) {
	changed := filter
	if m.filter != nil {
		m.filter(&changed)
	}
	page, err := m.Store.Bookings(ctx, venue, changed)
	if m.listed != nil {
		page = m.listed(page, filter)
	}
	return page, err
}

// overlooking sees holds nowhere: neither among the uses nor when they are due next.
type overlooking struct{ store.Store }

func (m *overlooking) Uses(
	ctx context.Context, venue booking.VenueID, use store.Use, limit int,
) (ids []booking.BookingID, err error) {
	ids, err = m.Store.Uses(ctx, venue, use, limit)
	return only(ids, func(id booking.BookingID) bool {
		b, err := m.Booking(ctx, venue, id)
		return err == nil && b.Status != booking.Held
	}), err
}

// waiting names holds that have run out among the uses.
type waiting struct{ store.Store }

func (m *waiting) Uses(
	ctx context.Context, venue booking.VenueID, use store.Use, limit int,
) (ids []booking.BookingID, err error) {
	if ids, err = m.Store.Uses(ctx, venue, use, limit); err != nil || use != (store.Use{}) {
		return ids, err
	}
	now, err := m.Now(ctx)
	if err != nil {
		return nil, err
	}
	held, err := m.Bookings(ctx, venue, store.Filter{Statuses: []booking.Status{booking.Held}, Limit: 100})
	for _, b := range held {
		if b.Due(now) {
			ids = append(ids, b.ID)
		}
	}
	return ids, err
}

func (m *overlooking) Due(ctx context.Context, limit int) (venues []booking.VenueID, next time.Time, err error) {
	venues, _, err = m.Store.Due(ctx, limit)
	return venues, time.Time{}, err
}

// shallow looks at the booking a use names, but at neither its span nor its resource.
type shallow struct{ store.Store }

func (m *shallow) Uses(ctx context.Context, venue booking.VenueID, use store.Use, limit int) ([]booking.BookingID, error) {
	return m.Store.Uses(ctx, venue, store.Use{Service: use.Service}, limit)
}

// lasting goes on naming bookings whose time is over.
type lasting struct {
	store.Store
	mu     sync.Mutex
	before []booking.BookingID
}

func (m *lasting) Uses(
	ctx context.Context, venue booking.VenueID, use store.Use, limit int,
) (ids []booking.BookingID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ids, err = m.Store.Uses(ctx, venue, use, limit); len(ids) > 0 {
		m.before = ids
	}
	return m.before, err
}

// crossed reads another venue's changes.
type crossed struct{ store.Store }

func (m *crossed) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) ([]booking.Change, error) {
	if venue == "a" {
		venue = "b"
	}
	return m.Store.Changes(ctx, venue, after, limit)
}

// forgetful keeps its keys in memory.
type forgetful struct {
	store.Store
	mu   sync.Mutex
	keys map[[32]byte]store.Key
}

func (m *forgetful) PutKey(_ context.Context, key store.Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[key.Hash] = key
	return nil
}

func (m *forgetful) Key(_ context.Context, hash [32]byte) (store.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key, ok := m.keys[hash]; ok {
		return key, nil
	}
	return store.Key{}, booking.ErrNotFound
}

// blurred reads lists of venues and changes without their order, end or clock.
type blurred struct{ store.Store }

func (m *blurred) Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error) {
	venues, err := m.Store.Venues(ctx, after, limit)
	slices.SortFunc(venues, func(a, b booking.Venue) int { // as languages do: punctuation last
		plain := strings.NewReplacer("-", "", "_", "")
		return strings.Compare(plain.Replace(string(a.ID)), plain.Replace(string(b.ID)))
	})
	return venues, err
}

func (m *blurred) Changes(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) ([]booking.Change, error) {
	return m.Store.Changes(ctx, venue, after, limit+1)
}

func (m *blurred) Revisions(ctx context.Context, venues []booking.VenueID) (store.Revisions, error) {
	revisions, err := m.Store.Revisions(ctx, venues)
	for _, venue := range venues {
		if _, exists := revisions.Of[venue]; !exists {
			revisions.Of[venue] = store.Last{}
		}
	}
	revisions.Now = revisions.Now.Add(1)
	return revisions, err
}

func (m *blurred) Now(ctx context.Context) (time.Time, error) {
	now, err := m.Store.Now(ctx)
	return now.Local().Add(1), err
}

// anonymous tells revisions without their batches.
type anonymous struct{ store.Store }

func (m *anonymous) Revisions(ctx context.Context, venues []booking.VenueID) (store.Revisions, error) {
	revisions, err := m.Store.Revisions(ctx, venues)
	for venue, last := range revisions.Of {
		revisions.Of[venue] = store.Last{Revision: last.Revision}
	}
	return revisions, err
}

// accumulating keeps every key that was ever put.
type accumulating struct{ store.Store }

func (m *accumulating) PutKey(ctx context.Context, key store.Key) error {
	key.Name += string(key.Hash[:])
	return m.Store.PutKey(ctx, key)
}

func (m *accumulating) Key(ctx context.Context, hash [32]byte) (store.Key, error) {
	key, err := m.Store.Key(ctx, hash)
	key.Name = strings.TrimSuffix(key.Name, string(hash[:]))
	return key, err
}

// ajar cannot be closed.
type ajar struct{ store.Store }

func (m *ajar) Close() error { return nil }

// readerMutants are those of Reader and the rest.
var readerMutants = []mutant{
	{"clings to claims", clinging, []string{"bookings/a cancelled booking frees its claims"}},
	{"loads two moments at once", func(s store.Store) store.Store { return &torn{s} }, []string{"load/one state while others write"}},
	{
		"forgets what touched",
		func(s store.Store) store.Store {
			return &misloading{s, func(loaded *store.Loaded) {
				for id := range loaded.Touched {
					loaded.Touched[id] = 1
				}
			}}
		},
		[]string{
			"touched/by claims taken and freed", "touched/by settings", "touched/of each venue by itself", "load/one state while others write",
		},
	},
	{
		"hides what is archived",
		func(s store.Store) store.Store {
			return &misloading{s, func(loaded *store.Loaded) {
				loaded.Resources = only(loaded.Resources, func(r booking.Resource) bool { return !r.Archived })
			}}
		},
		[]string{"catalogue/archived"},
	},
	{
		"mixes up the catalogue",
		func(s store.Store) store.Store {
			return &misloading{s, func(loaded *store.Loaded) {
				loaded.Resources = slices.Concat(loaded.Resources[1:], loaded.Resources[:1])
				for i := range loaded.Services {
					loaded.Services[i].LimitedBelow = nil
				}
			}}
		},
		[]string{
			"catalogue/every field comes back", "catalogue/little or nothing in a field", "catalogue/replaced",
			"values/ids in the order of their bytes",
		},
	},
	{
		"loads old claims",
		func(s store.Store) store.Store {
			return &misloading{s, func(loaded *store.Loaded) {
				old := SampleBooking("salon", 1, Slot, Chair1).Claims
				loaded.Claims = append(slices.Clone(loaded.Claims), old...)
			}}
		},
		[]string{"load/claims that end after"},
	},
	{
		"speaks in local time",
		func(s store.Store) store.Store {
			return &misreading{s, func(b *booking.Booking) { b.Start = b.Start.In(time.FixedZone("", 3600)) }}
		},
		[]string{"values/instants of any zone", "bookings/every field comes back"},
	},
	{
		"sorts claims and trims texts",
		func(s store.Store) store.Store {
			return &misreading{s, func(b *booking.Booking) {
				b.Claims, b.Customer.Note = sorted(b.Claims), strings.TrimSpace(b.Customer.Note)
			}}
		},
		[]string{"bookings/several claims", "values/texts"},
	},
	{
		"knows two statuses",
		func(s store.Store) store.Store {
			return &misreading{s, func(b *booking.Booking) {
				if b.Status != booking.Held {
					b.Status, b.Extensions = booking.Confirmed, 0
				}
			}}
		},
		[]string{"bookings/every status", "bookings/replaced"},
	},
	{"looks into every venue", func(s store.Store) store.Store { return &open{s} }, []string{"transactions/venues apart"}},
	{
		"skips ties between pages",
		func(s store.Store) store.Store {
			return &mislisting{Store: s, filter: func(f *store.Filter) {
				if !f.AfterStart.IsZero() {
					f.AfterStart, f.AfterID = f.AfterStart.Add(time.Microsecond), ""
				}
			}}
		},
		[]string{"listing/page by page", "listing/within bounds"},
	},
	{
		"lists what starts in the period",
		func(s store.Store) store.Store {
			return &mislisting{
				Store: s,
				listed: func(page []booking.Booking, f store.Filter) []booking.Booking {
					return only(page, func(b booking.Booking) bool { return !b.Start.Before(f.From) })
				},
			}
		},
		[]string{"listing/within bounds", "listing/the longest booking"},
	},
	{
		"cuts a page before it chooses",
		func(s store.Store) store.Store {
			return &mislisting{
				Store:  s,
				filter: func(f *store.Filter) { f.Statuses = nil },
				listed: func(page []booking.Booking, f store.Filter) []booking.Booking {
					return only(page, func(b booking.Booking) bool { return len(f.Statuses) == 0 || slices.Contains(f.Statuses, b.Status) })
				},
			}
		},
		[]string{"listing/of statuses"},
	},
	{
		"lists by id, without limit",
		func(s store.Store) store.Store {
			return &mislisting{
				Store:  s,
				filter: func(f *store.Filter) { f.Limit = max(f.Limit, 1) },
				listed: func(page []booking.Booking, _ store.Filter) []booking.Booking {
					slices.SortFunc(page, func(a, b booking.Booking) int { return strings.Compare(string(a.ID), string(b.ID)) })
					return page
				},
			}
		},
		[]string{"listing/by start, then id", "listing/a limit is needed"},
	},
	{
		"overlooks holds", func(s store.Store) store.Store { return &overlooking{s} },
		[]string{"uses/only those that claim room", "due/venues"},
	},
	{
		"waits for holds that have run out", func(s store.Store) store.Store { return &waiting{s} },
		[]string{"uses/only those that claim room"},
	},
	{
		"looks at whole bookings only", func(s store.Store) store.Store { return &shallow{s} },
		[]string{"uses/in a span", "uses/by service and resource"},
	},
	{
		"reads with a blur", func(s store.Store) store.Store { return &blurred{s} },
		[]string{
			"catalogue/venues are listed by id", "changes/after a revision", "revisions/of several venues", "values/the clock",
			"revisions/with the store's clock",
		},
	},
	{
		"names bookings that are over", func(s store.Store) store.Store { return &lasting{Store: s} },
		[]string{"uses/until the claim ends"},
	},
	{
		"loads no batch",
		func(s store.Store) store.Store {
			return &misloading{s, func(loaded *store.Loaded) { loaded.Batch = "" }}
		},
		[]string{"revisions/each with its batch"},
	},
	{"knows no last batch", func(s store.Store) store.Store { return &anonymous{s} }, []string{"revisions/each with its batch"}},
	{"reads another venue's changes", func(s store.Store) store.Store { return &crossed{s} }, []string{"changes/none of another venue"}},
	{
		"keeps its keys in memory",
		func(s store.Store) store.Store { return &forgetful{Store: s, keys: make(map[[32]byte]store.Key)} },
		[]string{"life/a restart keeps everything", "keys/found by hash"},
	},
	{"keeps every key", func(s store.Store) store.Store { return &accumulating{s} }, []string{"keys/replaced by name"}},
	{"cannot be closed", func(s store.Store) store.Store { return &ajar{s} }, []string{"life/closed"}},
	{
		"forgets a step of its changes", loses(func(t *booking.BookingTransition) { t.Released = nil }),
		[]string{"changes/every field comes back", "touched/by claims taken and freed"},
	},
	{
		"forgets when bookings end", loses(func(t *booking.BookingTransition) { t.End = time.Time{} }),
		[]string{"changes/every field comes back", "values/instants in microseconds"},
	},
	{
		"forgets when holds expire", loses(func(t *booking.BookingTransition) { t.ExpiresAt = time.Time{} }),
		[]string{"changes/every field comes back", "values/instants in microseconds"},
	},
	{
		"forgets which change was before", loses(func(t *booking.BookingTransition) { t.Previous = 0 }),
		[]string{"changes/every field comes back"},
	},
	{
		"forgets claims that stay", loses(func(t *booking.BookingTransition) { t.Unchanged = nil }),
		[]string{"changes/every field comes back"},
	},
}

// loses makes a store that writes the transitions of a change without something.
func loses(part func(*booking.BookingTransition)) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return &tampered{Store: s, write: func(_ store.Need, _ store.Found, w *store.Write) {
			w.Change.Entries = slices.Clone(w.Change.Entries)
			for i, e := range w.Change.Entries {
				if e.Booking != nil {
					transition := *e.Booking
					part(&transition)
					w.Change.Entries[i].Booking = &transition
				}
			}
		}}
	}
}

var mutants = slices.Concat(writerMutants, readerMutants, inspectorMutants, retentionMutants, webhookMutants, relayMutants)
