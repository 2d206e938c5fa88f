package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// selectUnsent goes along the venues, and looks the cursor of each up by its key, until it has enough: of ten thousand that are quiet that
// takes tens of milliseconds. LATERAL and OFFSET 0 leave no choice. $1 is the bus, $2 the store's clock, $3 the epoch, and $6 a venue that
// is hidden.
const selectUnsent = `
	SELECT v.id FROM venues v
	LEFT JOIN LATERAL (SELECT epoch, revision, due_at FROM outbox_cursors WHERE bus = $1 AND venue = v.id OFFSET 0) c ON true
	WHERE v.id > $4 AND v.id <> $6 AND (
		c.revision IS NULL OR c.epoch <> $3 OR v.revision > c.revision OR c.due_at <= coalesce($2::timestamptz, statement_timestamp()))
	ORDER BY v.id LIMIT $5`

var (
	selectCursors = `
		SELECT ` + record.Cursors.Names("c.") + ` FROM unnest($2::text[]) AS need (venue)
		CROSS JOIN LATERAL (SELECT ` + record.Cursors.Names("") + ` FROM outbox_cursors WHERE bus = $1 AND venue = need.venue OFFSET 0) c`

	// moveCursors writes those whose shard the holder, the parameter behind the clock and the database, has a valid lease of, and returns
	// the venues of the others. Whoever takes the lease over meanwhile goes on behind what is there, and a cursor never goes back, so
	// nothing need be locked: see [store.Cursor.MayFollow]. The columns are the parameters from the first, their shard the next.
	moveCursors = func() string {
		columns := append(parameters(record.Cursors.Columns), "shard bigint")
		at := func(n int) string { return "$" + strconv.Itoa(len(columns)+n) }
		return `
		WITH clock AS (
			SELECT coalesce(` + at(1) + `::timestamptz, statement_timestamp()) AS shows
			FROM identity WHERE one AND closed_by = '' AND id = ` + at(2) + `
		),
		need AS (SELECT ` + record.Cursors.Names("") + `, shard FROM ` + unnest(columns...) + `),
		mine AS (
			SELECT l.shard FROM clock CROSS JOIN outbox_holders h JOIN outbox_leases l ON l.bus = h.bus AND l.holder = h.holder
			WHERE h.bus = ` + at(3) + ` AND h.holder = ` + at(4) + ` AND h.expires_at > clock.shows
		),
		moved AS (
			INSERT INTO outbox_cursors AS c (` + record.Cursors.Names("") + `)
			SELECT ` + record.Cursors.Names("") + ` FROM need WHERE shard IN (SELECT shard FROM mine)
			ON CONFLICT (bus, venue) DO UPDATE SET (` + record.Names("", record.Cursors.Changing()) + `) = (` +
			record.Names("excluded.", record.Cursors.Changing()) + `) WHERE ` + record.CursorMayFollow + `
		)
		SELECT ARRAY(SELECT venue FROM need WHERE shard NOT IN (SELECT shard FROM mine)) FROM clock`
	}()

	// commitUnflushed has a commit wait neither for the disk nor for a standby. What is lost of it in a crash is sent again.
	commitUnflushed = `SET LOCAL synchronous_commit = off`
)

// Unsent lists venues of which something is to be sent; see [store.Relay].
func (s *Store) Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) (venues []booking.VenueID, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectUnsent, bus, s.clock(), string(c.epoch), string(after), max(limit, 0), string(booking.ProbeVenue))
		if err == nil {
			venues, err = pgx.CollectRows(rows, pgx.RowTo[booking.VenueID])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("venues with something to send: %w", classify(err))
	}
	return venues, nil
}

// Cursors reads cursors; see [store.Relay].
func (s *Store) Cursors(
	ctx context.Context, bus string, venues []booking.VenueID,
) (cursors map[booking.VenueID]store.Cursor, err error) {
	cursors = make(map[booking.VenueID]store.Cursor, len(venues))
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectCursors, bus, texts(venues))
		if err != nil {
			return err
		}
		return eachRow(rows, record.Cursors, func(r *record.CursorRow) error {
			cursors[r.Venue] = r.Cursor
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cursors of bus %s: %w", bus, classify(err))
	}
	return cursors, nil
}

// MoveCursors writes cursors; see [store.Relay].
func (s *Store) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) (lost []booking.VenueID, err error) {
	cursors, err = store.SortCursors(cursors) // rows are locked in one order
	if err != nil || len(cursors) == 0 {
		return nil, err
	}
	rows, shards := make([]*record.CursorRow, len(cursors)), make([]int64, len(cursors))
	for i, c := range cursors {
		rows[i], shards[i] = record.NewCursorRow(bus, c), int64(store.ShardOf(c.Venue))
	}
	err = s.useReserved(ctx, func(c *session) error {
		charged := false
		var b pgx.Batch
		b.Queue(beginWriting)
		b.Queue(commitUnflushed)
		args := append(arrays(record.Cursors, rows), shards, s.clock(), serverOf(c.conn).identity.ID, bus, holder)
		b.Queue(moveCursors, args...).Query(func(rows pgx.Rows) error {
			defer rows.Close()
			for rows.Next() {
				charged = true
				if err := rows.Scan(&lost); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		err := s.commitRelay(ctx, c, &b)
		if err == nil && !charged {
			err = errWrongDatabase
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("move the cursors of bus %s: %w", bus, classify(err))
	}
	return lost, nil
}
