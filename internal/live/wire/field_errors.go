package wire

import (
	"errors"
	"slices"
	"strings"

	"vacancy/internal/booking"
)

// fieldErrors gathers what is wrong with a query, field by field.
type fieldErrors []booking.FieldError

func (p *fieldErrors) add(field, message string) {
	*p = append(*p, booking.FieldError{Field: field, Message: message})
}

func (p *fieldErrors) id(field, s string) string {
	if !booking.ValidID(s) {
		p.add(field, "must be an id: 1 to 64 of a-z, 0-9, '-' and '_'")
	}
	return s
}

func (p *fieldErrors) venue(field, s string) booking.VenueID { return booking.VenueID(p.id(field, s)) }

func (p *fieldErrors) date(field, s string) booking.Date {
	date, err := booking.ParseDate(s)
	if err != nil {
		p.add(field, "must be a date such as 2026-11-24")
	}
	return date
}

// join takes in what another check found. The error must be a [booking.Invalid] or nil.
func (p *fieldErrors) join(err error) {
	if invalid, ok := errors.AsType[*booking.Invalid](err); ok {
		*p = append(*p, invalid.Fields...)
	}
}

// err is nil if nothing is wrong. The fields come in a fixed order, so that answers do not differ by chance.
func (p *fieldErrors) err() error {
	if len(*p) == 0 {
		return nil
	}
	slices.SortStableFunc(*p, func(a, b booking.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return &booking.Invalid{Fields: *p}
}
