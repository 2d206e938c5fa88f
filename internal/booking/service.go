package booking

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Service is what a customer books.
type Service struct {
	Venue       VenueID
	ID          ServiceID
	Name        string
	Description string
	// Price is shown, not charged. Nil shows none.
	Price *Price
	// Color is "#rrggbb", or empty.
	Color string
	// Duration is how long a booking lasts, in elapsed time.
	Duration time.Duration
	// Step is the distance of starts on the wall clock, counted from each opening.
	Step time.Duration
	// BufferBefore and BufferAfter are claimed around a booking. They may lie outside opening hours.
	BufferBefore time.Duration
	BufferAfter  time.Duration
	// MinNotice is how long before its start a slot can last be booked.
	MinNotice time.Duration
	// HorizonDays is how many days after today, on the venue's calendar, the last bookable day is.
	HorizonDays int
	PartySize   PartySize
	// HoldFor is how long a hold lives before it expires, unless it is extended.
	HoldFor time.Duration
	// LimitedBelow, if set, makes a slot limited when less than that remains; otherwise less than half, and the last one of several, do.
	LimitedBelow *int
	// Requires is what each booking takes: all of it, or nothing. One requirement for now; see [MaxRequirements].
	Requires []Requirement
	// Order is the service's place in lists: the lowest first, and by id where it is the same.
	Order int
	// Limits bound how many places one client or contact takes. What is zero has its default.
	Limits Limits
	// Revision is the last one that changed the service's own settings.
	Revision Revision
	// Archived services are kept for the bookings that name them, and take no new ones.
	Archived bool
}

// DefaultStep is the step of a service that is given none: as long as a booking, and a day at most.
func DefaultStep(duration time.Duration) time.Duration {
	return min(duration, MinutesPerDay*time.Minute)
}

// Limits bound how many live places of a venue one client or contact may have, by bookings of a service.
type Limits struct {
	// HoldsPerClient is how many holds of the venue one client may have, for a hold that would leave less than half of the service's day.
	HoldsPerClient int
	// BookingsPerClient is how many places of the venue one client may have taken lately, by bookings and holds, for a booking that would
	// leave less than half of the service's day; or a quarter of what the day has, if that is more.
	BookingsPerClient int
	// BookingsPerContact is how many live bookings of the venue one contact may have at any time.
	BookingsPerContact int
}

// OrDefaults has the defaults in place of zeros.
func (l Limits) OrDefaults() Limits {
	return Limits{
		HoldsPerClient:     cmp.Or(l.HoldsPerClient, DefaultHoldsPerClient),
		BookingsPerClient:  cmp.Or(l.BookingsPerClient, DefaultBookingsPerClient),
		BookingsPerContact: cmp.Or(l.BookingsPerContact, DefaultBookingsPerContact),
	}
}

// PartySize bounds how many people one booking is for.
type PartySize struct {
	Min, Max int
}

// Requirement is one resource, or any one of a pool, and the units that a booking takes of it.
type Requirement struct {
	// AnyOf are the members of the pool; a single resource is a pool of one.
	AnyOf []ResourceID
	// Units that each booking takes or, if PerPerson, each person of it.
	Units     int
	PerPerson bool
}

// UnitsFor is what a party takes of the member that serves it.
func (r Requirement) UnitsFor(party int) int {
	if r.PerPerson {
		return r.Units * party
	}
	return r.Units
}

var colorForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// Validate returns an [Invalid] that names every field that is wrong. That the resources exist is for the desk to check.
func (s Service) Validate() error {
	var c checker
	c.id("venue", string(s.Venue))
	c.id("id", string(s.ID))
	c.text("name", s.Name, 1, MaxNameLength, false)
	c.text("description", s.Description, 0, MaxTextLength, true)
	if s.Price != nil {
		s.Price.check(&c)
	}
	c.require(s.Color == "" || colorForm.MatchString(s.Color), "color", "must be a colour such as #2d6cdf")
	c.minutes("duration_minutes", s.Duration, time.Minute, MaxDuration)
	c.minutes("step_minutes", s.Step, time.Minute, MinutesPerDay*time.Minute)
	c.minutes("buffer_before_minutes", s.BufferBefore, 0, MaxBuffer)
	c.minutes("buffer_after_minutes", s.BufferAfter, 0, MaxBuffer)
	c.minutes("min_notice_minutes", s.MinNotice, 0, MaxNotice)
	horizonKnown := s.HorizonDays >= 1 && s.HorizonDays <= MaxHorizonDays
	c.require(horizonKnown, "horizon_days", "must be 1 to %d", MaxHorizonDays)
	// The last start that can be booked is on the last day of the horizon, in which the day of the booking is not counted.
	never := s.MinNotice >= time.Duration(s.HorizonDays+1)*24*time.Hour
	c.require(!horizonKnown || s.MinNotice > MaxNotice || !never, "min_notice_minutes",
		"is beyond the horizon of %d days, so nothing could ever be booked", s.HorizonDays)
	c.require(s.PartySize.Min >= 1, "party_size.min", "must be 1 or more")
	c.require(s.PartySize.Max >= s.PartySize.Min && s.PartySize.Max <= MaxPartySize, "party_size.max",
		"must be party_size.min to %d", MaxPartySize)
	c.minutes("hold_minutes", s.HoldFor, time.Minute, MaxHold)
	for _, l := range []struct {
		field string
		limit int
	}{
		{"holds_per_client", s.Limits.HoldsPerClient},
		{"bookings_per_client", s.Limits.BookingsPerClient},
		{"bookings_per_contact", s.Limits.BookingsPerContact},
	} {
		c.require(l.limit >= 0 && l.limit <= MaxLimit, "limits."+l.field, "must be 1 to %d", MaxLimit)
	}
	c.require(s.LimitedBelow == nil || *s.LimitedBelow >= 0, "limited_below", "must be 0 or more")
	c.require(len(s.Requires) >= 1, "requires", "must have an entry: the resource, or the pool, that each booking takes")
	c.require(len(s.Requires) <= MaxRequirements, "requires", "must have exactly %d entry: a service cannot take two resources at once yet",
		MaxRequirements)
	c.order(s.Order)
	for i, r := range s.Requires {
		r.check(&c, fmt.Sprintf("requires[%d]", i))
	}
	return c.err()
}

func (r Requirement) check(c *checker, field string) {
	c.require(len(r.AnyOf) >= 1 && len(r.AnyOf) <= MaxPool, field+".any_of", "must name 1 to %d resources", MaxPool)
	for i, id := range r.AnyOf {
		at := fmt.Sprintf("%s.any_of[%d]", field, i)
		c.id(at, string(id))
		c.require(!slices.Contains(r.AnyOf[:i], id), at, "is named twice")
	}
	c.require(r.Units >= 1 && r.Units <= MaxCapacity, field+".units", "must be 1 to %d", MaxCapacity)
}

// minutes checks a length that must be a whole number of minutes within bounds.
func (c *checker) minutes(field string, d, atLeast, atMost time.Duration) {
	c.require(d >= atLeast && d <= atMost && d%time.Minute == 0, field,
		"must be %d to %d", int(atLeast/time.Minute), int(atMost/time.Minute))
}

// Uses tells whether a booking of the service may claim the resource.
func (s Service) Uses(id ResourceID) bool {
	return slices.ContainsFunc(s.Requires, func(r Requirement) bool { return slices.Contains(r.AnyOf, id) })
}

// CheckParty returns an [Invalid] if the service does not take parties of that size.
func (s Service) CheckParty(size int) error {
	if size < s.PartySize.Min || size > s.PartySize.Max {
		return NewInvalid("party_size", "must be %d to %d for this service", s.PartySize.Min, s.PartySize.Max)
	}
	return nil
}
