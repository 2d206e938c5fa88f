package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

var (
	selectVenue = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE id = $1`

	selectVenues = `SELECT ` + record.Venues.Names("") + ` FROM venues WHERE NOT archived AND id > $1 ORDER BY id LIMIT $2`

	selectResources = `SELECT ` + record.Resources.Names("") + ` FROM resources WHERE venue = $1 ORDER BY id`

	selectServices = `SELECT ` + record.Services.Names("") + ` FROM services WHERE venue = $1 ORDER BY id`
)

const selectTouched = `SELECT resource, revision FROM touched WHERE venue = $1`

// Venues lists the venues that are not archived.
func (s *Store) Venues(ctx context.Context, after booking.VenueID, limit int) (venues []booking.Venue, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectVenues, string(after), max(limit, 0))
		if err != nil {
			return err
		}
		return eachVenue(rows, func(v booking.Venue, _ booking.Revision) error {
			venues = append(venues, v)
			return nil
		})
	})
	return venues, classify(err)
}

// eachVenue hands each venue row of a query and its counter to visit.
func eachVenue(rows pgx.Rows, visit func(booking.Venue, booking.Revision) error) error {
	return eachRow(rows, record.Venues, func(r *record.VenueRow) error {
		venue, err := r.Settings()
		if err != nil {
			return err
		}
		return visit(venue, r.Counter)
	})
}

func collectResources(rows pgx.Rows) (resources []booking.Resource, err error) {
	err = eachRow(rows, record.Resources, func(r *record.ResourceRow) error {
		resource, err := r.Settings()
		resources = append(resources, resource)
		return err
	})
	return resources, err
}

func collectServices(rows pgx.Rows) (services []booking.Service, err error) {
	err = eachRow(rows, record.Services, func(r *record.ServiceRow) error {
		service, err := r.Settings()
		services = append(services, service)
		return err
	})
	return services, err
}

// collectTouched reads which change was the last to touch each resource of a venue.
func collectTouched(rows pgx.Rows) (map[booking.ResourceID]booking.Revision, error) {
	defer rows.Close()
	touched := make(map[booking.ResourceID]booking.Revision)
	for rows.Next() {
		var id booking.ResourceID
		var revision booking.Revision
		if err := rows.Scan(&id, &revision); err != nil {
			return nil, err
		}
		touched[id] = revision
	}
	return touched, rows.Err()
}

// eachRow hands out the rows of a query over all columns of a table, to its end.
func eachRow[R any](rows pgx.Rows, t record.Table[R], visit func(*R) error) error {
	defer rows.Close()
	for rows.Next() {
		var row R
		if err := scanRow(rows, t.Columns, &row); err != nil {
			return err
		}
		if err := visit(&row); err != nil {
			return err
		}
	}
	return rows.Err()
}
