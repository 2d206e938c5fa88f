package record

import (
	"time"

	"vacancy/internal/booking"
)

// A field that came with a later version is a pointer, which is nil in a record that an older program has written: [booking.Omitted]. The
// fields of the first version are left out where they are zero.

// Venue holds the settings of a venue.
type Venue struct {
	Name           string           `json:"name"`
	TimeZone       string           `json:"time_zone"`
	ContactEmail   string           `json:"contact_email,omitempty"`
	ContactPhone   string           `json:"contact_phone,omitempty"`
	AllowedOrigins []string         `json:"allowed_origins,omitempty"`
	Revision       booking.Revision `json:"revision"`
	Archived       bool             `json:"archived,omitempty"`
}

// OfVenue is the record of a venue's settings.
func OfVenue(v booking.Venue) *Venue {
	return &Venue{
		Name: v.Name, TimeZone: v.TimeZone, ContactEmail: v.Contact.Email, ContactPhone: v.Contact.Phone,
		AllowedOrigins: v.AllowedOrigins, Revision: v.Revision, Archived: v.Archived,
	}
}

// Settings are what the record was made of.
func (r *Venue) Settings(id booking.VenueID) *booking.Venue {
	return &booking.Venue{
		ID: id, Name: r.Name, TimeZone: r.TimeZone, Contact: booking.Contact{Email: r.ContactEmail, Phone: r.ContactPhone},
		AllowedOrigins: r.AllowedOrigins, Revision: r.Revision, Archived: r.Archived,
	}
}

// Resource holds the settings of a resource.
type Resource struct {
	ID       booking.ResourceID `json:"id"`
	Name     string             `json:"name"`
	Capacity int                `json:"capacity"`
	Schedule booking.Schedule   `json:"schedule"`
	Order    *int               `json:"order,omitempty"`
	Revision booking.Revision   `json:"revision"`
	Archived bool               `json:"archived,omitempty"`
}

// OfResource is the record of a resource's settings.
func OfResource(r booking.Resource) *Resource {
	return &Resource{
		ID: r.ID, Name: r.Name, Capacity: r.Capacity, Schedule: r.Schedule, Order: &r.Order, Revision: r.Revision, Archived: r.Archived,
	}
}

// Settings are what the record was made of. What the record omits is zero.
func (r *Resource) Settings(venue booking.VenueID) *booking.Resource {
	return &booking.Resource{
		Venue: venue, ID: r.ID, Name: r.Name, Capacity: r.Capacity, Schedule: r.Schedule, Order: orZero(r.Order), Revision: r.Revision,
		Archived: r.Archived,
	}
}

func (r *Resource) omits() booking.Omitted { return omittedIf(r.Order == nil, booking.OmitsOrder) }

// omit leaves settings out.
func (r *Resource) omit(settings booking.Omitted) {
	if settings&booking.OmitsOrder != 0 {
		r.Order = nil
	}
}

// Service holds the settings of a service, with lengths in whole minutes.
type Service struct {
	ID            booking.ServiceID `json:"id"`
	Name          string            `json:"name"`
	Description   string            `json:"description,omitempty"`
	PriceAmount   string            `json:"price_amount,omitempty"`
	PriceCurrency string            `json:"price_currency,omitempty"`
	Color         string            `json:"color,omitempty"`
	Duration      int64             `json:"duration"`
	Step          int64             `json:"step"`
	BufferBefore  int64             `json:"buffer_before,omitempty"`
	BufferAfter   int64             `json:"buffer_after,omitempty"`
	MinNotice     int64             `json:"min_notice,omitempty"`
	HorizonDays   int               `json:"horizon_days"`
	PartyMin      int               `json:"party_min"`
	PartyMax      int               `json:"party_max"`
	HoldFor       int64             `json:"hold_for"`
	LimitedBelow  *int              `json:"limited_below,omitempty"`
	Requires      []Requirement     `json:"requires"`
	Order         *int              `json:"order,omitempty"`
	Limits        *Limits           `json:"limits,omitempty"`
	Revision      booking.Revision  `json:"revision"`
	Archived      bool              `json:"archived,omitempty"`
}

