package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// selectUnsent goes along the venues, and looks the cursor of each up by its key, until it has enough.
const selectUnsent = `
	SELECT v.id FROM venues v LEFT JOIN outbox_cursors c ON c.bus = ?1 AND c.venue = v.id
	WHERE v.id > ?4 AND v.id <> ?6 AND (c.revision IS NULL OR c.epoch <> ?3 OR v.revision > c.revision OR c.due_at <= ?2)
	ORDER BY v.id LIMIT ?5`

var (
	selectCursors = `
		SELECT ` + record.Cursors.Names("c.") + ` FROM json_each(?2) need
		CROSS JOIN outbox_cursors c ON c.bus = ?1 AND c.venue = need.value`

	// moveCursors never moves one back: see [store.Cursor.MayFollow].
	moveCursors = newInsertion("INSERT INTO outbox_cursors AS c ("+record.Cursors.Names("")+")", len(record.Cursors.Columns),
		" ON CONFLICT (bus, venue) DO UPDATE SET ("+record.Names("", record.Cursors.Changing())+") = ("+
			record.Names("excluded.", record.Cursors.Changing())+") WHERE "+record.CursorMayFollow)
)

// Unsent lists venues of which something is to be sent; see [store.Relay].
func (s *Store) Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) (venues []booking.VenueID, err error) {
	if err := s.inPlace(); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var venue booking.VenueID
			err := rows.Scan(&venue)
			venues = append(venues, venue)
			return err
		}, selectUnsent, bus, record.Micros(s.now()), string(s.epoch), string(after), max(limit, 0), string(booking.ProbeVenue))
	})
	if err != nil {
		return nil, fmt.Errorf("venues with something to send: %w", err)
	}
	return venues, nil
}

// Cursors reads cursors; see [store.Relay].
func (s *Store) Cursors(
	ctx context.Context, bus string, venues []booking.VenueID,
) (cursors map[booking.VenueID]store.Cursor, err error) {
	cursors = make(map[booking.VenueID]store.Cursor, len(venues))
	err = s.read(ctx, func(c *connection) error {
		return readRows(ctx, c, record.Cursors, func(r *record.CursorRow) error {
			cursors[r.Venue] = r.Cursor
			return nil
		}, selectCursors, bus, record.List(venues))
	})
	if err != nil {
		return nil, fmt.Errorf("cursors of bus %s: %w", bus, err)
	}
	return cursors, nil
}

// MoveCursors writes cursors; see [store.Relay]. Many of them take several short transactions, so that bookings come in between.
func (s *Store) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) (lost []booking.VenueID, err error) {
	if cursors, err = store.SortCursors(cursors); err != nil {
		return nil, err
	}
	if err := s.inPlace(); err != nil {
		return nil, err
	}
	for len(cursors) > 0 {
		n := min(cursorsPerTransaction, len(cursors))
		some, err := s.moveCursors(ctx, bus, holder, cursors[:n])
		if err != nil {
			return nil, fmt.Errorf("move the cursors of bus %s: %w", bus, classify(err))
		}
		cursors, lost = cursors[n:], append(lost, some...)
	}
	return lost, nil
}

func (s *Store) moveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) (lost []booking.VenueID, err error) {
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		var held []store.Cursor
		if held, lost = s.held(bus, holder, cursors); len(held) == 0 {
			return false, nil
		}
		values := make([]any, 0, len(held)*len(record.Cursors.Columns))
		for _, cursor := range held {
			values = appendRow(values, record.Cursors.Columns, record.NewCursorRow(bus, cursor))
		}
		return true, c.insert(ctx, moveCursors, values)
	})
	return lost, err
}
