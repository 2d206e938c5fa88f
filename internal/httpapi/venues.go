package httpapi

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"vacancy/internal/booking"
	"vacancy/internal/clean"
	"vacancy/internal/desk"
)

// VenueSettings is what PUT sends for a venue.
type VenueSettings struct {
	Name     string  `json:"name" minLength:"1" maxLength:"200" example:"Fade House Barbers"`
	TimeZone string  `json:"time_zone" doc:"IANA name. All hours of the venue are read on its clock." example:"Europe/Berlin"`
	Contact  Contact `json:"contact,omitzero" doc:"Shown to customers when things go wrong."`

	AllowedOrigins []string `json:"allowed_origins,omitempty" nullable:"false" maxItems:"20" doc:"Web origins whose pages may call the API for this venue." example:"[\"https://shop.example\"]"`
}

// Venue is a business at one place.
type Venue struct {
	ID             booking.VenueID  `json:"id" example:"fade-house"`
	Name           string           `json:"name" example:"Fade House Barbers"`
	TimeZone       string           `json:"time_zone" example:"Europe/Berlin"`
	Contact        Contact          `json:"contact"`
	AllowedOrigins []string         `json:"allowed_origins" nullable:"false"`
	Revision       booking.Revision `json:"revision" doc:"The last revision that changed these settings; also the ETag."`
}

// Contact is how a customer reaches a person.
type Contact struct {
	Email string `json:"email" required:"false" maxLength:"254" example:"hello@fadehouse.example"`
	Phone string `json:"phone" required:"false" maxLength:"40" example:"+49 30 5550 1234"`
}

// Venues is a page of venues.
type Venues struct {
	Venues []Venue `json:"venues" nullable:"false"`
}

func (a *api) addVenues() {
	a.add(&route{
		method: http.MethodGet, path: "/v1/venues", id: "list-venues", tag: tagCatalogue,
		summary: "List the venues", description: "By id. If there are more, the Link header leads to the next page.",
		params:    []string{"limit", "cursor"},
		successes: []success{{http.StatusOK, "A page of venues.", Venues{}, "", []string{"ETag", "Link"}}, notModified},
		errors:    []string{"invalid"},
		handler:   noBody((*requestContext).listVenues),
	})
	a.add(&route{
		method: http.MethodGet, path: "/v1/venues/{venue}", id: "get-venue", tag: tagCatalogue,
		summary: "Read a venue", crossOrigin: true,
		params:    []string{"If-None-Match"},
		successes: []success{{http.StatusOK, "The venue.", Venue{}, "", []string{"ETag"}}, notModified},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).getVenue),
	})
	a.add(&route{
		method: http.MethodPut, path: "/v1/venues/{venue}", id: "put-venue", tag: tagCatalogue,
		summary: "Create a venue or replace its settings",
		description: "The time zone cannot change while there are future bookings: their starts are wall times. " +
			"A venue that was archived comes back with its past.",
		access:    staff,
		params:    []string{"If-Match", "If-None-Match-Any", "dry_run"},
		successes: replaced("The venue", Venue{}),
		errors:    []string{"invalid", "in_use", "precondition_failed"},
		handler:   withBody((*requestContext).putVenue),
	})
	a.add(&route{
		method: http.MethodDelete, path: "/v1/venues/{venue}", id: "archive-venue", tag: tagCatalogue,
		summary: "Archive a venue", description: "Refused while it has future bookings.",
		access:    staff,
		params:    []string{"If-Match", "dry_run"},
		successes: []success{archived},
		errors:    []string{"not_found", "in_use", "precondition_failed"},
		handler:   noBody((*requestContext).archiveVenue),
	})
}

func (c *requestContext) listVenues() error {
	q, err := c.query("limit", "cursor")
	if err != nil {
		return err
	}
	limit := q.number("limit", maxVenuesPage, 1, maxVenuesPage)
	after, err := base64.RawURLEncoding.DecodeString(q.text("cursor"))
	if err != nil || len(after) > 0 && !booking.ValidID(string(after)) {
		q.refuse("cursor", "is not one of this listing")
	}
	if err := q.err(); err != nil {
		return err
	}
	found, err := c.Desk.Venues(c.r.Context(), booking.VenueID(after), limit+1)
	if err != nil {
		return err
	}
	if len(found) > limit {
		found = found[:limit]
		cursor := base64.RawURLEncoding.EncodeToString([]byte(found[limit-1].ID))
		c.next("limit", strconv.Itoa(limit), "cursor", cursor)
	}
	page := Venues{Venues: make([]Venue, len(found))}
	for i, v := range found {
		page.Venues[i] = venueOf(v)
	}
	return c.jsonWithETag(page)
}

func (c *requestContext) getVenue() error {
	id, err := c.venue()
	if err != nil {
		return err
	}
	venue, err := c.activeVenue(id)
	if err != nil || c.notModified(revisionTag(venue.Revision)) {
		return err
	}
	return c.json(http.StatusOK, venueOf(venue))
}

// activeVenue is a venue that is not archived.
func (c *requestContext) activeVenue(id booking.VenueID) (booking.Venue, error) {
	venue, _, err := c.Catalogue.Venue(c.r.Context(), id)
	if err == nil && venue.Archived {
		err = booking.ErrNotFound
	}
	return venue, err
}

func (c *requestContext) putVenue(s VenueSettings) error {
	condition, err := c.condition()
	if err != nil {
		return err
	}
	saved, err := c.Desk.PutVenue(c.r.Context(), c.actor, booking.Venue{
		ID: booking.VenueID(c.r.PathValue("venue")), Name: clean.Line(s.Name), TimeZone: clean.Word(s.TimeZone),
		Contact:        booking.Contact{Email: clean.Email(s.Contact.Email), Phone: clean.Phone(s.Contact.Phone)},
		AllowedOrigins: booking.NormalizeOrigins(s.AllowedOrigins),
	}, condition)
	if err != nil {
		return err
	}
	return answerSaved(c, saved, saved.Value.Revision, venueOf(saved.Value))
}

func (c *requestContext) archiveVenue() error {
	id, err := c.venue()
	if err != nil {
		return err
	}
	return c.archive(func(condition desk.Condition) (booking.Position, error) {
		return c.Desk.ArchiveVenue(c.r.Context(), c.actor, id, condition)
	})
}

func venueOf(v booking.Venue) Venue {
	return Venue{
		ID: v.ID, Name: v.Name, TimeZone: v.TimeZone, Contact: Contact(v.Contact),
		AllowedOrigins: emptyIfNil(v.AllowedOrigins), Revision: v.Revision,
	}
}
