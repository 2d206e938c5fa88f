package memory

import (
	"slices"
	"time"

	"vacancy/internal/booking"
)

// Values are copied on their way in and out, so that nobody shares memory with the store.

// rounded is an instant as stores keep it: in whole microseconds, of UTC.
func rounded(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func ofVenue(v booking.Venue) booking.Venue {
	v.AllowedOrigins = slices.Clone(v.AllowedOrigins)
	return v
}

func ofResource(r booking.Resource) booking.Resource {
	for day, periods := range r.Schedule.Weekly {
		r.Schedule.Weekly[day] = slices.Clone(periods)
	}
	r.Schedule.Exceptions = slices.Clone(r.Schedule.Exceptions)
	for i := range r.Schedule.Exceptions {
		r.Schedule.Exceptions[i].Hours = slices.Clone(r.Schedule.Exceptions[i].Hours)
	}
	return r
}

func ofService(s booking.Service) booking.Service {
	s.Price, s.LimitedBelow = clone(s.Price), clone(s.LimitedBelow)
	s.Requires = slices.Clone(s.Requires)
	for i := range s.Requires {
		s.Requires[i].AnyOf = slices.Clone(s.Requires[i].AnyOf)
	}
	return s
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func ofClaims(claims []booking.Claim) []booking.Claim {
	claims = slices.Clone(claims)
	for i := range claims {
		claims[i].Start, claims[i].End = rounded(claims[i].Start), rounded(claims[i].End)
	}
	return claims
}

func ofBooking(b booking.Booking) booking.Booking {
	b.Start, b.End, b.ExpiresAt = rounded(b.Start), rounded(b.End), rounded(b.ExpiresAt)
	b.CreatedAt, b.UpdatedAt = rounded(b.CreatedAt), rounded(b.UpdatedAt)
	b.Claims = ofClaims(b.Claims)
	return b
}

func ofAnswer(a booking.Answer) booking.Answer {
	a.Sealed, a.CreatedAt = slices.Clone(a.Sealed), rounded(a.CreatedAt)
	return a
}

func ofChange(c booking.Change) booking.Change {
	c.CommittedAt, c.Entries = rounded(c.CommittedAt), slices.Clone(c.Entries)
	for i := range c.Entries {
		e := &c.Entries[i]
		e.Booking, e.Venue, e.Resource, e.Service = clone(e.Booking), clone(e.Venue), clone(e.Resource), clone(e.Service)
		switch {
		case e.Booking != nil:
			b := e.Booking
			b.Start, b.End, b.ExpiresAt = rounded(b.Start), rounded(b.End), rounded(b.ExpiresAt)
			b.Claimed, b.Released, b.Unchanged = ofClaims(b.Claimed), ofClaims(b.Released), ofClaims(b.Unchanged)
		case e.Venue != nil:
			*e.Venue = ofVenue(*e.Venue)
		case e.Resource != nil:
			*e.Resource = ofResource(*e.Resource)
		case e.Service != nil:
			*e.Service = ofService(*e.Service)
		}
	}
	return c
}
