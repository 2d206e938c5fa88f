package live

import (
	"net/url"
	"strconv"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// Query is what a reader looks at: what a party can book of a service, with any resource or a chosen one, on the days From to To,
// both inclusive. Queries of the same value share everything.
type Query struct {
	Venue    booking.VenueID
	Service  booking.ServiceID
	Resource booking.ResourceID // empty: any
	From, To booking.Date
	Party    int
}

// Params are a query as it stands in an address or a message, before anything is known to be right.
type Params struct {
	Venue    string `json:"venue"`
	Service  string `json:"service"`
	Resource string `json:"resource"`
	From     string `json:"from"`
	To       string `json:"to"`
	// PartySize is 1 if it is left out.
	PartySize *int `json:"party_size"`
}

// Query reads the parameters; the error is a [booking.Invalid] that names every one that cannot be read. Whether the venue and the
// service exist is found out when the query is asked.
func (p Params) Query() (Query, error) {
	q := Query{
		Venue: booking.VenueID(p.Venue), Service: booking.ServiceID(p.Service), Resource: booking.ResourceID(p.Resource), Party: 1,
	}
	var wrong fieldErrors
	wrong.id("venue", p.Venue)
	wrong.id("service", p.Service)
	if p.Resource != "" {
		wrong.id("resource", p.Resource)
	}
	q.From = wrong.date("from", p.From)
	q.To = wrong.date("to", p.To)
	if p.PartySize != nil {
		q.Party = *p.PartySize
	}
	return q, wrong.err()
}

// ParseQuery reads the parameters of an address. The second result is its position, "" if it has none.
func ParseQuery(values url.Values) (Query, string, error) {
	var wrong fieldErrors
	get := func(name string) string {
		if len(values[name]) > 1 {
			wrong.add(name, "is given more than once")
		}
		if (name == "resource" || name == "party_size") && values.Has(name) && values.Get(name) == "" {
			wrong.add(name, "must not be empty")
		}
		return values.Get(name)
	}
	p := Params{Venue: get("venue"), Service: get("service"), Resource: get("resource"), From: get("from"), To: get("to")}
	position := get("position")
	if text := get("party_size"); text != "" {
		party, err := strconv.Atoi(text)
		if err != nil {
			wrong.add("party_size", "must be a whole number")
		}
		p.PartySize = &party
	}
	for name := range values {
		switch name {
		case "venue", "service", "resource", "from", "to", "party_size", "position":
		default:
			wrong.add(name, "is not a parameter of a live query")
		}
	}
	q, err := p.Query()
	wrong.join(err)
	return q, position, wrong.err()
}

// check tells whether the query can be asked of the picture: [booking.ErrNotFound], or a [booking.Invalid] that names the fields.
func (q Query) check(p *view.Picture) error {
	service, err := p.Service(q.Service)
	if err != nil {
		return err
	}
	var wrong fieldErrors
	switch days := q.From.DaysUntil(q.To) + 1; {
	case days < 1:
		wrong.add("to", "must not be before from")
	case days > MaxDays:
		wrong.add("to", "must be at most %d days from from, both counted", MaxDays)
	}
	wrong.join(availability.Query{Service: service, Resources: p.Resources, Resource: q.Resource}.Validate(q.Party))
	return wrong.err()
}

// days is how many days the query spans.
func (q Query) days() int { return q.From.DaysUntil(q.To) + 1 }
