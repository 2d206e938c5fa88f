package postgres

import (
	"context"
	"fmt"

	"vacancy/internal/booking"
)

// Answers that another node deletes at the same time are left to it.
const deleteAnswers = `
	DELETE FROM answers WHERE ctid = ANY (ARRAY (
		SELECT ctid FROM answers
		WHERE created_at < coalesce($1::timestamptz, statement_timestamp()) - $2::interval
		ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED))`

// SweepAnswers deletes answers that are past their lifetime, the oldest first.
func (s *Store) SweepAnswers(ctx context.Context, limit int) (deleted int, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		tag, err := c.conn.Exec(ctx, deleteAnswers, s.clock(), booking.AnswerLifetime, max(limit, 0))
		deleted = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete old answers: %w", classify(err))
	}
	return deleted, nil
}
