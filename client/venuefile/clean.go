package venuefile

import (
	"strings"

	"vacancy/client"
	"vacancy/internal/booking"
	"vacancy/internal/clean"
)

// cleanTexts gives all texts the spelling that the server stores, so that they can be compared with what it has.
func (c *contents) cleanTexts() {
	v := c.Venue
	v.Name, v.TimeZone = clean.Line(v.Name), clean.Word(v.TimeZone)
	v.AllowedOrigins = booking.NormalizeOrigins(v.AllowedOrigins)
	v.Contact = client.Contact{Email: clean.Email(v.Contact.Email), Phone: clean.Phone(v.Contact.Phone)}
	for i := range c.Resources {
		r := &c.Resources[i]
		r.Name = clean.Line(r.Name)
		for _, periods := range r.Hours {
			cleanPeriods(periods)
		}
		for j := range r.Exceptions {
			r.Exceptions[j].Date = clean.Word(r.Exceptions[j].Date)
			cleanPeriods(r.Exceptions[j].Hours)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		s.Name, s.Description, s.Color = clean.Line(s.Name), clean.Text(s.Description), strings.ToLower(clean.Word(s.Color))
		if s.Price != nil {
			*s.Price = client.Price(booking.Price{
				Amount: clean.Word(s.Price.Amount), Currency: strings.ToUpper(clean.Word(s.Price.Currency)),
			}.Normalize())
		}
	}
}

func cleanPeriods(periods []string) {
	for i := range periods {
		periods[i] = clean.Period(periods[i])
	}
}
