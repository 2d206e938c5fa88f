package memory

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// count counts the live bookings that the need asks for.
func (s *state) count(need store.Need, f *store.Found) {
	f.Clients, f.Contacts = make(map[string][]store.Live), make(map[string]int)
	f.Holds = make([][]booking.Claim, len(need.Holds))
	for _, b := range s.bookings {
		if b.Status != booking.Held && b.Status != booking.Confirmed {
			continue
		}
		for _, tag := range need.Clients {
			if strings.HasPrefix(b.ClientTag, tag) && !outdated(b, f.Now) {
				f.Clients[tag] = countLive(f.Clients[tag], b)
			}
		}
		if slices.Contains(need.Contacts, b.ContactTag) && b.End.After(f.Now) {
			f.Contacts[b.ContactTag]++
		}
		for i, r := range need.Holds {
			if b.Status == booking.Held && b.ClientTag != "" && b.Service == r.Service &&
				!b.Start.Before(r.From) && b.Start.Before(r.To) {
				f.Holds[i] = sumClaims(f.Holds[i], b.Claims)
			}
		}
	}
}

// countLive counts one booking more.
func countLive(counts []store.Live, b booking.Booking) []store.Live {
	i := slices.IndexFunc(counts, func(l store.Live) bool { return l.Service == b.Service })
	if i < 0 {
		i, counts = len(counts), append(counts, store.Live{Service: b.Service})
	}
	counts[i].All++
	counts[i].People += b.PartySize
	if b.Status == booking.Held {
		counts[i].Held++
	}
	return counts
}

// sumClaims adds claims to others: those of one resource and time are one.
func sumClaims(sums, claims []booking.Claim) []booking.Claim {
	for _, c := range claims {
		i := slices.IndexFunc(sums, func(s booking.Claim) bool {
			return s.Resource == c.Resource && s.Start.Equal(c.Start) && s.End.Equal(c.End)
		})
		if i < 0 {
			sums = append(sums, c)
		} else {
			sums[i].Units += c.Units
		}
	}
	return sums
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
