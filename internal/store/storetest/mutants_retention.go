package storetest

import (
	"context"

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
}
