package storetest

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// renaming calls buses by other names. Each time that a store is opened it may be another.
type renaming struct {
	store.Store
	name func(bus string) string
}

func (m *renaming) RegisterBus(ctx context.Context, bus string) error {
	return m.Store.RegisterBus(ctx, m.name(bus))
}

func (m *renaming) RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error {
	return m.Store.RegisterBusAt(ctx, m.name(bus), revision)
}

func (m *renaming) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	lease.Bus = m.name(lease.Bus)
	return m.Store.KeepLeases(ctx, lease)
}

func (m *renaming) ReleaseLeases(ctx context.Context, bus, holder string) error {
	return m.Store.ReleaseLeases(ctx, m.name(bus), holder)
}

func (m *renaming) Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) ([]booking.VenueID, error) {
	return m.Store.Unsent(ctx, m.name(bus), after, limit)
}

func (m *renaming) Cursors(ctx context.Context, bus string, of []booking.VenueID) (map[booking.VenueID]store.Cursor, error) {
	return m.Store.Cursors(ctx, m.name(bus), of)
}

func (m *renaming) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) ([]booking.VenueID, error) {
	return m.Store.MoveCursors(ctx, m.name(bus), holder, cursors)
}

// beginning begins buses at another revision than it is told.
type beginning struct {
	store.Store
	at func(booking.Revision) booking.Revision
}

func (m *beginning) RegisterBus(ctx context.Context, bus string) error {
	return m.RegisterBusAt(ctx, bus, 1<<62)
}

func (m *beginning) RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error {
	return m.Store.RegisterBusAt(ctx, bus, m.at(revision))
}

// restarting sets the cursors of a bus anew each time that it is registered.
type restarting struct {
	*renaming
	mu    sync.Mutex
	count string
}

func newRestarting(s store.Store) store.Store {
	m := &restarting{renaming: &renaming{Store: s}}
	m.name = func(bus string) string {
		m.mu.Lock()
		defer m.mu.Unlock()
		return bus + m.count
	}
	return m
}

func (m *restarting) RegisterBus(ctx context.Context, bus string) error {
	m.mu.Lock()
	m.count += "'"
	m.mu.Unlock()
	return m.renaming.RegisterBus(ctx, bus)
}

// unsending lists other venues than those of which something is to be sent.
type unsending struct {
	store.Store
	list func(s store.Store, bus string, venues []booking.VenueID, after booking.VenueID, limit int) []booking.VenueID
}

func (m *unsending) Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) ([]booking.VenueID, error) {
	venues, err := m.Store.Unsent(ctx, bus, after, limit)
	return m.list(m.Store, bus, venues, after, limit), err
}

// credulous shows the cursors that it was told last, whoever told them.
type credulous struct {
	store.Store
	mu   sync.Mutex
	told map[booking.VenueID]store.Cursor
}

func (m *credulous) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) ([]booking.VenueID, error) {
	lost, err := m.Store.MoveCursors(ctx, bus, holder, cursors)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range cursors {
		m.told[c.Venue] = c
	}
	return lost, err
}

func (m *credulous) Cursors(ctx context.Context, bus string, of []booking.VenueID) (map[booking.VenueID]store.Cursor, error) {
	cursors, err := m.Store.Cursors(ctx, bus, of)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, venue := range of {
		if told, ok := m.told[venue]; ok {
			cursors[venue] = told
		}
	}
	return cursors, err
}

// moving moves other cursors than those that it is given, and tells of other losses.
type moving struct {
	store.Store
	cursors func([]store.Cursor) []store.Cursor
	lost    func([]booking.VenueID) []booking.VenueID
}

func (m *moving) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) ([]booking.VenueID, error) {
	if m.cursors != nil {
		cursors = m.cursors(cursors)
	}
	lost, err := m.Store.MoveCursors(ctx, bus, holder, cursors)
	if m.lost != nil {
		lost = m.lost(lost)
	}
	return lost, err
}

// leasing asks for other leases than it is told, and tells of others.
type leasing struct {
	store.Store
	ask  func(store.Lease) store.Lease
	tell func([]store.Shard) []store.Shard
}

