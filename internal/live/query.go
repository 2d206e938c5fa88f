package live

import (
	"errors"
	"fmt"
	"time"

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

// bounds are how much a query may ask for.
type bounds struct{ days, starts int }

// The bounds of a query for slots, and of one for the statuses of days.
var (
	slotBounds   = bounds{days: MaxQueryDays, starts: MaxQueryStarts}
	statusBounds = bounds{days: MaxStatusDays, starts: maxStatusStarts}
)

// check tells whether the query can be asked of the picture, and what a window for it needs. The error is [booking.ErrNotFound], a
// [booking.Invalid] that names the fields, or [ErrRangeTooLong]. It is the one check for GET and for live readers.
func (q Query) check(p *view.Picture, now time.Time, most bounds) (opening, error) {
	service, err := p.Service(q.Service)
	if err != nil {
		return opening{}, err
	}
	err = availability.Query{Service: service, Resources: p.Resources, Resource: q.Resource}.Validate(q.Party)
	switch days := q.days(); {
	case days < 1:
		backwards := booking.FieldError{Field: "to", Message: "must not be before from"}
		if invalid, ok := errors.AsType[*booking.Invalid](err); ok {
			return opening{}, &booking.Invalid{Fields: append(invalid.Fields, backwards)}
		}
		return opening{}, &booking.Invalid{Fields: []booking.FieldError{backwards}}
	case err != nil:
		return opening{}, err
	case days > most.days:
		return opening{}, rangeTooLong("must be at most %d days from from, both counted", most.days)
	}
	o := opening{query: q, weight: weightOf(service)}
	o.dates = bookableDates(p.Zone, service.HorizonDays, now).intersect(dateRange{first: q.From, last: q.To})
	if starts := q.starts(p, service, o.dates, most.starts); starts > most.starts {
		return opening{}, rangeTooLong("must be nearer: %d starts would be listed up to it, and at most %d are", starts, most.starts)
	}
	return o, nil
}

func rangeTooLong(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRangeTooLong, booking.NewInvalid("to", format, args...))
}

// starts is how many starts the query has on some dates at most, by the hours alone. They are counted only if they may be more than
// so many.
func (q Query) starts(p *view.Picture, service booking.Service, dates dateRange, most int) int {
	if aroundTheClock := dates.days() * int((24*time.Hour+service.Step-1)/service.Step); aroundTheClock <= most {
		return aroundTheClock
	}
	asked := availability.Query{Zone: p.Zone, Service: service, Resources: p.Resources, Resource: q.Resource}
	return availability.CountStarts(asked, dates.first, dates.last)
}
