package memory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// state is a venue at one revision. It is never changed.
type state struct {
	venue     booking.Venue
	revision  booking.Revision
	needs     booking.Level
	resources map[booking.ResourceID]booking.Resource
	services  map[booking.ServiceID]booking.Service
	touched   map[booking.ResourceID]booking.Revision
	// changes are those behind the checkpoint, by revision, and audit what is remembered of those before.
	changes    []booking.Change
	checkpoint store.Checkpoint
	audit      []booking.Change
	bookings   map[booking.BookingID]booking.Booking
	answers    map[booking.AnswerKey]booking.Answer
}

// successor is a copy that may be changed until it is the venue's state; of no state, an empty one.
func (s *state) successor() *state {
	if s == nil {
		return &state{
			resources: make(map[booking.ResourceID]booking.Resource), services: make(map[booking.ServiceID]booking.Service),
			touched:  make(map[booking.ResourceID]booking.Revision),
			bookings: make(map[booking.BookingID]booking.Booking), answers: make(map[booking.AnswerKey]booking.Answer),
		}
	}
	next := *s
	next.resources, next.services, next.touched = maps.Clone(s.resources), maps.Clone(s.services), maps.Clone(s.touched)
	next.bookings, next.answers = maps.Clone(s.bookings), maps.Clone(s.answers)
	return &next
}

// loaded is the venue with its catalogue, without claims.
func (s *state) loaded(epoch booking.Epoch) store.Loaded {
	l := store.Loaded{Epoch: epoch, Revision: s.revision, Venue: ofVenue(s.venue), Touched: maps.Clone(s.touched)}
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		l.Resources = append(l.Resources, ofResource(s.resources[id]))
	}
	for _, id := range slices.Sorted(maps.Keys(s.services)) {
		l.Services = append(l.Services, ofService(s.services[id]))
	}
	return l
}

// batch is that of the change of a revision, "" if there is none.
func (s *state) batch(revision booking.Revision) string {
	if revision <= s.checkpoint.Revision || revision > s.revision {
		return ""
	}
	return s.changes[revision-1-s.checkpoint.Revision].Batch
}

// after are the changes after a revision. There is one of each revision, in their order.
func (s *state) after(revision booking.Revision, limit int) []booking.Change {
	if revision >= s.revision {
		return nil
	}
	var changes []booking.Change
	from := int(max(revision, s.checkpoint.Revision) - s.checkpoint.Revision)
	for _, c := range s.changes[from:min(len(s.changes), from+max(limit, 0))] {
		changes = append(changes, ofChange(c))
	}
	return changes
}

// due are the holds that have run out, by expiry, then id.
func (s *state) due(now time.Time) []booking.Booking {
	var due []booking.Booking
	for _, b := range s.bookings {
		if b.Due(now) {
			due = append(due, ofBooking(b))
		}
	}
	slices.SortFunc(due, func(a, b booking.Booking) int {
		return cmp.Or(a.ExpiresAt.Compare(b.ExpiresAt), strings.Compare(string(a.ID), string(b.ID)))
	})
	return due
}

// list are the bookings that match a filter, by start, then id.
func (s *state) list(matches func(booking.Booking) bool) []booking.Booking {
	var page []booking.Booking
	for _, b := range s.bookings {
		if matches(b) {
			page = append(page, b)
		}
	}
	slices.SortFunc(page, byStart)
	return page
}

func byStart(a, b booking.Booking) int {
	return cmp.Or(a.Start.Compare(b.Start), strings.Compare(string(a.ID), string(b.ID)))
}

// uses are the ids that a use asks for, by start, then id.
func (s *state) uses(use store.Use, now time.Time, limit int) []booking.BookingID {
	from, to := rounded(use.From), rounded(use.To)
	wanted := func(c booking.Claim) bool {
		return c.End.After(now) && (use.Resource == "" || use.Resource == c.Resource) &&
			c.End.After(from) && (use.To.IsZero() || c.Start.Before(to))
	}
	var ids []booking.BookingID
	for _, b := range s.list(func(b booking.Booking) bool {
		return b.Status.Claims() && !b.Due(now) && (use.Service == "" || use.Service == b.Service) && slices.ContainsFunc(b.Claims, wanted)
	}) {
		if len(ids) < limit {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

// answer is the living answer of a key.
func (s *state) answer(key booking.AnswerKey, now time.Time) (booking.Answer, bool) {
	a, ok := s.answers[key]
	return ofAnswer(a), ok && !past(a, now)
}

// past tells whether an answer's lifetime is over.
func past(a booking.Answer, now time.Time) bool {
	return a.CreatedAt.Before(now.Add(-booking.AnswerLifetime))
}
