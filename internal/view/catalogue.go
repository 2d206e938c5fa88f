package view

import (
	"context"
	"time"

	"vacancy/internal/booking"
)

// The catalogue of a venue as its picture has it. The errors are those of [View.Picture], and [booking.ErrNotFound] for what there is not;
// what is archived is there.

// Venue is a venue with its time zone, loaded.
func (v *View) Venue(ctx context.Context, id booking.VenueID) (booking.Venue, *time.Location, error) {
	p, err := v.Picture(ctx, id)
	if err != nil {
		return booking.Venue{}, nil, err
	}
	return p.Venue, p.Zone, nil
}

// Resource is one resource of a venue.
func (v *View) Resource(ctx context.Context, venue booking.VenueID, id booking.ResourceID) (booking.Resource, error) {
	p, err := v.Picture(ctx, venue)
	if err != nil {
		return booking.Resource{}, err
	}
	return find(p.Resources, id)
}

// Service is one service of a venue.
func (v *View) Service(ctx context.Context, venue booking.VenueID, id booking.ServiceID) (booking.Service, error) {
	p, err := v.Picture(ctx, venue)
	if err != nil {
		return booking.Service{}, err
	}
	return find(p.Services, id)
}

// Resources are those of a venue, in their order.
func (v *View) Resources(ctx context.Context, venue booking.VenueID) ([]booking.Resource, error) {
	p, err := v.Picture(ctx, venue)
	if err != nil {
		return nil, err
	}
	return p.OrderedResources(), nil
}

// Services are those of a venue, in their order.
func (v *View) Services(ctx context.Context, venue booking.VenueID) ([]booking.Service, error) {
	p, err := v.Picture(ctx, venue)
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
