package postgres

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

const (
	// Two transactions that make the same venue collide on its key: the row begins with the revision of its first change.
	insertVenue = `
		INSERT INTO venues (id, revision, name, time_zone, contact_email, contact_phone, allowed_origins, settings_revision, archived)
		VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)`

	updateVenue = `
		UPDATE venues SET name = $2, time_zone = $3, contact_email = $4, contact_phone = $5, allowed_origins = $6,
			settings_revision = $7, archived = $8
		WHERE id = $1`

	upsertResource = `
		INSERT INTO resources (venue, id, name, capacity, schedule, revision, archived) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (venue, id) DO UPDATE SET (name, capacity, schedule, revision, archived) =
		(excluded.name, excluded.capacity, excluded.schedule, excluded.revision, excluded.archived)`

	upsertService = `
		INSERT INTO services (venue, id, name, description, price_amount, price_currency, color, duration, step, buffer_before,
			buffer_after, min_notice, horizon_days, party_min, party_max, hold_for, limited_below, requires, revision, archived)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (venue, id) DO UPDATE SET (name, description, price_amount, price_currency, color, duration, step, buffer_before,
			buffer_after, min_notice, horizon_days, party_min, party_max, hold_for, limited_below, requires, revision, archived) =
		(excluded.name, excluded.description, excluded.price_amount, excluded.price_currency, excluded.color, excluded.duration,
		 excluded.step, excluded.buffer_before, excluded.buffer_after, excluded.min_notice, excluded.horizon_days,
		 excluded.party_min, excluded.party_max, excluded.hold_for, excluded.limited_below, excluded.requires, excluded.revision,
		 excluded.archived)`
)

// queueVenue writes a venue's settings. A change that puts them twice counts with the last.
func queueVenue(b *pgx.Batch, change booking.Change, exists bool) error {
	var v *booking.Venue
	for _, e := range change.Entries {
		if e.Venue == nil {
			continue
		}
		if v = e.Venue; v.ID != change.Venue {
			return rejected("the settings of venue %s in a change of %s", v.ID, change.Venue)
		}
	}
	if v == nil {
		if !exists {
			return rejected("venue %s does not exist", change.Venue)
		}
		return nil
	}
	origins, err := json.Marshal(v.AllowedOrigins)
	if err != nil {
		return err
	}
	statement := insertVenue
	if exists {
		statement = updateVenue
	}
	b.Queue(statement, string(v.ID), v.Name, v.TimeZone, v.Contact.Email, v.Contact.Phone, string(origins), int64(v.Revision), v.Archived)
	return nil
}

func queueResource(b *pgx.Batch, venue booking.VenueID, r booking.Resource) error {
	if r.Venue != venue {
		return rejected("resource %s of venue %s in a change of %s", r.ID, r.Venue, venue)
	}
	schedule, err := json.Marshal(r.Schedule)
	if err != nil {
		return err
	}
	b.Queue(upsertResource, string(venue), string(r.ID), r.Name, r.Capacity, string(schedule), int64(r.Revision), r.Archived)
	return nil
}

func queueService(b *pgx.Batch, venue booking.VenueID, s booking.Service) error {
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
	b.Queue(upsertService, string(venue), string(s.ID), r.Name, r.Description, amount, currency, r.Color, r.Duration, r.Step,
		r.BufferBefore, r.BufferAfter, r.MinNotice, r.HorizonDays, r.PartyMin, r.PartyMax, r.HoldFor, r.LimitedBelow,
		string(requires), int64(r.Revision), r.Archived)
	return nil
}
