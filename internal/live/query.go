package live

import (
	"errors"
	"fmt"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// ErrRangeTooLong: the query asks for more than is answered at once. The error is a [booking.Invalid] as well, which names the bound.
var ErrRangeTooLong = errors.New("the range is too long")

// Query is what a reader looks at: what a party can book of a service, with any resource or a chosen one, on the days From to To,
// both inclusive. Queries of the same value share everything.
type Query struct {
	Venue    booking.VenueID
	Service  booking.ServiceID
	Resource booking.ResourceID // empty: any
	From, To booking.Date
	Party    int
}

// days is how many days the query spans.
func (q Query) days() int { return q.From.DaysUntil(q.To) + 1 }

// check tells whether the query can be asked of the picture: [booking.ErrNotFound], a [booking.Invalid] that names the fields, or
// [ErrRangeTooLong] if it spans more than maxDays. It is the one check for GET and for live readers.
func (q Query) check(p *view.Picture, maxDays int) error {
	service, err := p.Service(q.Service)
	if err != nil {
		return err
	}
	wrong := new(booking.Invalid)
	err = availability.Query{Service: service, Resources: p.Resources, Resource: q.Resource}.Validate(q.Party)
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	days := q.days()
	if days < 1 {
		wrong.Fields = append(wrong.Fields, booking.FieldError{Field: "to", Message: "must not be before from"})
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	if days > maxDays {
		return fmt.Errorf("%w: %w", ErrRangeTooLong, booking.NewInvalid("to", "must be at most %d days from from, both counted", maxDays))
	}
	return nil
}
