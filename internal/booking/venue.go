package booking

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
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

// MaxOrigins bounds a venue's allowed origins.
const MaxOrigins = 20

// Validate returns an [Invalid] that names every field that is wrong.
func (v Venue) Validate() error {
	var c checker
	c.id("id", string(v.ID))
	c.require(!v.ID.Reserved(), "id", "is reserved for the server's own pages")
	c.text("name", v.Name, 1, 200, false)
	if _, err := LoadZone(v.TimeZone); err != nil {
		c.require(false, "time_zone", "must be an IANA time zone such as Europe/Berlin")
	}
	c.email("contact.email", v.Contact.Email)
	c.phone("contact.phone", v.Contact.Phone)
	c.require(len(v.AllowedOrigins) <= MaxOrigins, "allowed_origins", "must be at most %d", MaxOrigins)
	for i, origin := range v.AllowedOrigins {
		c.require(validOrigin(origin), fmt.Sprintf("allowed_origins[%d]", i), "must be a web origin such as https://shop.example")
	}
	return c.err()
}

// email accepts "" and one plain address of RFC 5322, without a display name.
func (c *checker) email(field, s string) {
	if s == "" {
		return
	}
	c.text(field, s, 1, 254, false)
	address, err := mail.ParseAddress(s)
	c.require(err == nil && address.Address == s, field, "must be an email address")
}

// phone accepts "" and digits with the usual signs between them. Numbers are written in many ways, and a person reads it.
func (c *checker) phone(field, s string) {
	if s == "" {
		return
	}
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		} else if !strings.ContainsRune(" +-/().#*x", r) {
			c.require(false, field, "must be a phone number")
			return
		}
	}
	c.require(digits >= 3 && len(s) <= 40, field, "must be a phone number")
}

func validOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && s == u.Scheme+"://"+u.Host
}
