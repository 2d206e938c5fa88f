package httpapi

import (
	"bytes"
	"context"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// PageData is what a venue's page needs first: the bodies that the API answers with, so that the page need not ask again, and what a
// reader without scripts, or a search engine, is told.
type PageData struct {
	Name     string
	Contact  booking.Contact
	Archived bool           // then nothing can be booked, and there are no bodies
	Services []ServiceOffer // in order
	// VenueBody and so on are the bodies of the API's answers; AvailabilityBody is nil if there is none.
	VenueBody, ServicesBody, ResourcesBody, AvailabilityBody []byte
}

// ServiceOffer is what a reader without scripts is told of a service. The price is the zero value if it has none.
type ServiceOffer struct {
	Name  string
	Price booking.Price
}

// PageDataSource reads page data from where the API reads.
type PageDataSource struct {
	catalogue Catalogue
	hub       Hub
}

// NewPageDataSource reads from what the configuration names.
func NewPageDataSource(config Config) *PageDataSource {
	return &PageDataSource{catalogue: config.Catalogue, hub: config.Hub}
}

// Venue is the data of a venue's page: [booking.ErrNotFound] if there is no such venue. The availability is that of the
// service named, or else of the first, for its smallest party and seven days from now on in the venue's zone. It is left out if it cannot
// be had at the moment: the page then asks by itself.
func (s *PageDataSource) Venue(ctx context.Context, id booking.VenueID, service booking.ServiceID, now time.Time) (PageData, error) {
	venue, zone, err := s.catalogue.Venue(ctx, id)
	if err != nil {
		return PageData{}, err
	}
	data := PageData{Name: venue.Name, Contact: venue.Contact, Archived: venue.Archived}
	if venue.Archived {
		return data, nil
	}
	resources, err := s.catalogue.Resources(ctx, id)
	if err != nil {
		return PageData{}, err
	}
	services, err := s.catalogue.Services(ctx, id)
	if err != nil {
		return PageData{}, err
	}
	data.Services = offersOf(services)
	for _, part := range []struct {
		body  *[]byte
		value any
	}{
		{&data.VenueBody, venueOf(venue)},
		{&data.ServicesBody, Services{Services: shownItems(services, serviceItem)}},
		{&data.ResourcesBody, Resources{Resources: shownItems(resources, resourceItem)}},
	} {
		var buf bytes.Buffer
		if err := encode(&buf, part.value); err != nil {
			return PageData{}, err
		}
		*part.body = buf.Bytes()
	}
	if chosen, ok := chooseService(services, service); ok {
		data.AvailabilityBody = s.firstWeek(ctx, chosen, booking.DateOf(now.In(zone)))
	}
	return data, nil
}

// firstWeek is the body of a service's availability; nil if it cannot be had.
func (s *PageDataSource) firstWeek(ctx context.Context, service booking.Service, today booking.Date) []byte {
	found, err := s.hub.Snapshot(ctx, live.Query{
		Venue: service.Venue, Service: service.ID, From: today, To: today.AddDays(firstDays - 1), Party: max(service.PartySize.Min, 1),
	}, booking.Position{})
	if err != nil {
		return nil
	}
	return wire.JSON(found)
}

func offersOf(services []booking.Service) (offers []ServiceOffer) {
	for _, s := range services {
		if s.Archived {
			continue
		}
		offer := ServiceOffer{Name: s.Name}
		if s.Price != nil {
			offer.Price = *s.Price
		}
		offers = append(offers, offer)
	}
	return offers
}

// chooseService is the service of that id, or else the first that is not archived.
func chooseService(services []booking.Service, id booking.ServiceID) (chosen booking.Service, ok bool) {
	for _, s := range services {
		if s.Archived {
			continue
		}
		if s.ID == id {
			return s, true
		}
		if !ok {
			chosen, ok = s, true
		}
	}
	return chosen, ok
}