func (m *leasing) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	if m.ask != nil {
		lease = m.ask(lease)
	}
	kept, err := m.Store.KeepLeases(ctx, lease)
	if m.tell != nil && err == nil {
		kept = m.tell(kept)
	}
	return kept, err
}

// unreleased never releases leases.
type unreleased struct{ store.Store }

func (*unreleased) ReleaseLeases(context.Context, string, string) error { return nil }

// undurable reads other changes than there are.
type undurable struct {
	store.Store
	alter func(*store.Durable)
}

func (m *undurable) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	d, err := m.Store.DurableChanges(ctx, venue, after, limit)
	m.alter(&d)
	return d, err
}

// twoMoments reads the revision before the changes.
type twoMoments struct {
	store.Store
	mu   sync.Mutex
	last booking.Revision
}

func (m *twoMoments) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	d, err := m.Store.DurableChanges(ctx, venue, after, limit)
	m.mu.Lock()
	defer m.mu.Unlock()
	d.Revision, m.last = m.last, d.Revision
	return d, err
}

func leasingWith(ask func(store.Lease) store.Lease, tell func([]store.Shard) []store.Shard) func(store.Store) store.Store {
	return func(s store.Store) store.Store { return &leasing{s, ask, tell} }
}

func movingWith(
	cursors func([]store.Cursor) []store.Cursor, lost func([]booking.VenueID) []booking.VenueID,
) func(store.Store) store.Store {
	return func(s store.Store) store.Store { return &moving{s, cursors, lost} }
}

var everyShard = func([]store.Shard) (all []store.Shard) {
	for shard := range store.Shard(store.Shards) {
		all = append(all, shard)
	}
	return all
}

