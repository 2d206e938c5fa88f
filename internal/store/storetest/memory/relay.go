package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// bus is what the relay keeps of one.
type bus struct {
	store.Leases
	seen    time.Time
	cursors map[booking.VenueID]store.Cursor
}

// onBus runs f on a bus, nil if it is not registered, while nobody else uses it.
func (s *Store) onBus(ctx context.Context, name string, f func(b *bus, now time.Time) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	d := s.config.Data
	d.mu.Lock()
	defer d.mu.Unlock()
	return f(d.buses[name], s.now())
}

// RegisterBus notes that a bus is in use.
func (s *Store) RegisterBus(ctx context.Context, name string) error {
	return s.RegisterBusAt(ctx, name, 1<<64-1)
}

// RegisterBusAt notes that a bus is in use whose events begin at a revision.
func (s *Store) RegisterBusAt(ctx context.Context, name string, revision booking.Revision) error {
	return s.onBus(ctx, name, func(b *bus, now time.Time) error {
		d := s.config.Data
		if b == nil {
			b = &bus{cursors: make(map[booking.VenueID]store.Cursor)}
			for id, st := range d.venues {
				if at := min(st.revision, revision); at > 0 && !id.Hidden() {
					b.cursors[id] = store.Cursor{Venue: id, Epoch: d.epoch, Revision: at, Batch: st.batch(at), DueAt: now}
				}
			}
			d.buses[name] = b
		}
		b.seen = now
		return nil
	})
}

// KeepLeases renews, takes and gives up leases.
func (s *Store) KeepLeases(ctx context.Context, lease store.Lease) (kept []store.Shard, err error) {
	if err := lease.Check(); err != nil {
		return nil, err
	}
	err = s.onBus(ctx, lease.Bus, func(b *bus, now time.Time) error {
		if b == nil {
			return fmt.Errorf("bus %s is not registered: %w", lease.Bus, booking.ErrNotFound)
		}
		b.seen, kept = now, b.Keep(lease, now)
		return nil
	})
	return kept, err
}

// ReleaseLeases gives up all leases of a holder.
func (s *Store) ReleaseLeases(ctx context.Context, name, holder string) error {
	return s.onBus(ctx, name, func(b *bus, _ time.Time) error {
		if b != nil {
			b.Release(holder)
		}
		return nil
	})
}

// Unsent lists venues of which something is to be sent.
func (s *Store) Unsent(ctx context.Context, name string, after booking.VenueID, limit int) (venues []booking.VenueID, err error) {
	err = s.onBus(ctx, name, func(b *bus, now time.Time) error {
		d := s.config.Data
		for _, id := range slices.Sorted(maps.Keys(d.venues)) {
			if id > after && !id.Hidden() && len(venues) < limit && b.cursor(id).unsent(d.epoch, d.venues[id].revision, now) {
				venues = append(venues, id)
			}
		}
		return nil
	})
	return venues, err
}

// cursor is that of a venue, or the zero one.
func (b *bus) cursor(venue booking.VenueID) cursor {
	if b == nil {
		return cursor{}
	}
	return cursor(b.cursors[venue])
}

type cursor store.Cursor

// unsent tells whether there is something to send of a venue at that revision.
func (c cursor) unsent(epoch booking.Epoch, revision booking.Revision, now time.Time) bool {
	return c.Epoch != epoch || revision > c.Revision || !c.DueAt.IsZero() && !c.DueAt.After(now)
}

// Cursors reads cursors.
func (s *Store) Cursors(
	ctx context.Context, name string, venues []booking.VenueID,
) (cursors map[booking.VenueID]store.Cursor, err error) {
	cursors = make(map[booking.VenueID]store.Cursor, len(venues))
	err = s.onBus(ctx, name, func(b *bus, _ time.Time) error {
		for _, id := range venues {
			if c := b.cursor(id); c.Venue != "" {
				cursors[id] = store.Cursor(c)
			}
		}
		return nil
	})
	return cursors, err
}

// MoveCursors writes cursors.
func (s *Store) MoveCursors(ctx context.Context, name, holder string, cursors []store.Cursor) (lost []booking.VenueID, err error) {
	if cursors, err = store.SortCursors(cursors); err != nil {
		return nil, err
	}
	err = s.onBus(ctx, name, func(b *bus, now time.Time) error {
		for _, c := range cursors {
			if b == nil || !b.Holds(holder, store.ShardOf(c.Venue), now) {
				lost = append(lost, c.Venue)
			} else if there := b.cursors[c.Venue]; c.MayFollow(there) {
				c.DueAt = rounded(c.DueAt)
				b.cursors[c.Venue] = c
			}
		}
		return nil
	})
	return lost, err
}

// sent is up to which revision the changes of a venue are sent to all buses that are enabled. The lock is held.
func (d *Data) sent(venue booking.VenueID, now time.Time) booking.Revision {
	sent := booking.Revision(1<<64 - 1)
	for _, b := range d.buses {
		if b.seen.After(now.Add(-store.BusEnabledFor)) && !venue.Hidden() {
			sent = min(sent, b.cursors[venue].Revision)
		}
	}
	return sent
}

// DurableChanges reads changes with their epoch.
func (s *Store) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	if err := s.usable(ctx); err != nil {
		return store.Durable{}, err
	}
	d := store.Durable{Epoch: s.config.Data.epoch}
	if st := s.config.Data.venue(venue); st != nil {
		d.Revision, d.Changes = st.revision, st.after(after, limit)
	}
	return d, nil
}
