package app

import (
	"context"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/pages"
	"vacancy/internal/store/postgres"
	"vacancy/internal/telemetry"
)

// pageVenues gives pages what the API answers.
type pageVenues struct{ app *App }

func (v pageVenues) Venue(ctx context.Context, id booking.VenueID, service booking.ServiceID) (pages.Venue, error) {
	if !v.app.opened.Load() {
		return pages.Venue{}, booking.ErrUnavailable
	}
	now := v.app.view.Now()
	data, err := v.app.pageData.Venue(ctx, id, service, now)
	if err != nil {
		return pages.Venue{}, err
	}
	services := make([]pages.Service, len(data.Services))
	for i, s := range data.Services {
		services[i] = pages.Service(s)
	}
	return pages.Venue{
		Name: data.Name, Email: data.Contact.Email, Phone: data.Contact.Phone, Services: services, Archived: data.Archived, Now: now,
		VenueJSON: data.VenueBody, ServicesJSON: data.ServicesBody, ResourcesJSON: data.ResourcesBody, FirstWeekJSON: data.AvailabilityBody,
	}, nil
}

func (v pageVenues) List(ctx context.Context, limit int) ([]pages.ListedVenue, error) {
	if !v.app.opened.Load() {
		return nil, booking.ErrUnavailable
	}
	found, err := v.app.desk.Venues(ctx, "", limit)
	if err != nil {
		return nil, err
	}
	listed := make([]pages.ListedVenue, len(found))
	for i, venue := range found {
		listed[i] = pages.ListedVenue{ID: venue.ID, Name: venue.Name}
	}
	return listed, nil
}

// liveMeter lets telemetry count what the hub does, without either knowing the other.
type liveMeter struct{ telemetry.Live }

func (m liveMeter) Delivered(event live.Event) { m.Frame(string(event)) }
func (m liveMeter) Reset(reason live.Reason)   { m.Began(string(reason)) }

// postgresMeter counts what the PostgreSQL store does.
type postgresMeter struct{ telemetry.Postgres }

func (m postgresMeter) Transaction(mode postgres.LockingMode) { m.Locked(string(mode)) }
