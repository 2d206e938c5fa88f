package reference

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Audit compares, after a run, what the tables hold with what was acknowledged and with what there is room for.
type Audit struct {
	// Bookings are the rows.
	Bookings int64 `json:"bookings"`
	// Lost counts the bookings that were acknowledged and have no row.
	Lost int64 `json:"lost"`
	// Oversold counts the places beyond capacity, over all slots.
	Oversold int64 `json:"oversold"`
	// Wrong counts the slots whose counter is not the number of their rows.
	Wrong int64 `json:"wrong_slots"`
}

const auditSlots = `
	SELECT coalesce(sum(rows), 0)::bigint, coalesce(sum(greatest(rows - capacity, 0)), 0)::bigint, count(*) FILTER (WHERE rows <> taken)
	FROM (
		SELECT s.capacity, s.taken, count(b.id) AS rows
		FROM slots s LEFT JOIN bookings b ON b.venue = s.venue AND b.start = s.start
		GROUP BY s.venue, s.start, s.capacity, s.taken
	) slots`

func audit(ctx context.Context, database string, acknowledged int64) (a Audit, err error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return a, err
	}
	defer closeConn(ctx, conn)
	err = conn.QueryRow(ctx, auditSlots).Scan(&a.Bookings, &a.Oversold, &a.Wrong)
	a.Lost = max(0, acknowledged-a.Bookings)
	return a, err
}

// verdict is an error if the audit found what must never be.
func (a Audit) verdict() error {
	if a.Oversold > 0 || a.Lost > 0 || a.Wrong > 0 {
		return fmt.Errorf("%w: %d places oversold, %d bookings lost, %d slots counted wrong", ErrBroken, a.Oversold, a.Lost, a.Wrong)
	}
	return nil
}
