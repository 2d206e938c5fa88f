package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// A booking is read as one row for each of its claims, in their order; one without claims has a single row, of which the claim's
// columns are NULL. Queries keep the rows of a booking together.
var bookingColumns = record.Bookings.Names("b.") + `, c.resource, c.start, c."end", c.units`

const joinClaims = ` LEFT JOIN claims c ON c.venue = b.venue AND c.booking = b.id `

// readBookings hands out the bookings of a query over bookingColumns.
func readBookings(ctx context.Context, c *connection, text string, args ...any) (bookings []booking.Booking, err error) {
	err = eachBooking(ctx, c, func(b booking.Booking) error {
		bookings = append(bookings, b)
		return nil
	}, text, args...)
	return bookings, err
}

// eachBooking is readBookings one by one.
func eachBooking(ctx context.Context, c *connection, visit func(booking.Booking) error, text string, args ...any) error {
	var last booking.Booking
	err := c.each(ctx, func(rows *sql.Rows) error {
		b, claim, err := scanBooking(rows)
		if err != nil {
			return err
		}
		if last.ID != b.ID || last.Venue != b.Venue {
			if last.ID != "" {
				if err := visit(last); err != nil {
					return err
				}
			}
			last = b
		}
		if claim != nil {
			last.Claims = append(last.Claims, *claim)
		}
		return nil
	}, text, args...)
	if err == nil && last.ID != "" {
		err = visit(last)
	}
	return err
}

func scanBooking(rows *sql.Rows) (b booking.Booking, claim *booking.Claim, err error) {
	var (
		resource   sql.NullString
		start, end time.Time
		units      sql.NullInt64
	)
	err = scanRow(rows, record.Bookings.Columns, &b, &resource, (*instant)(&start), (*instant)(&end), &units)
	if err == nil && resource.Valid {
		claim = &booking.Claim{Resource: booking.ResourceID(resource.String), Start: start, End: end, Units: int(units.Int64)}
	}
	return b, claim, err
}

var selectBooking = `SELECT ` + bookingColumns + ` FROM bookings b` + joinClaims + `WHERE b.venue = ?1 AND b.id = ?2 ORDER BY c.place`

// Booking reads one booking.
func (s *Store) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (b booking.Booking, err error) {
	err = s.read(ctx, func(c *connection) error {
		found, err := readBookings(ctx, c, selectBooking, string(venue), string(id))
		if err != nil {
			return fmt.Errorf("booking %s of venue %s: %w", id, venue, err)
		}
		if len(found) == 0 {
			return booking.ErrNotFound
		}
		b = found[0]
		return nil
	})
	return b, err
}

// The page is cut before the claims are joined. Its beginning is an exclusive (start, id), which the index can seek to; what starts
// before the period, and no longer than a booking can be, is found by its end.
var selectPage = `
	SELECT ` + bookingColumns + ` FROM (
		SELECT rowid AS n FROM bookings INDEXED BY bookings_by_start
		WHERE venue = ?1 AND (start, id) > (?2, ?3) AND start < ?4 AND "end" > ?7
			AND (?5 = '[]' OR status IN (SELECT value FROM json_each(?5)))
		ORDER BY start, id LIMIT ?6
	) page JOIN bookings b ON b.rowid = page.n` + joinClaims + `ORDER BY b.start, b.id, c.place`

// Bookings lists bookings of a venue by start, then id.
func (s *Store) Bookings(ctx context.Context, venue booking.VenueID, filter store.Filter) (bookings []booking.Booking, err error) {
	if err := store.CheckLimit(filter.Limit); err != nil {
		return nil, err
	}
	endsAfter, startsBefore := bounds(filter.From, filter.To)
	from, _ := bounds(filter.EarliestStart(), time.Time{})
	after := filter.AfterID
	if start := record.Micros(filter.AfterStart); filter.AfterStart.IsZero() || start < from {
		after = "" // before every id
	} else {
		from = start
	}
	err = s.read(ctx, func(c *connection) error {
		bookings, err = readBookings(ctx, c, selectPage,
			string(venue), from, string(after), startsBefore, record.List(filter.Statuses), filter.Limit, endsAfter)
		if err != nil {
			return fmt.Errorf("bookings of venue %s: %w", venue, err)
		}
		return nil
	})
	return bookings, err
}
