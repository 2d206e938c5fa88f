package httpapi

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/clean"
)

// ServiceSettings is what PUT sends for a service.
type ServiceSettings struct {
	Name                string        `json:"name" minLength:"1" maxLength:"200" example:"Haircut"`
	Description         string        `json:"description,omitempty" maxLength:"2000" example:"Wash, cut and finish."`
	Price               *Price        `json:"price,omitempty" doc:"Shown, not charged."`
	Color               string        `json:"color,omitempty" pattern:"^(#[0-9a-fA-F]{6})?$" example:"#2d6cdf"`
	DurationMinutes     int           `json:"duration_minutes" minimum:"1" maximum:"20160" doc:"How long a booking lasts." example:"30"`
	StepMinutes         *int          `json:"step_minutes,omitempty" minimum:"1" maximum:"1440" doc:"The distance of starts, counted from each opening. If left out, the duration, and a day at most." example:"30"`
	BufferBeforeMinutes int           `json:"buffer_before_minutes,omitempty" minimum:"0" maximum:"1440" doc:"Kept free before each booking."`
	BufferAfterMinutes  int           `json:"buffer_after_minutes,omitempty" minimum:"0" maximum:"1440" doc:"Kept free after each booking."`
	MinNoticeMinutes    int           `json:"min_notice_minutes,omitempty" minimum:"0" maximum:"525600" doc:"How long before its start a slot can last be booked."`
	HorizonDays         *int          `json:"horizon_days,omitempty" minimum:"1" maximum:"730" default:"90" doc:"How many days after today the last bookable day is."`
	PartySize           *PartySize    `json:"party_size,omitempty" doc:"How many people one booking may be for. If left out, one."`
	HoldMinutes         *int          `json:"hold_minutes,omitempty" minimum:"1" maximum:"1440" default:"10" doc:"How long a hold lives before it expires."`
	LimitedBelow        *int          `json:"limited_below,omitempty" nullable:"true" minimum:"0" doc:"A slot is limited if less than this remains. If left out, if less than half does, or the last one of several. 0: never."`
	Requires            []Requirement `json:"requires" nullable:"false" minItems:"1" maxItems:"1" doc:"What each booking takes."`
	Limits              *PlaceLimits  `json:"limits,omitempty" doc:"How many live places of the venue one client or contact may take. What is left out has its default."`
	Order               int           `json:"order,omitempty" minimum:"0" maximum:"1000000" doc:"Its place in lists and on pages: the lowest first, and by id where it is the same."`
}

// Service is what a customer books.
type Service struct {
	ID                  booking.ServiceID `json:"id" example:"haircut"`
	Name                string            `json:"name" example:"Haircut"`
	Description         string            `json:"description" example:"Wash, cut and finish."`
	Price               *Price            `json:"price,omitempty"`
	Color               string            `json:"color" example:"#2d6cdf"`
	DurationMinutes     int               `json:"duration_minutes" example:"30"`
	StepMinutes         int               `json:"step_minutes" example:"30"`
	BufferBeforeMinutes int               `json:"buffer_before_minutes" example:"0"`
	BufferAfterMinutes  int               `json:"buffer_after_minutes" example:"0"`
	MinNoticeMinutes    int               `json:"min_notice_minutes" example:"0"`
	HorizonDays         int               `json:"horizon_days" example:"90"`
	PartySize           PartySize         `json:"party_size"`
	HoldMinutes         int               `json:"hold_minutes" example:"10"`
	LimitedBelow        *int              `json:"limited_below" nullable:"true"`
	Requires            []Requirement     `json:"requires" nullable:"false"`
	Limits              *PlaceLimits      `json:"limits,omitempty"`
	Order               int               `json:"order" example:"1"`
	Revision            booking.Revision  `json:"revision" doc:"The last revision that changed these settings; also the ETag."`
	Warnings            []Warning         `json:"warnings,omitempty" nullable:"false" doc:"After an edit: why nothing can be booked as things are, such as resources that have no hours yet."`
}

