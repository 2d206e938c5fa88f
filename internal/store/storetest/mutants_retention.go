package storetest

import (
	"context"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// trimming deletes by another retention than it is given.
type trimming struct {
	store.Store
	by func(store.Retention) store.Retention
}

func (m *trimming) Trim(ctx context.Context, r store.Retention, limit int) (int, error) {
	return m.Store.Trim(ctx, m.by(r), limit)
}

// untrimmed deletes nothing.
type untrimmed struct{ store.Store }

func (untrimmed) Trim(context.Context, store.Retention, int) (int, error) { return 0, nil }

// oblivious deletes what is remembered of changes with the changes.
type oblivious struct{ store.Snapshot }

func (*oblivious) Audit(context.Context, booking.VenueID, func(booking.Change) error) error {
	return nil
}

// unchecked has no checkpoint.
type unchecked struct{ store.Snapshot }

func (*unchecked) Checkpoint(context.Context, booking.VenueID) (store.Checkpoint, error) {
	return store.Checkpoint{}, nil
}

// gappy leaves one out of what is remembered of changes.
type gappy struct{ store.Snapshot }

func (m *gappy) Audit(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	n := 0
	return m.Snapshot.Audit(ctx, venue, func(c booking.Change) error {
		if n++; n == 2 {
			return nil
		}
		return visit(c)
	})
}

// serving counts every bus as served whenever something is deleted.
type serving struct {
	store.Store
	mu    sync.Mutex
	buses map[string]bool
}

func (m *serving) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buses[lease.Bus] = true
	return m.Store.KeepLeases(ctx, lease)
}

func (m *serving) Trim(ctx context.Context, r store.Retention, limit int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for bus := range m.buses {
		if err := m.RegisterBus(ctx, bus); err != nil {
			return 0, err
		}
	}
	return m.Store.Trim(ctx, r, limit)
}

func trimmingBy(by func(store.Retention) store.Retention) func(store.Store) store.Store {
	return func(s store.Store) store.Store { return &trimming{s, by} }
}

var retentionMutants = []mutant{
	{
		"keeps what the probe leaves",
		func(s store.Store) store.Store { return untrimmed{s} },
		[]string{
			"retention/holds that ended unconfirmed go", "retention/old changes go, and the last stay",
			"retention/what was done stays answerable", "retention/of all venues", "retention/what the probe leaves goes within minutes",
			"retention/after the clock went back",
		},
	},
	{
		"keeps everything",
		trimmingBy(func(store.Retention) store.Retention { return store.Retention{} }),
		[]string{
			"retention/holds that ended unconfirmed go", "retention/old changes go, and the last stay",
			"retention/what was done stays answerable", "retention/of all venues",
		},
	},
	{
		"deletes too early",
		trimmingBy(func(r store.Retention) store.Retention {
			return store.Retention{Holds: r.Holds / 2, Changes: r.Changes / 2, Audit: r.Audit / 2}
		}),
		[]string{"retention/holds that ended unconfirmed go", "retention/what was done stays answerable"},
	},
	{
		"remembers nothing of what it deletes",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return &oblivious{from} }}
		},
		[]string{"retention/old changes go, and the last stay", "retention/what was done stays answerable", "retention/of all venues"},
	},
	{
		"leaves a gap in what it remembers",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return &gappy{from} }}
		},
		[]string{"retention/after the clock went back", "retention/old changes go, and the last stay"},
	},
	{
		"has no checkpoint",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return &unchecked{from} }}
		},
		[]string{"retention/old changes go, and the last stay", "retention/what was done stays answerable", "retention/of all venues"},
	},
	{
		"deletes what was not sent",
		trimmingBy(func(r store.Retention) store.Retention { r.Unsent = 1; return r }),
		[]string{
			"retention/what was not sent stays", "retention/what was never sent goes in the end",
			"retention/a bus that nobody serves keeps nothing", "retention/of venues that are sent and others",
		},
	},
	{
		"keeps for ever what was not sent",
		trimmingBy(func(r store.Retention) store.Retention { r.Unsent = 0; return r }),
		[]string{"retention/what was never sent goes in the end"},
	},
	{
		"keeps for ever what nobody will be sent",
		func(s store.Store) store.Store { return &serving{Store: s, buses: make(map[string]bool)} },
		[]string{"retention/a bus that nobody serves keeps nothing"},
	},
}
