package memory

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// PutKey stores a management key in place of the one of its name.
func (s *Store) PutKey(ctx context.Context, key store.Key) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	d := s.config.Data
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, other := range d.keys {
		if other.Hash == key.Hash && other.Name != key.Name {
			return fmt.Errorf("%w: key %q is that of %q", store.ErrRejected, key.Name, other.Name)
		}
	}
	key.CreatedAt = rounded(key.CreatedAt)
	d.keys[key.Name] = key
	return nil
}

// Key finds a management key by its hash.
func (s *Store) Key(ctx context.Context, hash [sha256.Size]byte) (store.Key, error) {
	if err := s.usable(ctx); err != nil {
		return store.Key{}, err
	}
	d := s.config.Data
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, key := range d.keys {
		if key.Hash == hash {
			return key, nil
		}
	}
	return store.Key{}, booking.ErrNotFound
}

// HasKeys tells whether any management key is stored.
func (s *Store) HasKeys(ctx context.Context) (bool, error) {
	d := s.config.Data
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.keys) > 0, s.usable(ctx)
}

// SweepAnswers deletes answers that are past their lifetime. It raises no revision.
func (s *Store) SweepAnswers(ctx context.Context, limit int) (deleted int, err error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	d, now := s.config.Data, s.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, st := range d.venues {
		next := st.successor()
		maps.DeleteFunc(next.answers, func(_ booking.AnswerKey, a booking.Answer) bool {
			if deleted == limit || !past(a, now) {
				return false
			}
			deleted++
			return true
		})
		d.venues[id] = next
	}
	return deleted, nil
}

// Trim deletes what is past its retention. It raises no revision.
func (s *Store) Trim(ctx context.Context, retention store.Retention, limit int) (deleted int, err error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	d, now := s.config.Data, s.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, st := range d.venues {
		next, keep := st.successor(), retention
		if id.Hidden() {
			keep = store.HiddenRetention
		}
		deleted += next.trim(id, keep, d.sent(id, now), now, limit)
		d.venues[id] = next
	}
	return deleted, nil
}

func (s *state) trim(venue booking.VenueID, retention store.Retention, sent booking.Revision, now time.Time, limit int) int {
	holds, before := 0, now.Add(-max(retention.Holds, store.LeastHoldRetention(venue)))
	maps.DeleteFunc(s.bookings, func(_ booking.BookingID, b booking.Booking) bool {
		unconfirmed := b.Status == booking.Expired || b.Status == booking.Cancelled && b.CancelledHold
		if retention.Holds == 0 || holds == limit || !unconfirmed || !b.UpdatedAt.Before(before) {
			return false
		}
		holds++
		return true
	})
	changes := s.changes[:min(limit, retention.Deletable(s.changes, s.revision, sent, now))]
	if len(changes) > 0 {
		s.checkpoint = s.checkpoint.Advance(changes)
		s.audit = slices.Clone(s.audit)
		for _, c := range changes {
			if venue.Hidden() {
				break // they are not remembered
			}
			s.audit = append(s.audit, store.Audited(c))
		}
		s.changes = s.changes[len(changes):]
	}
	audit := 0
	for retention.Audit > 0 && audit < min(limit, len(s.audit)) && s.audit[audit].CommittedAt.Before(now.Add(-retention.Audit)) {
		audit++
	}
	s.audit = s.audit[audit:]
	return holds + len(changes) + audit
}
