package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Venues lists the venues.
func (c *Client) Venues(ctx context.Context) ([]Venue, error) {
	list, _, err := read[struct{ Venues []Venue }](ctx, c, newCall(http.MethodGet, "/v1/venues", nil))
	return list.Venues, err
}

// Venue gets one venue.
func (c *Client) Venue(ctx context.Context, id string, options ...CallOption) (Venue, error) {
	v, _, err := read[Venue](ctx, c, newCall(http.MethodGet, venuePath(id), options))
	return v, err
}

// PutVenue creates or replaces the venue with v.ID. It returns what the server has now. See [IfMatch] and [IfAbsent].
func (c *Client) PutVenue(ctx context.Context, v Venue, options ...CallOption) (Venue, error) {
	r := newCall(http.MethodPut, venuePath(v.ID), options)
	v.ID, v.Revision = "", 0
	return write[Venue](ctx, c, r, v)
}

// DeleteVenue archives a venue. It is refused with [CodeInUse] while future bookings need it.
func (c *Client) DeleteVenue(ctx context.Context, id string, options ...CallOption) error {
	_, err := c.send(ctx, newCall(http.MethodDelete, venuePath(id), options))
	return err
}

// Resources lists the resources of a venue.
func (c *Client) Resources(ctx context.Context, venue string) ([]Resource, error) {
	list, _, err := read[struct{ Resources []Resource }](ctx, c, newCall(http.MethodGet, venuePath(venue, "resources"), nil))
	return list.Resources, err
}

// Resource gets one resource.
func (c *Client) Resource(ctx context.Context, venue, id string, options ...CallOption) (Resource, error) {
	v, _, err := read[Resource](ctx, c, newCall(http.MethodGet, venuePath(venue, "resources", id), options))
	return v, err
}

// PutResource creates or replaces the resource with v.ID. It returns what the server has now. It is refused with [CodeInUse] if
// bookings need what the change takes away.
func (c *Client) PutResource(ctx context.Context, venue string, v Resource, options ...CallOption) (Resource, error) {
	r := newCall(http.MethodPut, venuePath(venue, "resources", v.ID), options)
	v.ID, v.Revision, v.BookingsOutside, v.MoreBookingsOutside, v.Warnings = "", 0, nil, false, nil
	if v.Hours == nil { // closed: null is no hours
		v.Hours = map[string][]string{}
	}
	return write[Resource](ctx, c, r, v)
}

// DeleteResource archives a resource. It is refused with [CodeInUse] while future bookings need it.
func (c *Client) DeleteResource(ctx context.Context, venue, id string, options ...CallOption) error {
	_, err := c.send(ctx, newCall(http.MethodDelete, venuePath(venue, "resources", id), options))
	return err
}

// Services lists the services of a venue.
func (c *Client) Services(ctx context.Context, venue string) ([]Service, error) {
	list, _, err := read[struct{ Services []Service }](ctx, c, newCall(http.MethodGet, venuePath(venue, "services"), nil))
	return list.Services, err
}

// Service gets one service.
func (c *Client) Service(ctx context.Context, venue, id string, options ...CallOption) (Service, error) {
	v, _, err := read[Service](ctx, c, newCall(http.MethodGet, venuePath(venue, "services", id), options))
	return v, err
}

// PutService creates or replaces the service with v.ID. It returns what the server has now.
func (c *Client) PutService(ctx context.Context, venue string, v Service, options ...CallOption) (Service, error) {
	r := newCall(http.MethodPut, venuePath(venue, "services", v.ID), options)
	v.ID, v.Revision, v.Warnings = "", 0, nil
	return write[Service](ctx, c, r, v)
}

// DeleteService archives a service. It is refused with [CodeInUse] while future bookings need it.
func (c *Client) DeleteService(ctx context.Context, venue, id string, options ...CallOption) error {
	_, err := c.send(ctx, newCall(http.MethodDelete, venuePath(venue, "services", id), options))
	return err
}

// venuePath is the address of a venue, or of something of it.
func venuePath(venue string, elements ...string) string {
	var path strings.Builder
	path.WriteString("/v1/venues/" + url.PathEscape(venue))
	for _, element := range elements {
		path.WriteString("/" + url.PathEscape(element))
	}
	return path.String()
}