// Services are a venue's services.
type Services struct {
	Services []Service `json:"services" nullable:"false"`
}

// Price is an amount and its currency.
type Price struct {
	Amount   string `json:"amount" pattern:"^[0-9]{1,12}(\\.[0-9]{1,4})?$" example:"25.00"`
	Currency string `json:"currency" pattern:"^[A-Z]{3}$" doc:"ISO 4217." example:"EUR"`
}

// PartySize bounds how many people one booking is for.
type PartySize struct {
	Min int `json:"min" minimum:"1" maximum:"10000" example:"1"`
	Max int `json:"max" minimum:"1" maximum:"10000" example:"4"`
}

// PlaceLimits bound how many live places of the venue one client or contact may take by bookings of a service.
type PlaceLimits struct {
	HoldsPerClient     *int `json:"holds_per_client,omitempty" minimum:"1" maximum:"1000000" default:"10" doc:"Holds of one client, where a hold would leave less than half of the service's day. IPv6 networks have 2 (/56) and 4 times (/48) as many."`
	BookingsPerClient  *int `json:"bookings_per_client,omitempty" minimum:"1" maximum:"1000000" default:"60" doc:"Places (people, where the service counts people) that one client took within a day by bookings and holds, where a booking would leave less than half of the service's day; a quarter of what the day has, if that is more. IPv6 networks have 2 (/56) and 4 times (/48) as many. If it is left out, a quarter of what there is up to the horizon, if that is less, but 30 always."`
	BookingsPerContact *int `json:"bookings_per_contact,omitempty" minimum:"1" maximum:"1000000" default:"20" doc:"Bookings that are still to come of one email address or phone number, at any time."`
}

func (l *PlaceLimits) limits() booking.Limits {
	if l == nil {
		return booking.Limits{}
	}
	given := func(n *int) int {
		switch {
		case n == nil:
			return 0 // the default
		case *n == 0:
			return -1 // for the domain to refuse: 0 is not left out
		}
		return *n
	}
	return booking.Limits{
		HoldsPerClient: given(l.HoldsPerClient), BookingsPerClient: given(l.BookingsPerClient),
		BookingsPerContact: given(l.BookingsPerContact),
	}
}

// placeLimitsOf are those that the service sets.
func placeLimitsOf(l booking.Limits) *PlaceLimits {
	if l == (booking.Limits{}) {
		return nil
	}
	set := func(n int) *int {
		if n == 0 {
			return nil
		}
		return &n
	}
	return &PlaceLimits{set(l.HoldsPerClient), set(l.BookingsPerClient), set(l.BookingsPerContact)}
}

// Requirement is one resource, or any one of several, and how many units of it a booking takes.
type Requirement struct {
	Resource  booking.ResourceID   `json:"resource,omitempty" doc:"The resource. Either this or any_of is given." example:"mia"`
	AnyOf     []booking.ResourceID `json:"any_of,omitempty" nullable:"false" maxItems:"100" doc:"Resources, of which any one serves. Either this or resource is given."`
	Units     *int                 `json:"units,omitempty" minimum:"1" maximum:"1000000" default:"1" doc:"How many units a booking takes of the resource."`
	PerPerson bool                 `json:"per_person" required:"false" doc:"The units are for each person of the party, not for the booking."`
}

// minutes is a length that was given in minutes. What is out of any bounds stays so, whatever the number.
func minutes(n int) time.Duration {
	return time.Duration(min(max(n, -maxMinutes), maxMinutes)) * time.Minute
}

func valueOr(given *int, absent int) int {
	if given == nil {
		return absent
	}
	return *given
}

