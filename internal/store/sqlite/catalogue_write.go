package sqlite

import (
	"context"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

var (
	upsertVenue    = upsertInto(record.Venues)
	upsertResource = upsertInto(record.Resources)
	upsertService  = upsertInto(record.Services)
)

// writeSettings writes what an entry says of the catalogue, if it does.
func (c *connection) writeSettings(ctx context.Context, venue booking.VenueID, e booking.Entry) error {
	switch {
	case e.Venue != nil:
		row, err := record.NewVenueRow(venue, *e.Venue)
		return upsert(ctx, c, upsertVenue, record.Venues, row, err)
	case e.Resource != nil:
		row, err := record.NewResourceRow(venue, *e.Resource)
		return upsert(ctx, c, upsertResource, record.Resources, row, err)
	case e.Service != nil:
		row, err := record.NewServiceRow(venue, *e.Service)
		return upsert(ctx, c, upsertService, record.Services, row, err)
	}
	return nil
}

// upsert writes a row, unless it could not be made.
func upsert[R any](ctx context.Context, c *connection, statement string, t record.Table[R], row *R, err error) error {
	if err == nil {
		_, err = c.exec(ctx, statement, appendRow(nil, t.Columns, row)...)
	}
	return err
}
