package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// A booking is read as one row for each of its claims, in their order; one without claims has a single row, of which the claim's
// columns are NULL. Queries keep the rows of a booking together.
var bookingColumns = record.Bookings.Names("b.") + `, c.resource, c.start, c."end", c.units`

// claimsOfEach looks the claims of each booking up by their key. LATERAL and OFFSET 0 leave no choice: of tables that grow, and whose rows
// the server has not counted yet, it would take a venue to have a few claims, and go through all of them for each booking.
const claimsOfEach = `LATERAL (
		SELECT place, resource, start, "end", units FROM claims WHERE venue = b.venue AND booking = b.id OFFSET 0
	) c ON true `

const joinClaims = ` LEFT JOIN ` + claimsOfEach

// collectBookings reads the bookings of a query over bookingColumns, to its end.
func collectBookings(rows pgx.Rows) (bookings []booking.Booking, err error) {
	err = eachBooking(rows, func(b booking.Booking) error {
		bookings = append(bookings, b)
		return nil
	})
	return bookings, err
}

// eachBooking hands out the bookings of a query over bookingColumns one by one.
func eachBooking(rows pgx.Rows, visit func(booking.Booking) error) error {
	defer rows.Close()
	var gathered booking.Booking
	for rows.Next() {
		b, claim, err := scanBooking(rows)
		if err != nil {
			return err
		}
		if b.ID != gathered.ID || b.Venue != gathered.Venue {
			if gathered.ID != "" {
				if err := visit(gathered); err != nil {
					return err
				}
			}
			gathered = b
		}
		if claim != nil {
			gathered.Claims = append(gathered.Claims, *claim)
		}
	}
	if err := rows.Err(); err != nil || gathered.ID == "" {
		return err
	}
	return visit(gathered)
}

func scanBooking(rows pgx.Rows) (b booking.Booking, claim *booking.Claim, err error) {
	var (
		resource   pgtype.Text
		start, end time.Time
		units      pgtype.Int4
	)
	err = scanRow(rows, record.Bookings.Columns, &b, &resource, (*instant)(&start), (*instant)(&end), &units)
	if err == nil && resource.Valid {
		claim = &booking.Claim{Resource: booking.ResourceID(resource.String), Start: start, End: end, Units: int(units.Int32)}
	}
	return b, claim, err
}

var selectBooking = `SELECT ` + bookingColumns + ` FROM bookings b` + joinClaims + `WHERE b.venue = $1 AND b.id = $2 ORDER BY c.place`

// Booking reads one booking, unless the database may be one that was left, which does not know what became of it. Where the server waits
// for standbys, what is seen may not be on any yet: then a heartbeat proves it.
func (s *Store) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (b booking.Booking, err error) {
	if s.monitor != nil && s.monitor.refused.Load() {
		return b, fmt.Errorf("booking %s of venue %s: %w", id, venue, s.monitor.refusal())
	}
	var bookings []booking.Booking
	var standbys bool
	var epoch booking.Epoch
	var database string
	err = s.use(ctx, func(c *session) error {
		var batch pgx.Batch
		batch.Queue(`SELECT ` + hasStandbys).QueryRow(func(row pgx.Row) error { return row.Scan(&standbys) })
		batch.Queue(selectBooking, string(venue), string(id)).Query(func(rows pgx.Rows) (err error) {
			bookings, err = collectBookings(rows)
			return err
		})
		epoch, database = c.epoch, serverOf(c.conn).identity.ID
		return c.conn.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return b, fmt.Errorf("booking %s of venue %s: %w", id, venue, classify(err))
	}
	if len(bookings) == 0 {
		return b, booking.ErrNotFound
	}
	b = bookings[0]
	if standbys && !s.config.ReadOnly && !s.node.proven.covers(epoch, venue, b.Revision) {
		if err := s.prove(ctx, database); err != nil {
			return booking.Booking{}, fmt.Errorf("%w: booking %s of venue %s: %s", store.ErrUnavailable, id, venue, err.Error())
		}
		s.node.proven.set(epoch, venue, b.Revision)
	}
	return b, nil
}

func (s *Store) readBookings(ctx context.Context, text string, args ...any) (bookings []booking.Booking, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, text, args...)
		if err != nil {
			return err
		}
		bookings, err = collectBookings(rows)
		return err
	})
	return bookings, classify(err)
}

// The page is cut from the index alone before the bookings and their claims are joined. Its beginning is an exclusive (start, id),
// which the index can seek to; what starts before the period, and no longer than a booking can be, is found by its end, which the index
// has too. The index is found by the collation of its texts. The empty text has the statuses looked at in the
// order of the index, and not searched for one after the other. LATERAL and OFFSET 0 make the page the outer side of the join,
// whatever is known of the tables.
var selectPage = `
	SELECT ` + bookingColumns + ` FROM (
		SELECT id FROM bookings
		WHERE venue COLLATE "POSIX" = $1 AND (start, id COLLATE "POSIX") > ($2, $3) AND start < $4 AND "end" > $7 AND status || '' = ANY ($5)
		ORDER BY start, id COLLATE "POSIX" LIMIT $6
	) page
	CROSS JOIN LATERAL (SELECT ` + record.Bookings.Names("") + ` FROM bookings WHERE venue = $1 AND id = page.id OFFSET 0) b` + joinClaims + `
	ORDER BY b.start, b.id, c.place`

var everyStatus = []booking.Status{
	booking.Held, booking.Confirmed, booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled,
}

// Bookings lists bookings of a venue by start, then id.
func (s *Store) Bookings(ctx context.Context, venue booking.VenueID, filter store.Filter) ([]booking.Booking, error) {
	if err := store.CheckLimit(filter.Limit); err != nil {
		return nil, err
	}
	endsAfter, startsBefore := bounds(filter.From, filter.To)
	from, _ := bounds(filter.EarliestStart(), time.Time{})
	after := filter.AfterID
	if start := filter.AfterStart; start.IsZero() || start.Before(filter.EarliestStart()) {
		after = "" // before every id
	} else {
		from.Time, from.InfinityModifier = start, pgtype.Finite
	}
	statuses := filter.Statuses
	if len(statuses) == 0 {
		statuses = everyStatus
	}
	bookings, err := s.readBookings(ctx, selectPage, string(venue), from, string(after), startsBefore, texts(statuses), filter.Limit,
		endsAfter)
	if err != nil {
		return nil, fmt.Errorf("bookings of venue %s: %w", venue, err)
	}
	return bookings, nil
}
