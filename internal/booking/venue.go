package booking

import (
	"fmt"
)

// Venue is a business at one place: the tenant boundary, and the unit of order.
type Venue struct {
	ID   VenueID
	Name string
	// TimeZone is an IANA name. All hours of the venue are read on its clock.
	TimeZone string
	// Contact is shown to customers when things go wrong.
	Contact Contact
	// AllowedOrigins are the web origins, such as "https://shop.example", whose pages may call the API for this venue.
	AllowedOrigins []string
	// Revision is the last one that changed the venue's own settings: what an ETag of it is made of.
	Revision Revision
	// Archived venues take no bookings and are not listed.
	Archived bool
}

// Contact is how a customer reaches a person.
type Contact struct {
	Email string
	Phone string
}

// Validate returns an [Invalid] that names every field that is wrong.
func (v Venue) Validate() error {
	var c checker
	c.id("id", string(v.ID))
	c.require(!v.ID.ServerPath(), "id", "is reserved for the server's own pages")
	c.text("name", v.Name, 1, MaxNameLength, false)
	if _, err := LoadZone(v.TimeZone); err != nil {
		c.require(false, "time_zone", "must be an IANA time zone such as Europe/Berlin")
	}
	c.email("contact.email", v.Contact.Email)
	c.phone("contact.phone", v.Contact.Phone)
	c.require(len(v.AllowedOrigins) <= MaxOrigins, "allowed_origins", "must be at most %d", MaxOrigins)
	for i, origin := range v.AllowedOrigins {
		_, ok := NormalizeOrigin(origin)
		c.require(ok, fmt.Sprintf("allowed_origins[%d]", i), "must be one web origin such as https://shop.example, without * or a path")
	}
	return c.err()
}
