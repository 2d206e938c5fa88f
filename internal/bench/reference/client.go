package reference

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// tables are those of a small application. The room left in the pages of slots keeps their updates cheap.
const tables = `
	CREATE TABLE slots (
		venue    text        NOT NULL,
		start    timestamptz NOT NULL,
		capacity integer     NOT NULL,
		taken    integer     NOT NULL,
		PRIMARY KEY (venue, start)
	) WITH (fillfactor = 50);
	CREATE TABLE bookings (
		id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		venue          text        NOT NULL,
		start          timestamptz NOT NULL,
		party_size     integer     NOT NULL,
		customer_name  text        NOT NULL,
		customer_email text        NOT NULL,
		created_at     timestamptz NOT NULL DEFAULT now()
	)`

// The statements of a booking. The driver prepares each at its first use on a connection.
const (
	lockSlot       = `SELECT capacity, taken FROM slots WHERE venue = $1 AND start = $2 FOR UPDATE`
	insertBooking  = `INSERT INTO bookings (venue, start, party_size, customer_name, customer_email) VALUES ($1, $2, $3, $4, $5)`
	incrementTaken = `UPDATE slots SET taken = taken + 1 WHERE venue = $1 AND start = $2`
)

// client books on a connection of its own.
type client struct{ conn *pgx.Conn }

// connect makes clients whose connections work until a time.
func connect(ctx context.Context, database string, n int, deadline time.Time) ([]client, error) {
	clients := make([]client, 0, n)
	for range n {
		conn, err := pgx.Connect(ctx, database)
		if err == nil {
			clients = append(clients, client{conn})
			err = conn.PgConn().Conn().SetDeadline(deadline)
		}
		if err != nil {
			for _, c := range clients {
				closeConn(ctx, c.conn)
			}
			return nil, fmt.Errorf("connect client %d: %w", len(clients), err)
		}
	}
	return clients, nil
}

// book makes one booking, and tells whether there was room. It runs without a context, which the driver would have to watch during
// each statement; the connection's deadline ends it.
func (c client) book(s slot) (booked bool, err error) {
	ctx := context.Background()
	if _, err := c.conn.Exec(ctx, "BEGIN"); err != nil {
		return false, err
	}
	var capacity, taken int
	if err := c.conn.QueryRow(ctx, lockSlot, s.venue, s.start).Scan(&capacity, &taken); err != nil {
		return false, err
	}
	if taken >= capacity {
		_, err := c.conn.Exec(ctx, "ROLLBACK")
		return false, err
	}
	if _, err := c.conn.Exec(ctx, insertBooking, s.venue, s.start, 1, "Bench", "bench@example.com"); err != nil {
		return false, err
	}
	if _, err := c.conn.Exec(ctx, incrementTaken, s.venue, s.start); err != nil {
		return false, err
	}
	done, err := c.conn.Exec(ctx, "COMMIT")
	if err == nil && done.String() != "COMMIT" {
		err = errors.New("the transaction was rolled back")
	}
	return err == nil, err
}
