package sqlite

import (
	"context"
	"fmt"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// leases are those of all buses, in memory: no other process can have the file, so whoever has leases is gone when they are, and the
// next process need not wait. Nor is there a flush for each renewal.
type leases struct {
	mu    sync.Mutex
	buses map[string]*busLeases
}

type busLeases struct {
	store.Leases
	// noted is when it was last written to the file that the bus is in use; zero if it was not since the file was opened.
	noted time.Time
}

// of are the leases of a bus. The lock must be held.
func (l *leases) of(bus string) *busLeases {
	if l.buses == nil {
		l.buses = make(map[string]*busLeases)
	}
	if l.buses[bus] == nil {
		l.buses[bus] = &busLeases{}
	}
	return l.buses[bus]
}

// noteDue tells whether it is time to note that a bus is in use.
func (l *leases) noteDue(bus string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := now.Sub(l.of(bus).noted)
	return since < 0 || since >= store.BusSeenInterval
}

// noteBus notes that a bus is in use, which must be registered.
func (s *Store) noteBus(ctx context.Context, bus string) error {
	now := s.now()
	if !s.leases.noteDue(bus, now) {
		return nil
	}
	err := s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		n, err := c.exec(ctx, noteBus, bus, record.Micros(now))
		if err == nil && n == 0 {
			err = fmt.Errorf("it is not registered: %w", booking.ErrNotFound)
		}
		return true, err
	})
	if err != nil {
		return classify(err)
	}
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	s.leases.of(bus).noted = now
	return nil
}

// KeepLeases renews, takes and gives up leases; see [store.Relay].
func (s *Store) KeepLeases(ctx context.Context, lease store.Lease) (kept []store.Shard, err error) {
	if err := lease.Check(); err != nil {
		return nil, err
	}
	err = s.inPlace()
	if err == nil {
		err = s.noteBus(ctx, lease.Bus)
	}
	if err == nil {
		err = s.reads(func() error { // not after Close
			s.leases.mu.Lock()
			defer s.leases.mu.Unlock()
			kept = s.leases.of(lease.Bus).Keep(lease, s.now())
			return ctx.Err()
		})
	}
	if err != nil {
		return nil, fmt.Errorf("leases of bus %s: %w", lease.Bus, err)
	}
	return kept, nil
}

// ReleaseLeases gives up all leases of a holder; see [store.Relay].
func (s *Store) ReleaseLeases(ctx context.Context, bus, holder string) error {
	return s.reads(func() error {
		s.leases.mu.Lock()
		defer s.leases.mu.Unlock()
		s.leases.of(bus).Release(holder)
		return ctx.Err()
	})
}

// held divides cursors into those whose shard a holder has a valid lease of, and the venues of the others.
func (s *Store) held(bus, holder string, cursors []store.Cursor) (held []store.Cursor, lost []booking.VenueID) {
	now := s.now()
	s.leases.mu.Lock()
	defer s.leases.mu.Unlock()
	of := s.leases.of(bus)
	for _, c := range cursors {
		if of.Holds(holder, store.ShardOf(c.Venue), now) {
			held = append(held, c)
		} else {
			lost = append(lost, c.Venue)
		}
	}
	return held, lost
}
