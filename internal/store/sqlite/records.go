package sqlite

import (
	"time"

	"vacancy/internal/booking"
)

// Records are the catalogue's values as changes keep them in JSON. They name their fields themselves, so that renaming one in the
// domain does not change what is stored. The venue is the row's.

type venueRecord struct {
	Name           string           `json:"name"`
	TimeZone       string           `json:"time_zone"`
	ContactEmail   string           `json:"contact_email,omitempty"`
	ContactPhone   string           `json:"contact_phone,omitempty"`
	AllowedOrigins []string         `json:"allowed_origins,omitempty"`
	Revision       booking.Revision `json:"revision"`
	Archived       bool             `json:"archived,omitempty"`
}

func recordVenue(v booking.Venue) *venueRecord {
	return &venueRecord{
		Name: v.Name, TimeZone: v.TimeZone, ContactEmail: v.Contact.Email, ContactPhone: v.Contact.Phone,
		AllowedOrigins: v.AllowedOrigins, Revision: v.Revision, Archived: v.Archived,
	}
}

func (r *venueRecord) venue(id booking.VenueID) *booking.Venue {
	return &booking.Venue{
		ID: id, Name: r.Name, TimeZone: r.TimeZone, Contact: booking.Contact{Email: r.ContactEmail, Phone: r.ContactPhone},
		AllowedOrigins: r.AllowedOrigins, Revision: r.Revision, Archived: r.Archived,
	}
}

type resourceRecord struct {
	ID       booking.ResourceID `json:"id"`
	Name     string             `json:"name"`
	Capacity int                `json:"capacity"`
	Schedule booking.Schedule   `json:"schedule"`
	Revision booking.Revision   `json:"revision"`
	Archived bool               `json:"archived,omitempty"`
}

func recordResource(r booking.Resource) *resourceRecord {
	return &resourceRecord{
		ID: r.ID, Name: r.Name, Capacity: r.Capacity, Schedule: r.Schedule, Revision: r.Revision, Archived: r.Archived,
	}
}

func (r *resourceRecord) resource(venue booking.VenueID) *booking.Resource {
	return &booking.Resource{
		Venue: venue, ID: r.ID, Name: r.Name, Capacity: r.Capacity, Schedule: r.Schedule, Revision: r.Revision, Archived: r.Archived,
	}
}

// serviceRecord has lengths in whole minutes.
type serviceRecord struct {
	ID            booking.ServiceID   `json:"id"`
	Name          string              `json:"name"`
	Description   string              `json:"description,omitempty"`
	PriceAmount   string              `json:"price_amount,omitempty"`
	PriceCurrency string              `json:"price_currency,omitempty"`
	Color         string              `json:"color,omitempty"`
	Duration      int64               `json:"duration"`
	Step          int64               `json:"step"`
	BufferBefore  int64               `json:"buffer_before,omitempty"`
	BufferAfter   int64               `json:"buffer_after,omitempty"`
	MinNotice     int64               `json:"min_notice,omitempty"`
	HorizonDays   int                 `json:"horizon_days"`
	PartyMin      int                 `json:"party_min"`
	PartyMax      int                 `json:"party_max"`
	HoldFor       int64               `json:"hold_for"`
	LimitedBelow  *int                `json:"limited_below,omitempty"`
	Requires      []requirementRecord `json:"requires"`
	Revision      booking.Revision    `json:"revision"`
	Archived      bool                `json:"archived,omitempty"`
}

func recordService(s booking.Service) *serviceRecord {
	r := &serviceRecord{
		ID: s.ID, Name: s.Name, Description: s.Description, Color: s.Color,
		Duration: minutes(s.Duration), Step: minutes(s.Step),
		BufferBefore: minutes(s.BufferBefore), BufferAfter: minutes(s.BufferAfter),
		MinNotice: minutes(s.MinNotice), HorizonDays: s.HorizonDays,
		PartyMin: s.PartySize.Min, PartyMax: s.PartySize.Max, HoldFor: minutes(s.HoldFor), LimitedBelow: s.LimitedBelow,
		Requires: recordRequirements(s.Requires), Revision: s.Revision, Archived: s.Archived,
	}
	if s.Price != nil {
		r.PriceAmount, r.PriceCurrency = s.Price.Amount, s.Price.Currency
	}
	return r
}

func (r *serviceRecord) service(venue booking.VenueID) *booking.Service {
	s := &booking.Service{
		Venue: venue, ID: r.ID, Name: r.Name, Description: r.Description, Color: r.Color,
		Duration: ofMinutes(r.Duration), Step: ofMinutes(r.Step),
		BufferBefore: ofMinutes(r.BufferBefore), BufferAfter: ofMinutes(r.BufferAfter),
		MinNotice: ofMinutes(r.MinNotice), HorizonDays: r.HorizonDays,
		PartySize: booking.PartySize{Min: r.PartyMin, Max: r.PartyMax}, HoldFor: ofMinutes(r.HoldFor), LimitedBelow: r.LimitedBelow,
		Requires: requirementsOf(r.Requires), Revision: r.Revision, Archived: r.Archived,
	}
	if r.PriceAmount != "" || r.PriceCurrency != "" {
		s.Price = &booking.Price{Amount: r.PriceAmount, Currency: r.PriceCurrency}
	}
	return s
}

type requirementRecord struct {
	AnyOf     []booking.ResourceID `json:"any_of"`
	Units     int                  `json:"units"`
	PerPerson bool                 `json:"per_person,omitempty"`
}

func recordRequirements(requires []booking.Requirement) []requirementRecord {
	records := make([]requirementRecord, len(requires))
	for i, r := range requires {
		records[i] = requirementRecord(r)
	}
	return records
}

func requirementsOf(records []requirementRecord) []booking.Requirement {
	requires := make([]booking.Requirement, len(records))
	for i, r := range records {
		requires[i] = booking.Requirement(r)
	}
	return requires
}

func minutes(d time.Duration) int64 { return int64(d / time.Minute) }

func ofMinutes(n int64) time.Duration { return time.Duration(n) * time.Minute }