var relayMutants = []mutant{
	{
		"begins a bus with the first change",
		func(s store.Store) store.Store {
			return &beginning{s, func(booking.Revision) booking.Revision { return 0 }}
		},
		[]string{"relay/a new bus begins at now", "relay/a bus begins at a revision", "relay/buses know nothing of each other"},
	},
	{
		"begins a bus at now, whatever it is told",
		func(s store.Store) store.Store {
			return &beginning{s, func(booking.Revision) booking.Revision { return 1 << 62 }}
		},
		[]string{"relay/a bus begins at a revision"},
	},
	{
		"begins a bus anew each time",
		newRestarting,
		[]string{"relay/a bus that is registered again goes on", "relay/a bus that several register begins once"},
	},
	{
		"forgets buses when it is closed",
		func(s store.Store) store.Store {
			life := rand.Text()
			return &renaming{s, func(bus string) string { return bus + life }}
		},
		[]string{"relay/cursors outlive the store"},
	},
	{
		"takes all buses for one",
		func(s store.Store) store.Store { return &renaming{s, func(string) string { return "one" }} },
		[]string{"relay/buses know nothing of each other", "relay/a bus begins at a revision"},
	},
	{
		"has nothing to send",
		func(s store.Store) store.Store {
			return &unsending{s, func(store.Store, string, []booking.VenueID, booking.VenueID, int) []booking.VenueID { return nil }}
		},
		[]string{
			"relay/unsent by revision", "relay/unsent by time", "relay/unsent of another epoch", "relay/unsent in pages",
			"relay/nothing of hidden venues", "relay/a new bus begins at now",
		},
	},
	{
		"shows hidden venues",
		func(s store.Store) store.Store {
			return &unsending{s, func(_ store.Store, _ string, list []booking.VenueID, after booking.VenueID, limit int) []booking.VenueID {
				if after < booking.ProbeVenue && len(list) < limit {
					list = slices.Insert(list, 0, booking.ProbeVenue)
				}
				return list
			}}
		},
		[]string{"relay/nothing of hidden venues"},
	},
	{
		"lists as many as there are",
		func(s store.Store) store.Store {
			return &unsending{s, func(s store.Store, bus string, list []booking.VenueID, after booking.VenueID, _ int) []booking.VenueID {
				if all, err := s.Unsent(context.Background(), bus, after, 1000); err == nil {
					return all
				}
				return list
			}}
		},
		[]string{"relay/unsent in pages"},
	},
	{
		"moves cursors back, and for everybody",
		func(s store.Store) store.Store {
			return &credulous{Store: s, told: make(map[booking.VenueID]store.Cursor)}
		},
		[]string{
			"relay/a cursor does not go back", "relay/a cursor of another epoch", "relay/cursors move with the lease",
			"relay/buses know nothing of each other",
		},
	},
	{
		"keeps cursors where they are",
		movingWith(func([]store.Cursor) []store.Cursor { return nil }, nil),
		[]string{
			"relay/unsent by revision", "relay/unsent by time", "relay/unsent of another epoch", "relay/a cursor of another epoch",
			"relay/cursors move with the lease", "relay/every field of a cursor comes back",
		},
	},
	{
		"forgets when something is due",
		movingWith(func(cursors []store.Cursor) []store.Cursor {
			cursors = slices.Clone(cursors)
			for i := range cursors {
				cursors[i].DueAt = time.Time{}
			}
			return cursors
		}, nil),
		[]string{"relay/unsent by time", "relay/every field of a cursor comes back"},
	},
	{
		"takes the last of several cursors",
		movingWith(func(cursors []store.Cursor) []store.Cursor {
			last := make(map[booking.VenueID]store.Cursor)
			for _, c := range cursors {
				last[c.Venue] = c
			}
			return slices.Collect(maps.Values(last))
		}, nil),
		[]string{"relay/cursors of one venue at once"},
	},
	{
		"tells nobody what was lost",
		movingWith(nil, func([]booking.VenueID) []booking.VenueID { return nil }),
		[]string{"relay/cursors move with the lease", "relay/leases are handed over"},
	},
	{
		"leases all to everybody",
		leasingWith(nil, everyShard),
		[]string{
			"relay/a new holder gets its share", "relay/no lease has two holders", "relay/leases are handed over",
			"relay/a lease that nobody took is renewed",
		},
	},
	{
		"leases nothing",
		leasingWith(nil, func([]store.Shard) []store.Shard { return nil }),
		[]string{"relay/one holder has all leases", "relay/a new holder gets its share"},
	},
	{
		"takes away what somebody is at work on",
		leasingWith(func(l store.Lease) store.Lease { l.Held = nil; return l }, nil),
		[]string{"relay/leases are handed over"},
	},
	{
		"leases for ever",
		leasingWith(func(l store.Lease) store.Lease { l.Duration *= 1000; return l }, nil),
		[]string{"relay/leases of one that is gone run out"},
	},
	{
		"leases for a moment",
		leasingWith(func(l store.Lease) store.Lease { l.Duration /= 100; return l }, nil),
		[]string{"relay/no lease has two holders", "relay/leases of one that is gone run out", "relay/cursors move with the lease"},
	},
	{
		"never releases",
		func(s store.Store) store.Store { return &unreleased{s} },
		[]string{"relay/leases are released", "relay/cursors move with the lease"},
	},
	{
		"leases what cannot be held",
		leasingWith(func(l store.Lease) store.Lease {
			return store.Lease{Bus: theBus, Holder: l.Holder + "a", Duration: max(l.Duration, time.Second)}
		}, nil),
		[]string{"relay/what cannot be held"},
	},
	{
		"reads changes of no epoch",
		func(s store.Store) store.Store { return &undurable{s, func(d *store.Durable) { d.Epoch = "" }} },
		[]string{"relay/durable changes are those that there are"},
	},
	{
		"leaves out the first change",
		func(s store.Store) store.Store {
			return &undurable{s, func(d *store.Durable) { d.Changes = d.Changes[min(1, len(d.Changes)):] }}
		},
		[]string{"relay/durable changes are those that there are", "relay/durable changes after a revision"},
	},
	{
		"reads the revision before the changes",
		func(s store.Store) store.Store { return &twoMoments{Store: s} },
		[]string{"relay/durable changes and the revision of one moment", "relay/durable changes after a revision"},
	},
}
