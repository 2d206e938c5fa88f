package sqlite

import (
	"context"
	"database/sql"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	selectVenue = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE id = ?1`

	selectVenues = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE NOT archived AND id > ?1 ORDER BY id LIMIT ?2`

	selectResources = `SELECT ` + record.Resources.Names("") + ` FROM resources WHERE venue = ?1 ORDER BY id`

	selectServices = `SELECT ` + record.Services.Names("") + ` FROM services WHERE venue = ?1 ORDER BY id`
)

const selectTouched = `SELECT resource, revision FROM touched WHERE venue = ?1`

// Venues lists the venues that are not archived.
func (s *Store) Venues(ctx context.Context, after booking.VenueID, limit int) (venues []booking.Venue, err error) {
	err = s.read(ctx, func(c *connection) error {
		return readVenues(ctx, c, func(v booking.Venue, _ booking.Revision) { venues = append(venues, v) },
			selectVenues, string(after), max(limit, 0))
	})
	return venues, err
}

// readVenues hands each venue row of a query and its counter to add.
func readVenues(ctx context.Context, c *connection, add func(booking.Venue, booking.Revision), text string, args ...any) error {
	return readRows(ctx, c, record.Venues, func(r *record.VenueRow) error {
		venue, err := r.Settings()
		if err == nil {
			add(venue, r.Counter)
		}
		return err
	}, text, args...)
}

func readResources(ctx context.Context, c *connection, venue booking.VenueID) (resources []booking.Resource, err error) {
	err = readRows(ctx, c, record.Resources, func(r *record.ResourceRow) error {
		resource, err := r.Settings()
		resources = append(resources, resource)
		return err
	}, selectResources, string(venue))
	return resources, err
}

func readServices(ctx context.Context, c *connection, venue booking.VenueID) (services []booking.Service, err error) {
	err = readRows(ctx, c, record.Services, func(r *record.ServiceRow) error {
		service, err := r.Settings()
		services = append(services, service)
		return err
	}, selectServices, string(venue))
	return services, err
}

// readTouched reads which change was the last to touch each resource of a venue.
func readTouched(ctx context.Context, c *connection, venue booking.VenueID) (map[booking.ResourceID]booking.Revision, error) {
	touched := make(map[booking.ResourceID]booking.Revision)
	err := c.each(ctx, func(rows *sql.Rows) error {
		var id booking.ResourceID
		var revision booking.Revision
		err := rows.Scan(&id, &revision)
		touched[id] = revision
		return err
	}, selectTouched, string(venue))
	return touched, err
}

// readCatalogue reads what a venue has besides its own row.
func (c *connection) readCatalogue(ctx context.Context, loaded *store.Loaded) (err error) {
	if loaded.Resources, err = readResources(ctx, c, loaded.Venue.ID); err != nil {
		return err
	}
	if loaded.Services, err = readServices(ctx, c, loaded.Venue.ID); err != nil {
		return err
	}
	loaded.Touched, err = readTouched(ctx, c, loaded.Venue.ID)
	return err
}

// readRows hands out the rows of a query over all columns of a table.
func readRows[R any](
	ctx context.Context, c *connection, t record.Table[R], visit func(*R) error, text string, args ...any,
) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var row R
		if err := scanRow(rows, t.Columns, &row); err != nil {
			return err
		}
		return visit(&row)
	}, text, args...)
}
