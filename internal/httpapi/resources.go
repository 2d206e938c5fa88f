package httpapi

import (
	"net/http"

	"vacancy/internal/booking"
	"vacancy/internal/clean"
)

// ResourceSettings is what PUT sends for a resource.
type ResourceSettings struct {
	Name       string      `json:"name" minLength:"1" maxLength:"200" example:"Mia"`
	Capacity   int         `json:"capacity" minimum:"1" maximum:"1000000" doc:"How many units can be taken at the same instant." example:"1"`
	Hours      Hours       `json:"hours" doc:"When the resource is open in a usual week, on the venue's clock. Over midnight: 22:00-02:00, or 22:00-24:00 and on the next day 00:00-02:00. A whole day: 00:00-24:00."`
	Exceptions []Exception `json:"exceptions,omitempty" nullable:"false" maxItems:"1000" doc:"Dates on which it is closed, or open in other hours; each date once."`
	Order      int         `json:"order,omitempty" minimum:"0" maximum:"1000000" doc:"Its place in lists and on pages: the lowest first, and by id where it is the same."`
}

// Resource is something that can be taken: a person, room, table, boat, class.
type Resource struct {
	ID         booking.ResourceID `json:"id" example:"mia"`
	Name       string             `json:"name" example:"Mia"`
	Capacity   int                `json:"capacity" example:"1"`
	Hours      Hours              `json:"hours"`
	Exceptions []Exception        `json:"exceptions" nullable:"false"`
	Order      int                `json:"order" example:"1"`
	Revision   booking.Revision   `json:"revision" doc:"The last revision that changed these settings; also the ETag."`

	BookingsOutside     []booking.BookingID `json:"bookings_outside,omitempty" nullable:"false" doc:"After an edit: bookings that lie outside of the hours by it, at most 20. They keep their places."`
	MoreBookingsOutside bool                `json:"more_bookings_outside,omitempty" doc:"Others lie outside besides, or may."`
	Warnings            []Warning           `json:"warnings,omitempty" nullable:"false" doc:"After an edit: services that require it and of which nothing can be booked as things are."`
}

// Hours are the periods of opening of each day of the week. A day that is left out is closed. A period belongs to the day it starts
// on; "22:00-02:00" runs over midnight.
type Hours struct {
	Mon []Period `json:"mon,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$" example:"[\"09:00-12:30\",\"13:30-18:00\"]"`
	Tue []Period `json:"tue,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
	Wed []Period `json:"wed,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
	Thu []Period `json:"thu,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
	Fri []Period `json:"fri,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
	Sat []Period `json:"sat,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
	Sun []Period `json:"sun,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
}

// Period is a period of opening: a [booking.Period] that also reads how people write one, "9:00 – 17:00".
type Period booking.Period

// UnmarshalText reads a period.
func (p *Period) UnmarshalText(text []byte) error {
	return (*booking.Period)(p).UnmarshalText([]byte(clean.Period(string(text))))
}

// MarshalText writes it as "09:00-17:00".
func (p Period) MarshalText() ([]byte, error) { return booking.Period(p).MarshalText() }

// periodsOf are the domain's periods.
func periodsOf(given []Period) (periods []booking.Period) {
	for _, p := range given {
		periods = append(periods, booking.Period(p))
	}
	return periods
}

// shownPeriods are the API's.
func shownPeriods(periods []booking.Period) (shown []Period) {
	for _, p := range periods {
		shown = append(shown, Period(p))
	}
	return shown
}

// Exception replaces the usual hours of one date.
type Exception struct {
	Date   booking.Date `json:"date" format:"date" example:"2026-12-25"`
	Closed bool         `json:"closed" required:"false" doc:"Closed all day. Either this or hours must be given."`
	Hours  []Period     `json:"hours,omitempty" nullable:"false" maxItems:"24" pattern:"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"`
}

// Resources are a venue's resources.
type Resources struct {
	Resources []Resource `json:"resources" nullable:"false"`
}

