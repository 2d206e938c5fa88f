package postgres

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const (
	venueColumns = `id, revision, name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived`

	selectVenue = `SELECT ` + venueColumns + ` FROM venues WHERE id = $1`

	selectVenues = `SELECT ` + venueColumns + ` FROM venues WHERE NOT archived AND id > $1 ORDER BY id LIMIT $2`

	selectResources = `
		SELECT r.id, r.name, r.capacity, r.schedule, r.revision, r.archived
		FROM resources r WHERE r.venue = $1 ORDER BY r.id`

	selectTouched = `SELECT resource, revision FROM touched WHERE venue = $1`

	selectServices = `
		SELECT s.id, s.name, s.description, coalesce(s.price_amount, ''), coalesce(s.price_currency, ''), s.color, s.duration, s.step,
			s.buffer_before, s.buffer_after, s.min_notice, s.horizon_days, s.party_min, s.party_max, s.hold_for, s.limited_below,
			s.requires, s.revision, s.archived
		FROM services s WHERE s.venue = $1 ORDER BY s.id`
)

// eachVenue hands each venue row of a query and its counter to visit.
func eachVenue(rows pgx.Rows, visit func(booking.Venue, booking.Revision) error) error {
	defer rows.Close()
	for rows.Next() {
		var (
			r        record.Venue
			id       booking.VenueID
			revision booking.Revision
			origins  pgtype.DriverBytes
		)
		err := rows.Scan(&id, &revision, &r.Name, &r.TimeZone, &r.ContactEmail, &r.ContactPhone, &origins, &r.Revision, &r.Archived)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(origins, &r.AllowedOrigins); err != nil {
			return store.Damaged(err, "allowed origins of venue %s", id)
		}
		if err := visit(*r.Settings(id), revision); err != nil {
			return err
		}
	}
	return rows.Err()
}

func collectResources(rows pgx.Rows, venue booking.VenueID) (resources []booking.Resource, err error) {
	defer rows.Close()
	for rows.Next() {
		var (
			r        record.Resource
			schedule pgtype.DriverBytes
		)
		if err := rows.Scan(&r.ID, &r.Name, &r.Capacity, &schedule, &r.Revision, &r.Archived); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(schedule, &r.Schedule); err != nil {
			return nil, store.Damaged(err, "schedule of resource %s of venue %s", r.ID, venue)
		}
		resources = append(resources, *r.Settings(venue))
	}
	return resources, rows.Err()
}

func collectServices(rows pgx.Rows, venue booking.VenueID) (services []booking.Service, err error) {
	defer rows.Close()
	for rows.Next() {
		var (
			r        record.Service
			requires pgtype.DriverBytes
		)
		err := rows.Scan(&r.ID, &r.Name, &r.Description, &r.PriceAmount, &r.PriceCurrency, &r.Color, &r.Duration, &r.Step,
			&r.BufferBefore, &r.BufferAfter, &r.MinNotice, &r.HorizonDays, &r.PartyMin, &r.PartyMax, &r.HoldFor, &r.LimitedBelow,
			&requires, &r.Revision, &r.Archived)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(requires, &r.Requires); err != nil {
			return nil, store.Damaged(err, "requirements of service %s of venue %s", r.ID, venue)
		}
		services = append(services, *r.Settings(venue))
	}
	return services, rows.Err()
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
