package memory

import (
	"context"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Update runs one transaction; see [store.Writer].
func (s *Store) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if err := store.CheckNeeds(needs); err != nil {
		return err
	}
	if !s.config.Optimistic {
		s.config.Data.row.Lock()
		defer s.config.Data.row.Unlock()
	}
	for {
		if done, err := s.attempt(ctx, needs, decide); done || err != nil {
			return err
		}
	}
}

// attempt is false if a venue has moved since it was read.
func (s *Store) attempt(
	ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error),
) (done bool, err error) {
	if err := s.usable(ctx); err != nil {
		return false, err
	}
	all := s.config.Data.now()
	read, next := make(map[booking.VenueID]*state, len(needs)), make(map[booking.VenueID]*state, len(needs))
	found := make([]store.Found, len(needs))
	for i, need := range needs {
		read[need.Venue] = all[need.Venue]
		found[i] = s.find(need, all[need.Venue])
	}
	if err := store.CheckLevels(s.config.Level, needs, found); err != nil {
		return false, err
	}
	writes, err := decide(found)
	if err != nil {
		return false, err
	}
	if err := store.CheckWrites(s.config.Level, needs, found, writes); err != nil {
		return false, err
	}
	for i, w := range writes {
		if w.Change.Revision == 0 {
			continue
		}
		venue := needs[i].Venue
		if next[venue], err = read[venue].with(venue, w, s.now()); err != nil {
			return false, fmt.Errorf("%w: venue %s, change %d: %w", store.ErrRejected, venue, w.Change.Revision, err)
		}
	}
	if err := s.usable(ctx); err != nil {
		return false, err
	}
	return len(next) == 0 || s.config.Data.replace(read, next), nil
}

// find is what is true of a venue in that state.
func (s *Store) find(need store.Need, st *state) store.Found {
	f := store.Found{Now: s.now(), Epoch: s.config.Data.epoch}
	if st == nil {
		return f
	}
	f.Exists, f.Revision, f.Batch, f.Due = true, st.revision, st.batch(need.Known), st.due(f.Now)
	f.Needs = st.needs
	if need.Known < st.revision && st.revision-need.Known <= store.MaxChanges {
		f.Changes = st.after(need.Known, store.MaxChanges)
	}
	f.Bookings = make(map[booking.BookingID]booking.Booking, len(need.Bookings))
	for _, id := range need.Bookings {
		if b, ok := st.bookings[id]; ok {
			f.Bookings[id] = ofBooking(b)
		}
	}
	f.Answers = make(map[booking.AnswerKey]booking.Answer, len(need.Answers))
	for _, key := range need.Answers {
		if a, ok := st.answer(key, f.Now); ok {
			f.Answers[key] = a
		}
	}
	for _, use := range need.Uses {
		f.Uses = append(f.Uses, st.uses(use, f.Now, booking.MaxInUse+1))
	}
	st.count(need, &f)
	return f
}
