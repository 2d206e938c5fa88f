package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const (
	// A new venue's row begins with the revision of its first change.
	upsertVenue = `
		INSERT INTO venues (id, revision, name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived)
		VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
		ON CONFLICT (id) DO UPDATE SET (name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived) =
		(excluded.name, excluded.time_zone, excluded.contact_email, excluded.contact_phone, excluded.allowed_origins,
		 excluded.settings_revision, excluded.archived)`

	upsertResource = `
		INSERT INTO resources (venue, id, name, capacity, schedule, revision, archived) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
		ON CONFLICT (venue, id) DO UPDATE SET (name, capacity, schedule, revision, archived) =
		(excluded.name, excluded.capacity, excluded.schedule, excluded.revision, excluded.archived)`

	upsertService = `
		INSERT INTO services (venue, id, name, description, price_amount, price_currency, color, duration, step, buffer_before,
			buffer_after, min_notice, horizon_days, party_min, party_max, hold_for, limited_below, requires, revision, archived)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
		ON CONFLICT (venue, id) DO UPDATE SET (name, description, price_amount, price_currency, color, duration, step, buffer_before,
			buffer_after, min_notice, horizon_days, party_min, party_max, hold_for, limited_below, requires, revision, archived) =
		(excluded.name, excluded.description, excluded.price_amount, excluded.price_currency, excluded.color, excluded.duration,
		 excluded.step, excluded.buffer_before, excluded.buffer_after, excluded.min_notice, excluded.horizon_days,
		 excluded.party_min, excluded.party_max, excluded.hold_for, excluded.limited_below, excluded.requires, excluded.revision,
		 excluded.archived)`
)

// putSettings writes what an entry says of the catalogue, if it does.
func (c *connection) putSettings(ctx context.Context, venue booking.VenueID, e booking.Entry) error {
	switch {
	case e.Venue != nil:
		return c.putVenue(ctx, venue, *e.Venue)
	case e.Resource != nil:
		return c.putResource(ctx, venue, *e.Resource)
	case e.Service != nil:
		return c.putService(ctx, venue, *e.Service)
	}
	return nil
}

func (c *connection) putVenue(ctx context.Context, venue booking.VenueID, v booking.Venue) error {
	if v.ID != venue {
		return rejected("the settings of venue %s in a change of %s", v.ID, venue)
	}
	origins, err := json.Marshal(v.AllowedOrigins)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, upsertVenue, string(v.ID), v.Name, v.TimeZone, v.Contact.Email, v.Contact.Phone, string(origins),
		int64(v.Revision), v.Archived)
	return err
}

func (c *connection) putResource(ctx context.Context, venue booking.VenueID, r booking.Resource) error {
	if r.Venue != venue {
		return rejected("resource %s of venue %s in a change of %s", r.ID, r.Venue, venue)
	}
	schedule, err := json.Marshal(r.Schedule)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, upsertResource, string(venue), string(r.ID), r.Name, r.Capacity, string(schedule), int64(r.Revision),
		r.Archived)
	return err
}

func (c *connection) putService(ctx context.Context, venue booking.VenueID, s booking.Service) error {
	if s.Venue != venue {
		return rejected("service %s of venue %s in a change of %s", s.ID, s.Venue, venue)
	}
	r := record.OfService(s)
	requires, err := json.Marshal(r.Requires)
	if err != nil {
		return err
	}
	var amount, currency any
	if s.Price != nil {
		amount, currency = r.PriceAmount, r.PriceCurrency
	}
	_, err = c.exec(ctx, upsertService, string(venue), string(s.ID), r.Name, r.Description, amount, currency, r.Color,
		r.Duration, r.Step, r.BufferBefore, r.BufferAfter, r.MinNotice, r.HorizonDays, r.PartyMin, r.PartyMax, r.HoldFor,
		r.LimitedBelow, string(requires), int64(r.Revision), r.Archived)
	return err
}

const (
	venueColumns = `id, revision, name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived`

	selectVenue = `SELECT ` + venueColumns + ` FROM venues WHERE id = ?1`

	selectVenues = `SELECT ` + venueColumns + ` FROM venues WHERE NOT archived AND id > ?1 ORDER BY id LIMIT ?2`

	selectResources = `
		SELECT r.id, r.name, r.capacity, r.schedule, r.revision, r.archived
		FROM resources r WHERE r.venue = ?1 ORDER BY r.id`

	selectTouched = `SELECT resource, revision FROM touched WHERE venue = ?1`

	selectServices = `
		SELECT s.id, s.name, s.description, coalesce(s.price_amount, ''), coalesce(s.price_currency, ''), s.color, s.duration, s.step,
			s.buffer_before, s.buffer_after, s.min_notice, s.horizon_days, s.party_min, s.party_max, s.hold_for, s.limited_below,
			s.requires, s.revision, s.archived
		FROM services s
		WHERE s.venue = ?1 ORDER BY s.id`
)

// readVenues hands each venue row of a query and its counter to add.
func readVenues(ctx context.Context, c *connection, add func(booking.Venue, booking.Revision), text string, args ...any) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			r        record.Venue
			id       booking.VenueID
			revision booking.Revision
			origins  []byte
		)
		err := rows.Scan(&id, &revision, &r.Name, &r.TimeZone, &r.ContactEmail, &r.ContactPhone, &origins, &r.Revision, &r.Archived)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(origins, &r.AllowedOrigins); err != nil {
			return store.Damaged(err, "allowed origins of venue %s", id)
		}
		add(*r.Settings(id), revision)
		return nil
	}, text, args...)
}

func readResources(ctx context.Context, c *connection, venue booking.VenueID) (resources []booking.Resource, err error) {
	err = c.each(ctx, func(rows *sql.Rows) error {
		var (
			r        record.Resource
			schedule []byte
		)
		if err := rows.Scan(&r.ID, &r.Name, &r.Capacity, &schedule, &r.Revision, &r.Archived); err != nil {
			return err
		}
		if err := json.Unmarshal(schedule, &r.Schedule); err != nil {
			return store.Damaged(err, "schedule of resource %s of venue %s", r.ID, venue)
		}
		resources = append(resources, *r.Settings(venue))
		return nil
	}, selectResources, string(venue))
	return resources, err
}

func readServices(ctx context.Context, c *connection, venue booking.VenueID) (services []booking.Service, err error) {
	err = c.each(ctx, func(rows *sql.Rows) error {
		var (
			r        record.Service
			requires []byte
		)
		err := rows.Scan(&r.ID, &r.Name, &r.Description, &r.PriceAmount, &r.PriceCurrency, &r.Color, &r.Duration, &r.Step,
			&r.BufferBefore, &r.BufferAfter, &r.MinNotice, &r.HorizonDays, &r.PartyMin, &r.PartyMax, &r.HoldFor, &r.LimitedBelow,
			&requires, &r.Revision, &r.Archived)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(requires, &r.Requires); err != nil {
			return store.Damaged(err, "requirements of service %s of venue %s", r.ID, venue)
		}
		services = append(services, *r.Settings(venue))
		return nil
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
