package httpapi_test

import (
	"bytes"
	"errors"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
)

// What a page begins with is, byte for byte, what the API answers.
func TestPageDataIsWhatTheAPIAnswers(t *testing.T) {
	t.Parallel()
	var config httpapi.Config
	s := newServer(t, func(c *httpapi.Config) { config = *c })
	source := httpapi.NewPageDataSource(config)
	s.do(t, "DELETE", "/v1/venues/barber/services/cut", "", admin())
	for _, chosen := range []booking.ServiceID{"", "yoga", "cut", "nothing"} { // cut is archived, so all of them are yoga
		data, err := source.Venue(t.Context(), "barber", chosen, s.clock.Now())
		must(t, err)
		if data.Name != "Barber" || len(data.Services) != 1 || data.Services[0].Name != "Yoga" || data.Archived {
			t.Errorf("the page of %q is of %+v", chosen, data)
		}
		for path, body := range map[string][]byte{
			"/v1/venues/barber": data.VenueBody, "/v1/venues/barber/services": data.ServicesBody,
			"/v1/venues/barber/resources": data.ResourcesBody,
			"/v1/venues/barber/services/yoga/availability?from=2026-11-23&to=2026-11-29&party_size=1": data.AvailabilityBody,
		} {
			if got := s.do(t, "GET", path, "").want(t, 200, ""); !bytes.Equal(got.body, body) {
				t.Errorf("%s answers\n%s, and the page has\n%s", path, got.body, body)
			}
		}
	}
	if _, err := source.Venue(t.Context(), "nobody", "", s.clock.Now()); !errors.Is(err, booking.ErrNotFound) {
		t.Errorf("a venue that is not there: %v", err)
	}
	s.do(t, "DELETE", "/v1/venues/barber/services/yoga", "", admin())
	data, err := source.Venue(t.Context(), "barber", "", s.clock.Now())
	if err != nil || data.AvailabilityBody != nil || data.ServicesBody == nil {
		t.Errorf("a venue without services: %+v, %v", data, err)
	}
}
