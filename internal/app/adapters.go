package app

import (
	"context"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/pages"
	"vacancy/internal/store/postgres"
	"vacancy/internal/telemetry"
	"vacancy/internal/view"
)

// catalogue reads settings for the API from the view.
type catalogue struct{ view *view.View }

func (c catalogue) Venue(ctx context.Context, id booking.VenueID) (booking.Venue, *time.Location, error) {
	p, err := c.view.Picture(ctx, id)
	if err != nil {
		return booking.Venue{}, nil, err
	}
	return p.Venue, p.Zone, nil
}

func (c catalogue) Resource(ctx context.Context, venue booking.VenueID, id booking.ResourceID) (booking.Resource, error) {
	p, err := c.view.Picture(ctx, venue)
	if err != nil {
		return booking.Resource{}, err
	}
	return find(p.Resources, id)
}

func (c catalogue) Service(ctx context.Context, venue booking.VenueID, id booking.ServiceID) (booking.Service, error) {
	p, err := c.view.Picture(ctx, venue)
	if err != nil {
		return booking.Service{}, err
	}
	return find(p.Services, id)
}

func (c catalogue) Resources(ctx context.Context, venue booking.VenueID) ([]booking.Resource, error) {
	p, err := c.view.Picture(ctx, venue)
	if err != nil {
		return nil, err
	}
	return p.OrderedResources(), nil
}

func (c catalogue) Services(ctx context.Context, venue booking.VenueID) ([]booking.Service, error) {
	p, err := c.view.Picture(ctx, venue)
	if err != nil {
		return nil, err
	}
	return p.OrderedServices(), nil
}

func find[K comparable, V any](m map[K]V, id K) (V, error) {
	v, ok := m[id]
	if !ok {
		return v, booking.ErrNotFound
	}
	return v, nil
}

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
	return pages.Venue{
		Name: data.Name, Email: data.Contact.Email, Phone: data.Contact.Phone, Services: data.Services, Archived: data.Archived, Now: now,
		VenueJSON: data.VenueBody, ServicesJSON: data.ServicesBody, ResourcesJSON: data.ResourcesBody, FirstWeekJSON: data.AvailabilityBody,
	}, nil
}

// liveMeter lets telemetry count what the hub does, without either knowing the other.
type liveMeter struct{ telemetry.Live }

func (m liveMeter) Delivered(event live.Event) { m.Frame(string(event)) }
func (m liveMeter) Reset(reason live.Reason)   { m.Began(string(reason)) }

// postgresMeter counts what the PostgreSQL store does.
type postgresMeter struct{ telemetry.Postgres }

func (m postgresMeter) Transaction(mode postgres.LockingMode) { m.Locked(string(mode)) }