func (a *api) addResources() {
	const path = "/v1/venues/{venue}/resources"
	a.add(&route{
		method: http.MethodGet, path: path, id: "list-resources", tag: tagCatalogue,
		summary: "List a venue's resources", crossOrigin: true,
		params: []string{"If-None-Match"},
		successes: []success{
			{http.StatusOK, "All resources of the venue, by their order, then by id.", Resources{}, "", []string{"ETag"}}, notModified,
		},
		errors:  []string{"not_found"},
		handler: noBody((*requestContext).listResources),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/{resource}", id: "get-resource", tag: tagCatalogue,
		summary: "Read a resource", crossOrigin: true,
		params:    []string{"If-None-Match"},
		successes: []success{{http.StatusOK, "The resource.", Resource{}, "", []string{"ETag"}}, notModified},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).getResource),
	})
	a.add(&route{
		method: http.MethodPut, path: path + "/{resource}", id: "put-resource", tag: tagCatalogue,
		summary: "Create a resource or replace its settings",
		description: "A capacity below what future bookings take is refused. Other hours keep the bookings that there are, and name those " +
			"that lie outside by them: bookings_outside. Services that cannot be booked with it as it is now are named in warnings.",
		access:    staff,
		params:    []string{"If-Match", "If-None-Match-Any", "dry_run"},
		successes: replaced("The resource", Resource{}),
		errors:    []string{"not_found", "invalid", "in_use", "precondition_failed"},
		handler:   withBody((*requestContext).putResource),
	})
	a.add(&route{
		method: http.MethodDelete, path: path + "/{resource}", id: "archive-resource", tag: tagCatalogue,
		summary: "Archive a resource", description: "Refused while future bookings need it, or a service requires it.",
		access:    staff,
		params:    []string{"If-Match", "dry_run"},
		successes: []success{archived},
		errors:    []string{"not_found", "in_use", "precondition_failed"},
		handler:   noBody((*requestContext).archiveResource),
	})
}

func (c *requestContext) listResources() error {
	return listItems(c, c.Catalogue.Resources, func(shown []Resource) any { return Resources{Resources: shown} }, resourceItem)
}

func (c *requestContext) getResource() error {
	return getItem(c, "resource", c.Catalogue.Resource, resourceItem)
}

func resourceItem(r booking.Resource) item[Resource] {
	return item[Resource]{revision: r.Revision, archived: r.Archived, json: func() Resource { return resourceOf(r) }}
}

func (c *requestContext) putResource(s ResourceSettings) error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	condition, err := c.condition()
	if err != nil {
		return err
	}
	saved, err := c.Desk.PutResource(c.r.Context(), c.actor, booking.Resource{
		Venue: venue, ID: booking.ResourceID(c.r.PathValue("resource")), Name: clean.Line(s.Name), Capacity: s.Capacity, Order: s.Order,
		Schedule: s.schedule(),
	}, condition)
	if err != nil {
		return err
	}
	resource := resourceOf(saved.Value)
	resource.BookingsOutside, resource.MoreBookingsOutside = saved.Outside, saved.MoreOutside
	resource.Warnings = warningsOf(saved.Warnings)
	return answerSaved(c, saved, saved.Value.Revision, resource)
}

func (c *requestContext) archiveResource() error {
	return archiveItem(c, "resource", c.Desk.ArchiveResource)
}

func (s ResourceSettings) schedule() booking.Schedule {
	var schedule booking.Schedule
	for day, periods := range [...][]Period{s.Hours.Sun, s.Hours.Mon, s.Hours.Tue, s.Hours.Wed, s.Hours.Thu, s.Hours.Fri, s.Hours.Sat} {
		schedule.Weekly[day] = periodsOf(periods)
	}
	for _, e := range s.Exceptions {
		schedule.Exceptions = append(schedule.Exceptions, booking.Exception{Date: e.Date, Closed: e.Closed, Hours: periodsOf(e.Hours)})
	}
	return schedule
}

func resourceOf(r booking.Resource) Resource {
	var w [7][]Period
	for day, periods := range r.Schedule.Weekly {
		w[day] = shownPeriods(periods)
	}
	resource := Resource{
		ID: r.ID, Name: r.Name, Capacity: r.Capacity, Order: r.Order, Revision: r.Revision,
		Hours:      Hours{Sun: w[0], Mon: w[1], Tue: w[2], Wed: w[3], Thu: w[4], Fri: w[5], Sat: w[6]},
		Exceptions: make([]Exception, len(r.Schedule.Exceptions)),
	}
	for i, e := range r.Schedule.Exceptions {
		resource.Exceptions[i] = Exception{Date: e.Date, Closed: e.Closed, Hours: shownPeriods(e.Hours)}
	}
	return resource
}
