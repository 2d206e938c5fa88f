package postgres

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

var (
	// Two transactions that make the same venue collide on its key: the row begins with the revision of its first change.
	insertVenue    = insertRow(record.Venues)
	upsertResource = upsertRow(record.Resources)
	upsertService  = upsertRow(record.Services)

	venueChanging = record.Venues.Changing()
	// updateVenue has the id first, and then what changes.
	updateVenue = func() string {
		values := make([]string, len(venueChanging))
		for i := range values {
			values[i] = "$" + strconv.Itoa(i+2)
		}
		return "UPDATE venues SET (" + record.Names("", venueChanging) + ") = (" + strings.Join(values, ", ") + ") WHERE id = $1"
	}()
)

// addSettings queues what a change says of the catalogue. A change that puts the venue twice counts with the last.
func (w *writing) addSettings(change booking.Change, exists bool) error {
	var venue *record.VenueRow
	for _, e := range change.Entries {
		var err error
		switch {
		case e.Venue != nil:
			venue, err = record.NewVenueRow(change.Venue, *e.Venue)
		case e.Resource != nil:
			var row *record.ResourceRow
			row, err = record.NewResourceRow(change.Venue, *e.Resource)
			queueRow(&w.settings, upsertResource, record.Resources.Columns, row, err)
		case e.Service != nil:
			var row *record.ServiceRow
			row, err = record.NewServiceRow(change.Venue, *e.Service)
			queueRow(&w.settings, upsertService, record.Services.Columns, row, err)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case venue == nil:
	case exists:
		w.settings.Queue(updateVenue, record.Append([]any{string(venue.ID)}, venueChanging, venue)...)
	default:
		w.ofVenues.Queue(insertVenue, record.Append(nil, record.Venues.Columns, venue)...)
	}
	return nil
}

// queueRow queues the statement for a row, unless it could not be made.
func queueRow[R any](b *pgx.Batch, statement string, columns []record.Column[R], row *R, err error) {
	if err == nil {
		b.Queue(statement, record.Append(nil, columns, row)...)
	}
}
