package memory

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// count counts the live bookings that the need asks for.
func (s *state) count(need store.Need, f *store.Found) {
	f.Clients, f.Contacts, f.Holds = make(map[string]store.Live), make(map[string]int), make([]store.Held, len(need.Holds))
	for _, b := range s.bookings {
		if b.Status != booking.Held && b.Status != booking.Confirmed {
			continue
		}
		if slices.Contains(need.Clients, b.ClientTag) && !outdated(b, f.Now) {
			live := f.Clients[b.ClientTag]
			live.All++
			if b.Status == booking.Held {
				live.Held++
			}
			f.Clients[b.ClientTag] = live
		}
		if slices.Contains(need.Contacts, b.ContactTag) && b.End.After(f.Now) {
			f.Contacts[b.ContactTag]++
		}
		for i, r := range need.Holds {
			if b.Status == booking.Held && b.ClientTag != "" && b.Service == r.Service &&
				!b.Start.Before(r.From) && b.Start.Before(r.To) {
				f.Holds[i].Bookings++
				f.Holds[i].People += b.PartySize
			}
		}
	}
}

// outdated tells whether the time of a booking's client tag is over.
func outdated(b booking.Booking, now time.Time) bool {
	return !b.CreatedAt.After(now.Add(-booking.ClientTagTTL))
}

// EraseTags erases tags that are counted no more.
func (s *Store) EraseTags(ctx context.Context, limit int) (erased int, err error) {
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	d, now := s.config.Data, s.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for venue, st := range d.venues {
		next := st.successor()
		for id, b := range next.bookings {
			left := b
			if outdated(b, now) {
				left.ClientTag = ""
			}
			if b.Status != booking.Held && b.Status != booking.Confirmed {
				left.ClientTag, left.ContactTag = "", ""
			}
			if (left.ClientTag != b.ClientTag || left.ContactTag != b.ContactTag) && erased < limit {
				next.bookings[id] = left
				erased++
			}
		}
		d.venues[venue] = next
	}
	return erased, nil
}

// ClientSecret is what client tags are keyed with.
func (s *Store) ClientSecret(ctx context.Context) (string, error) {
	d := s.config.Data
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.clientSecret == "" {
		d.clientSecret = rand.Text()
	}
	return d.clientSecret, s.usable(ctx)
}