// OfService is the record of a service's settings.
func OfService(s booking.Service) *Service {
	r := &Service{
		ID: s.ID, Name: s.Name, Description: s.Description, Color: s.Color,
		Duration: minutes(s.Duration), Step: minutes(s.Step),
		BufferBefore: minutes(s.BufferBefore), BufferAfter: minutes(s.BufferAfter),
		MinNotice: minutes(s.MinNotice), HorizonDays: s.HorizonDays,
		PartyMin: s.PartySize.Min, PartyMax: s.PartySize.Max, HoldFor: minutes(s.HoldFor), LimitedBelow: s.LimitedBelow,
		Requires: ofRequirements(s.Requires), Limits: (*Limits)(&s.Limits), Order: &s.Order, Revision: s.Revision, Archived: s.Archived,
	}
	if s.Price != nil {
		r.PriceAmount, r.PriceCurrency = s.Price.Amount, s.Price.Currency
	}
	return r
}

// Settings are what the record was made of. What the record omits is zero.
func (r *Service) Settings(venue booking.VenueID) *booking.Service {
	s := &booking.Service{
		Venue: venue, ID: r.ID, Name: r.Name, Description: r.Description, Color: r.Color,
		Duration: ofMinutes(r.Duration), Step: ofMinutes(r.Step),
		BufferBefore: ofMinutes(r.BufferBefore), BufferAfter: ofMinutes(r.BufferAfter),
		MinNotice: ofMinutes(r.MinNotice), HorizonDays: r.HorizonDays,
		PartySize: booking.PartySize{Min: r.PartyMin, Max: r.PartyMax}, HoldFor: ofMinutes(r.HoldFor), LimitedBelow: r.LimitedBelow,
		Requires: requirementsOf(r.Requires), Limits: booking.Limits(orZero(r.Limits)), Order: orZero(r.Order), Revision: r.Revision,
		Archived: r.Archived,
	}
	if r.PriceAmount != "" || r.PriceCurrency != "" {
		s.Price = &booking.Price{Amount: r.PriceAmount, Currency: r.PriceCurrency}
	}
	return s
}

func (r *Service) omits() booking.Omitted {
	return omittedIf(r.Order == nil, booking.OmitsOrder) | omittedIf(r.Limits == nil, booking.OmitsLimits)
}

// omit leaves settings out.
func (r *Service) omit(settings booking.Omitted) {
	if settings&booking.OmitsOrder != 0 {
		r.Order = nil
	}
	if settings&booking.OmitsLimits != 0 {
		r.Limits = nil
	}
}

func omittedIf(omitted bool, settings booking.Omitted) booking.Omitted {
	if omitted {
		return settings
	}
	return 0
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Limits are a service's own; what is left out has its default.
type Limits struct {
	HoldsPerClient     int `json:"holds_per_client,omitempty"`
	BookingsPerClient  int `json:"bookings_per_client,omitempty"`
	BookingsPerContact int `json:"bookings_per_contact,omitempty"`
}

// Requirement is one of a service's.
type Requirement struct {
	AnyOf     []booking.ResourceID `json:"any_of"`
	Units     int                  `json:"units"`
	PerPerson bool                 `json:"per_person,omitempty"`
}

func ofRequirements(requires []booking.Requirement) []Requirement {
	records := make([]Requirement, len(requires))
	for i, r := range requires {
		records[i] = Requirement(r)
	}
	return records
}

func requirementsOf(records []Requirement) []booking.Requirement {
	requires := make([]booking.Requirement, len(records))
	for i, r := range records {
		requires[i] = booking.Requirement(r)
	}
	return requires
}

func minutes(d time.Duration) int64 { return int64(d / time.Minute) }

func ofMinutes(n int64) time.Duration { return time.Duration(n) * time.Minute }
