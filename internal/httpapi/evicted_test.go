package httpapi_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
)

// evicted is a catalogue whose venues were evicted from memory, and cannot be read again.
type evicted struct{ httpapi.Catalogue }

func (evicted) Venue(context.Context, booking.VenueID) (booking.Venue, *time.Location, error) {
	return booking.Venue{}, nil, booking.ErrUnavailable
}

func (evicted) Resource(context.Context, booking.VenueID, booking.ResourceID) (booking.Resource, error) {
	return booking.Resource{}, booking.ErrUnavailable
}

func (evicted) Service(context.Context, booking.VenueID, booking.ServiceID) (booking.Service, error) {
	return booking.Service{}, booking.ErrUnavailable
}

// What was done is answered with what was done, also when nothing can be read about the venue any more: what the answer needs comes with
// the outcome. That goes for every write of the API.
func TestWritesNeedNoSecondLook(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *httpapi.Config) { c.Catalogue = evicted{c.Catalogue} }) // which puts a venue, resources and services
	s.do(t, "GET", "/v1/venues/barber/services/cut", "").want(t, 503, "unavailable")  // negative control: it cannot be read

	key := header("Idempotency-Key", "0123456789abcdef")
	made := s.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), key).want(t, 201, "")
	repeat := s.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), key).want(t, 201, "")
	if !bytes.Equal(made.body, repeat.body) {
		t.Errorf("a repeat got %s, not %s", repeat.body, made.body)
	}
	b := s.book(t, bookingAt("10:00", `,"hold":true`))
	who := `{"customer":{"name":"Ada","email":"ada@example.com"}}`
	for _, call := range []struct{ name, body string }{{"extend", ""}, {"confirm", who}, {"confirm", who}, {"cancel", ""}, {"cancel", ""}} {
		s.do(t, "POST", fmt.Sprintf("%s/%s/%s", bookings, b.ID, call.name), call.body, bearer(b.Token)).want(t, 200, "")
	}
	s.do(t, "PUT", "/v1/venues/barber", venueBody, admin()).want(t, 200, "")
	s.do(t, "PUT", "/v1/venues/barber/services/cut", cutBody, admin()).want(t, 200, "")
	s.do(t, "PUT", "/v1/venues/barber/resources/hall", hallBody, admin()).want(t, 200, "")
	s.do(t, "DELETE", "/v1/venues/barber/services/yoga", "", admin()).want(t, 204, "")
	s.do(t, "DELETE", "/v1/venues/barber/resources/hall", "", admin()).want(t, 204, "")
}
