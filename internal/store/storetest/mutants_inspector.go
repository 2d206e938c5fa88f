package storetest

import (
	"context"
	"slices"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// misinspecting shows inspectors another snapshot than the store's.
type misinspecting struct {
	store.Store
	show func(store.Store, store.Snapshot) store.Snapshot
}

func (m *misinspecting) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	return m.Store.Inspect(ctx, func(s store.Snapshot) error { return visit(m.show(m.Store, s)) })
}

// shown is a snapshot that changes or leaves out some of what it shows.
type shown struct {
	store.Snapshot
	loaded  func(*store.Loaded) bool
	change  func(booking.Change) bool
	booking func(*booking.Booking) bool
	active  func(booking.Claim) bool
	answer  func(*booking.Answer) bool
}

func (s *shown) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	return s.Snapshot.Loaded(ctx, func(l store.Loaded) error {
		if s.loaded != nil && !s.loaded(&l) {
			return nil
		}
		return visit(l)
	})
}

func (s *shown) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return s.Snapshot.Changes(ctx, venue, func(c booking.Change) error {
		if s.change != nil && !s.change(c) {
			return nil
		}
		return visit(c)
	})
}

func (s *shown) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return s.Snapshot.Bookings(ctx, venue, func(b booking.Booking) error {
		if s.booking != nil && !s.booking(&b) {
			return nil
		}
		return visit(b)
	})
}

func (s *shown) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return s.Snapshot.Active(ctx, venue, func(id booking.BookingID, c booking.Claim) error {
		if s.active != nil && !s.active(c) {
			return nil
		}
		return visit(id, c)
	})
}

func (s *shown) Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	return s.Snapshot.Answers(ctx, venue, func(a booking.Answer) error {
		if s.answer != nil && !s.answer(&a) {
			return nil
		}
		return visit(a)
	})
}

// showing makes mutants of what is left out or changed.
func showing(how shown) func(store.Store) store.Store {
	return func(s store.Store) store.Store {
		return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot {
			altered := how
			altered.Snapshot = from
			return &altered
		}}
	}
}

// current is a snapshot that shows what is true when it is asked.
type current struct {
	store.Snapshot
	s store.Store
}

func (s current) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return s.s.Inspect(ctx, func(now store.Snapshot) error { return now.Bookings(ctx, venue, visit) })
}

// hasty inspects the state of the first look, not that of the beginning.
type hasty struct{ store.Store }

func (m *hasty) Inspect(_ context.Context, visit func(store.Snapshot) error) error {
	return visit(&late{s: m.Store})
}

// late shows what was there when it was first asked for the venues.
type late struct {
	store.Snapshot
	s store.Store
}

func (s *late) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	return s.s.Inspect(ctx, func(now store.Snapshot) error { return now.Loaded(ctx, visit) })
}

// blind inspects nothing, and says that all is well.
type blind struct{ store.Store }

func (m *blind) Inspect(ctx context.Context, visit func(store.Snapshot) error) error {
	_ = m.Store.Inspect(ctx, visit)
	return nil
}

// deaf goes on with what it shows, whatever its visitor says.
type deaf struct{ store.Snapshot }

func (s deaf) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	var first error
	err := s.Snapshot.Changes(ctx, venue, func(c booking.Change) error {
		if err := visit(c); first == nil {
			first = err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return first
}

func (s deaf) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return s.Snapshot.Active(ctx, venue, func(id booking.BookingID, c booking.Claim) error {
		_ = visit(id, c)
		return nil
	})
}

// unordered shows bookings by their start, and venues as languages sort them.
type unordered struct{ store.Snapshot }

func (s unordered) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	var all []store.Loaded
	err := s.Snapshot.Loaded(ctx, func(l store.Loaded) error { all = append(all, l); return nil })
	slices.SortFunc(all, func(a, b store.Loaded) int {
		plain := strings.NewReplacer("-", "", "_", "")
		return strings.Compare(plain.Replace(string(a.Venue.ID)), plain.Replace(string(b.Venue.ID)))
	})
	return visitAll(all, err, visit)
}

func (s unordered) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	var all []booking.Booking
	err := s.Snapshot.Bookings(ctx, venue, func(b booking.Booking) error { all = append(all, b); return nil })
	slices.SortFunc(all, func(a, b booking.Booking) int { return a.Start.Compare(b.Start) })
	return visitAll(all, err, visit)
}

// confused takes every venue for one without a row.
type confused struct{ store.Snapshot }

func (s confused) Orphans(ctx context.Context, visit func(venue booking.VenueID, table string) error) error {
	return s.Loaded(ctx, func(l store.Loaded) error { return visit(l.Venue.ID, "changes") })
}

func visitAll[T any](all []T, err error, visit func(T) error) error {
	for _, item := range all {
		if err == nil {
			err = visit(item)
		}
	}
	return err
}

// inspectorMutants are those of Inspector.
var inspectorMutants = []mutant{
	{
		"hides archived venues from inspectors",
		showing(shown{loaded: func(l *store.Loaded) bool { return !l.Venue.Archived }}),
		[]string{"inspect/of each venue by itself"},
	},
	{
		"shows inspectors no old answers",
		showing(shown{answer: func(a *booking.Answer) bool { return a.CreatedAt.After(Morning) }}),
		[]string{"inspect/everything, in order", "inspect/of each venue by itself"},
	},
	{
		"shows inspectors only claims to come",
		showing(shown{active: func(c booking.Claim) bool { return c.Start.After(Morning) }}),
		[]string{"inspect/everything, in order"},
	},
	{
		"shows inspectors claims of statuses it knows",
		showing(shown{active: func(c booking.Claim) bool { return c.Start.Before(Slot.Add(2 * 3600e9)) }}),
		[]string{"inspect/claims of those that claim"},
	},
	{
		"shows inspectors only what still claims",
		showing(shown{booking: func(b *booking.Booking) bool {
			if !b.Status.Claims() {
				b.Claims = nil
			}
			return true
		}}),
		[]string{"inspect/claims of those that claim"},
	},
	{
		"shows inspectors so many changes at most",
		showing(shown{change: func(c booking.Change) bool { return c.Revision <= store.MaxChanges }}),
		[]string{"inspect/changes beyond what is handed out at once"},
	},
	{
		"shows inspectors two moments at once",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(s store.Store, from store.Snapshot) store.Snapshot { return current{from, s} }}
		},
		[]string{"inspect/one state while others write"},
	},
	{
		"shows inspectors the state of their first look", func(s store.Store) store.Store { return &hasty{s} },
		[]string{"inspect/one state while others write"},
	},
	{
		"shows inspectors things in no order",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return unordered{from} }}
		},
		[]string{"inspect/everything, in order", "inspect/of each venue by itself"},
	},
	{
		"takes every row for one of no venue",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return confused{from} }}
		},
		[]string{"inspect/everything, in order"},
	},
	{"is content with every inspection", func(s store.Store) store.Store { return &blind{s} }, []string{"inspect/errors are returned"}},
	{
		"does not hear its inspectors",
		func(s store.Store) store.Store {
			return &misinspecting{s, func(_ store.Store, from store.Snapshot) store.Snapshot { return deaf{from} }}
		},
		[]string{"inspect/errors are returned"},
	},
}
