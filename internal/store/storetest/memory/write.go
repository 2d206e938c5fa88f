package memory

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// with is the state after a write, or why there can be none.
func (s *state) with(venue booking.VenueID, w store.Write, now time.Time) (*state, error) {
	next := s.successor()
	next.revision++
	next.needs = max(next.needs, w.Change.Level())
	change := ofChange(w.Change)
	for _, e := range change.Entries {
		if err := next.writeSettings(venue, e); err != nil {
			return nil, err
		}
	}
	for _, id := range change.Resources() {
		next.touched[id] = change.Revision
	}
	next.changes = append(slices.Clip(next.changes), change) // not into the memory of another successor
	if err := next.write(w); err != nil {
		return nil, err
	}
	if err := next.remember(w.Answers, now); err != nil {
		return nil, err
	}
	return next, nil
}

// writeSettings writes the settings that an entry holds.
func (s *state) writeSettings(venue booking.VenueID, e booking.Entry) error {
	of := venue
	switch {
	case e.Venue != nil:
		of, s.venue = e.Venue.ID, ofVenue(*e.Venue)
	case e.Resource != nil:
		of, s.resources[e.Resource.ID] = e.Resource.Venue, ofResource(*e.Resource)
	case e.Service != nil:
		of, s.services[e.Service.ID] = e.Service.Venue, ofService(*e.Service)
	}
	if of != venue {
		return fmt.Errorf("settings of venue %s", of)
	}
	return nil
}

// write inserts and replaces bookings.
func (s *state) write(w store.Write) error {
	for _, b := range w.New {
		if _, taken := s.bookings[b.ID]; taken {
			return fmt.Errorf("booking %s exists", b.ID)
		}
		if err := check(b); err != nil {
			return err
		}
		s.bookings[b.ID] = ofBooking(b)
	}
	for _, b := range w.Changed {
		old, exists := s.bookings[b.ID]
		if !exists {
			return fmt.Errorf("booking %s does not exist", b.ID)
		}
		if err := check(b); err != nil {
			return err
		}
		b = ofBooking(b)
		b.Service, b.CreatedAt = old.Service, old.CreatedAt
		s.bookings[b.ID] = b
	}
	return nil
}

// check is nil for a booking that can be kept.
func check(b booking.Booking) error {
	if (b.Status == booking.Held) == b.ExpiresAt.IsZero() {
		return fmt.Errorf("booking %s is %s and expires at %v", b.ID, b.Status, b.ExpiresAt)
	}
	for _, c := range b.Claims {
		if c.Units < 1 || !c.Start.Before(c.End) {
			return fmt.Errorf("booking %s claims %+v", b.ID, c)
		}
	}
	return nil
}

// remember keeps answers, each for a key that has none or one that is past its lifetime.
func (s *state) remember(answers []booking.Answer, now time.Time) error {
	for _, a := range answers {
		if _, lives := s.answer(a.Key, now); lives {
			return errors.New("an answer's key has one already")
		}
		a = ofAnswer(a)
		a.Revision = s.revision
		s.answers[a.Key] = a
	}
	return nil
}