// service is the service that the settings describe, with the defaults for what they leave out.
func (s ServiceSettings) service(venue booking.VenueID, id booking.ServiceID) (booking.Service, error) {
	service := booking.Service{
		Venue: venue, ID: id, Name: clean.Line(s.Name), Description: clean.Text(s.Description),
		Color: strings.ToLower(clean.Word(s.Color)), Duration: minutes(s.DurationMinutes),
		Step:         booking.DefaultStep(minutes(s.DurationMinutes)),
		BufferBefore: minutes(s.BufferBeforeMinutes), BufferAfter: minutes(s.BufferAfterMinutes),
		MinNotice: minutes(s.MinNoticeMinutes), HorizonDays: valueOr(s.HorizonDays, booking.DefaultHorizonDays),
		PartySize: booking.PartySize{Min: 1, Max: 1},
		HoldFor:   minutes(valueOr(s.HoldMinutes, int(booking.DefaultHold/time.Minute))), LimitedBelow: s.LimitedBelow,
		Limits: s.Limits.limits(), Order: s.Order,
	}
	if s.StepMinutes != nil {
		service.Step = minutes(*s.StepMinutes)
	}
	if s.Price != nil {
		price := booking.Price{Amount: clean.Word(s.Price.Amount), Currency: strings.ToUpper(clean.Word(s.Price.Currency))}.Normalize()
		service.Price = &price
	}
	if s.PartySize != nil {
		service.PartySize = booking.PartySize{Min: s.PartySize.Min, Max: s.PartySize.Max}
	}
	var wrong booking.Invalid
	for i, r := range s.Requires {
		anyOf := r.AnyOf
		switch {
		case r.Resource != "" && r.AnyOf != nil || r.Resource == "" && r.AnyOf == nil:
			wrong.Fields = append(wrong.Fields, booking.FieldError{
				Field: fmt.Sprintf("requires[%d]", i), Message: "must have either resource or any_of",
			})
		case r.Resource != "":
			anyOf = []booking.ResourceID{r.Resource}
		}
		service.Requires = append(service.Requires, booking.Requirement{AnyOf: anyOf, Units: valueOr(r.Units, 1), PerPerson: r.PerPerson})
	}
	if len(wrong.Fields) > 0 {
		return service, &wrong
	}
	return service, nil
}

// inRequestFields renames the fields of an error to those that were sent: a single resource is a pool of one to the domain.
func (s ServiceSettings) inRequestFields(err error) error {
	invalid, ok := errors.AsType[*booking.Invalid](err)
	if !ok {
		return err
	}
	renamed := booking.Invalid{Fields: make([]booking.FieldError, len(invalid.Fields))}
	for i, f := range invalid.Fields {
		for j, r := range s.Requires {
			pool := fmt.Sprintf("requires[%d].any_of[0]", j)
			if r.Resource != "" && strings.HasPrefix(f.Field, pool) {
				f.Field = fmt.Sprintf("requires[%d].resource", j)
			}
		}
		renamed.Fields[i] = f
	}
	return &renamed
}

func serviceOf(s booking.Service) Service {
	service := Service{
		ID: s.ID, Name: s.Name, Description: s.Description, Color: s.Color,
		DurationMinutes: int(s.Duration / time.Minute), StepMinutes: int(s.Step / time.Minute),
		BufferBeforeMinutes: int(s.BufferBefore / time.Minute), BufferAfterMinutes: int(s.BufferAfter / time.Minute),
		MinNoticeMinutes: int(s.MinNotice / time.Minute), HorizonDays: s.HorizonDays,
		PartySize: PartySize(s.PartySize), HoldMinutes: int(s.HoldFor / time.Minute),
		LimitedBelow: s.LimitedBelow, Requires: make([]Requirement, len(s.Requires)), Limits: placeLimitsOf(s.Limits),
		Order: s.Order, Revision: s.Revision,
	}
	if s.Price != nil {
		service.Price = &Price{Amount: s.Price.Amount, Currency: s.Price.Currency}
	}
	for i, r := range s.Requires {
		service.Requires[i] = Requirement{Units: &r.Units, PerPerson: r.PerPerson}
		if len(r.AnyOf) == 1 {
			service.Requires[i].Resource = r.AnyOf[0]
		} else {
			service.Requires[i].AnyOf = r.AnyOf
		}
	}
	return service
}
