package memory

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Load reads a whole venue.
func (s *Store) Load(ctx context.Context, venue booking.VenueID, since time.Time) (store.Loaded, error) {
	if err := s.usable(ctx); err != nil {
		return store.Loaded{}, err
	}
	st := s.config.Data.venue(venue)
	if st == nil {
		return store.Loaded{}, booking.ErrNotFound
	}
	l := st.loaded(s.config.Data.epoch)
	l.Batch = st.batch(st.revision)
	for _, b := range st.bookings {
		for _, c := range b.Claims {
			if b.Status.Claims() && c.End.After(rounded(since)) {
				l.Claims = append(l.Claims, c)
			}
		}
	}
	return l, nil
}

// Revisions reads the last change of each of the venues that exist.
func (s *Store) Revisions(ctx context.Context, venues []booking.VenueID) (store.Revisions, error) {
	if err := s.usable(ctx); err != nil {
		return store.Revisions{}, err
	}
	all := s.config.Data.now()
	r := store.Revisions{Epoch: s.config.Data.epoch, Now: s.now(), Of: make(map[booking.VenueID]store.Last, len(venues))}
	for _, id := range venues {
		if st := all[id]; st != nil {
			r.Of[id] = store.Last{Revision: st.revision, Batch: st.batch(st.revision)}
		}
	}
	return r, nil
}

// Changes reads the changes of a venue after a revision.
func (s *Store) Changes(ctx context.Context, venue booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if st := s.config.Data.venue(venue); st != nil {
		return st.after(after, limit), nil
	}
	return nil, nil
}

// Venues lists the venues that are not archived.
func (s *Store) Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	all := s.config.Data.now()
	var venues []booking.Venue
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if st := all[id]; id > after && !st.venue.Archived && len(venues) < limit {
			venues = append(venues, ofVenue(st.venue))
		}
	}
	return venues, nil
}

// Booking reads one booking.
func (s *Store) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (booking.Booking, error) {
	if err := s.usable(ctx); err != nil {
		return booking.Booking{}, err
	}
	if st := s.config.Data.venue(venue); st != nil {
		if b, ok := st.bookings[id]; ok {
			return ofBooking(b), nil
		}
	}
	return booking.Booking{}, booking.ErrNotFound
}

// Bookings lists bookings of a venue.
func (s *Store) Bookings(ctx context.Context, venue booking.VenueID, filter store.Filter) ([]booking.Booking, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if filter.Limit < 1 {
		return nil, errors.New("the limit of a listing must be 1 or more")
	}
	st := s.config.Data.venue(venue)
	if st == nil {
		return nil, nil
	}
	behind := booking.Booking{Start: rounded(filter.AfterStart), ID: filter.AfterID}
	found := st.list(func(b booking.Booking) bool {
		return (filter.From.IsZero() || b.End.After(rounded(filter.From))) && (filter.To.IsZero() || b.Start.Before(rounded(filter.To))) &&
			(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, b.Status)) &&
			(filter.AfterStart.IsZero() || byStart(behind, b) < 0)
	})
	var page []booking.Booking
	for _, b := range found[:min(len(found), filter.Limit)] {
		page = append(page, ofBooking(b))
	}
	return page, nil
}

// Uses answers a [store.Use].
func (s *Store) Uses(ctx context.Context, venue booking.VenueID, use store.Use, limit int) ([]booking.BookingID, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if st := s.config.Data.venue(venue); st != nil {
		return st.uses(use, s.now(), limit), nil
	}
	return nil, nil
}

// Due lists venues that have due holds, and tells when the next hold runs out.
func (s *Store) Due(ctx context.Context, limit int) (venues []booking.VenueID, next time.Time, err error) {
	if err := s.usable(ctx); err != nil {
		return nil, time.Time{}, err
	}
	now, longest := s.now(), make(map[booking.VenueID]time.Time)
	for id, st := range s.config.Data.now() {
		if due := st.due(now); len(due) > 0 {
			venues, longest[id] = append(venues, id), due[0].ExpiresAt
		}
		for _, b := range st.bookings {
			if b.Status == booking.Held && !b.Due(now) && (next.IsZero() || b.ExpiresAt.Before(next)) {
				next = b.ExpiresAt
			}
		}
	}
	slices.SortFunc(venues, func(a, b booking.VenueID) int {
		return cmp.Or(longest[a].Compare(longest[b]), strings.Compare(string(a), string(b)))
	})
	return venues[:min(len(venues), limit)], next, nil
}

// Now is the store's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return s.now(), s.usable(ctx) }
