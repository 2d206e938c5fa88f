package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
)

// selectNow is the store's clock: $1 is [Store.clock].
const selectNow = `SELECT coalesce($1::timestamptz, statement_timestamp())`

// clock is a parameter for coalesce($n::timestamptz, statement_timestamp()), which is the store's clock in a statement. It is NULL
// but in tests. statement_timestamp() is the same throughout a statement, so that an index can be searched with it.
func (s *Store) clock() any {
	if s.config.clock == nil {
		return nil
	}
	return s.config.clock().Truncate(time.Microsecond)
}

// registerTypes has instants come back in UTC.
func registerTypes(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// bounds are those of [from, to), of which a zero time is none.
func bounds(from, to time.Time) (low, high pgtype.Timestamptz) {
	low = pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	high = pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
	if !from.IsZero() {
		low = pgtype.Timestamptz{Time: from, Valid: true}
	}
	if !to.IsZero() {
		high = pgtype.Timestamptz{Time: to, Valid: true}
	}
	return low, high
}

// maxRevision is the largest that a bigint holds. A caller may know a revision beyond all that exist.
const maxRevision booking.Revision = 1<<63 - 1

// texts are ids as a text[] parameter, never NULL.
func texts[T ~string](ids []T) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}
