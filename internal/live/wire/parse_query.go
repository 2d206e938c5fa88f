package wire

import (
	"fmt"
	"net/url"
	"strconv"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

// ErrOrigin: a page of another origin may not connect.
var ErrOrigin = fmt.Errorf("pages of this origin may not connect: %w", booking.ErrForbidden)

// Malformed says what is wrong with a field of a request: it is a [booking.Invalid].
func Malformed(field, format string, args ...any) error {
	return booking.NewInvalid(field, format, args...)
}

// Query is a live query as it stands in an address or a message, before anything is known to be right.
type Query struct {
	Venue    string `json:"venue"`
	Service  string `json:"service"`
	Resource string `json:"resource"`
	From     string `json:"from"`
	To       string `json:"to"`
	// PartySize is 1 if it is left out.
	PartySize *int `json:"party_size"`
}

// Parse reads the query; the error is a [booking.Invalid] that names every field that cannot be read. Whether the venue and the service
// exist, and whether the range is one, is found out when the query is asked.
func (q Query) Parse() (live.Query, error) {
	var wrong fieldErrors
	parsed := live.Query{Venue: wrong.venue("venue", q.Venue), Service: booking.ServiceID(wrong.id("service", q.Service)), Party: 1}
	if q.Resource != "" {
		parsed.Resource = booking.ResourceID(wrong.id("resource", q.Resource))
	}
	parsed.From = wrong.date("from", q.From)
	parsed.To = wrong.date("to", q.To)
	if q.PartySize != nil {
		parsed.Party = *q.PartySize
	}
	return parsed, wrong.err()
}

// ParseQuery reads the parameters of an address. The second result is its position, "" if it has none.
func ParseQuery(values url.Values) (live.Query, string, error) {
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
	q := Query{Venue: get("venue"), Service: get("service"), Resource: get("resource"), From: get("from"), To: get("to")}
	position := get("position")
	if text := get("party_size"); text != "" {
		party, err := strconv.Atoi(text)
		if err != nil {
			wrong.add("party_size", "must be a whole number")
		}
		q.PartySize = &party
	}
	for name := range values {
		switch name {
		case "venue", "service", "resource", "from", "to", "party_size", "position":
		default:
			wrong.add(name, "is not a parameter of a live query")
		}
	}
	parsed, err := q.Parse()
	wrong.join(err)
	return parsed, position, wrong.err()
}

// ParseVenue reads the id of a venue. The error is a [booking.Invalid].
func ParseVenue(venue string) (booking.VenueID, error) {
	var wrong fieldErrors
	id := wrong.venue("venue", venue)
	return id, wrong.err()
}

// ParseBooking reads the ids of a booking and its venue. The error is a [booking.Invalid] that names those that are none.
func ParseBooking(venue, id string) (booking.VenueID, booking.BookingID, error) {
	var wrong fieldErrors
	of := wrong.venue("venue", venue)
	return of, booking.BookingID(wrong.id("booking", id)), wrong.err()
}
