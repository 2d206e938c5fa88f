package desk

import (
	"context"
	"reflect"
	"time"

	"vacancy/internal/booking"
)

// The venue that the server's own probe books at; see [booking.ProbeVenue]. A hold there takes one of so many units that probes of all
// nodes, and what they leave until it expires, are never in each other's way.
const (
	// ProbeService is the service of the probe's venue.
	ProbeService booking.ServiceID = "probe"
	// ProbeStep is between two starts of it.
	ProbeStep = 5 * time.Minute

	probeResource booking.ResourceID = "probe"
	probeCapacity                    = 1000
	probeHold                        = time.Minute
	probeHorizon                     = 2 // days
)

// probeActor is who the probe's venue is made by.
var probeActor = booking.Actor{Kind: booking.Staff, Key: "probe"}

// PrepareProbe makes the venue that the probe books at, unless it is there and as it should be.
func (d *Desk) PrepareProbe(ctx context.Context) error {
	venue, resource, service := probeCatalogue()
	return d.execute(ctx, venue.ID, nil, func(draft *draft) error {
		venue.Revision, resource.Revision, service.Revision = draft.change.Revision, draft.change.Revision, draft.change.Revision
		had := draft.picture.Venue
		if had.Revision = venue.Revision; !draft.exists || !reflect.DeepEqual(had, venue) {
			draft.setVenue(venue)
			draft.addEntry(booking.Entry{Kind: booking.VenueArchived, Actor: probeActor.Name(), Venue: &venue})
		}
		hadResource := draft.picture.Resources[resource.ID]
		if hadResource.Revision = resource.Revision; !reflect.DeepEqual(hadResource, resource) {
			draft.setResource(resource)
			draft.addEntry(booking.Entry{Kind: booking.ResourcePut, Actor: probeActor.Name(), Resource: &resource})
		}
		hadService := draft.picture.Services[service.ID]
		if hadService.Revision = service.Revision; !reflect.DeepEqual(hadService, service) {
			draft.setService(service)
			draft.addEntry(booking.Entry{Kind: booking.ServicePut, Actor: probeActor.Name(), Service: &service})
		}
		return nil
	})
}

// probeCatalogue is open always.
func probeCatalogue() (booking.Venue, booking.Resource, booking.Service) {
	venue := booking.Venue{ID: booking.ProbeVenue, Name: "The server's own probe", TimeZone: "UTC", Archived: true}
	resource := booking.Resource{Venue: venue.ID, ID: probeResource, Name: "Probe", Capacity: probeCapacity}
	for day := range resource.Schedule.Weekly {
		resource.Schedule.Weekly[day] = []booking.Period{{Open: 0, Close: booking.MinutesPerDay}}
	}
	service := booking.Service{
		Venue: venue.ID, ID: ProbeService, Name: "Probe", Duration: ProbeStep, Step: ProbeStep, HorizonDays: probeHorizon,
		HoldFor: probeHold, PartySize: booking.PartySize{Min: 1, Max: 1},
		Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{probeResource}, Units: 1}},
	}
	return venue, resource, service
}
