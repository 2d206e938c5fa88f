package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store/record"
)

const (
	selectOldKeys = `
		SELECT first, length(keys) / 16 FROM answer_keys INDEXED BY answer_keys_by_age
		WHERE created_at < ?1 ORDER BY created_at LIMIT ?2`

	selectTogether = `SELECT id, venue, key, created_at FROM answers WHERE id BETWEEN ?1 AND ?2`

	deleteKeys   = `DELETE FROM answer_keys WHERE first = ?1`
	updateOldest = `UPDATE answer_keys SET created_at = ?2 WHERE first = ?1`
)

// SweepAnswers deletes answers that are past their lifetime.
func (s *Store) SweepAnswers(ctx context.Context, limit int) (deleted int, err error) {
	before := s.now().Add(-booking.AnswerLifetime)
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		deleted, err = s.writer.answers.sweep(ctx, c, before, max(limit, 0))
		if err != nil {
			return false, fmt.Errorf("delete old answers: %w", classify(err))
		}
		return deleted > 0, nil
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// sweep deletes answers that were created before, those first that were given with the oldest.
func (x *answerIndex) sweep(ctx context.Context, c *connection, before time.Time, limit int) (deleted int, err error) {
	for deleted < limit {
		var groups [][2]int64 // the first id of each, and how many there were
		err := c.each(ctx, func(rows *sql.Rows) error {
			var g [2]int64
			err := rows.Scan(&g[0], &g[1])
			groups = append(groups, g)
			return err
		}, selectOldKeys, record.Micros(before), limit-deleted)
		if err != nil || len(groups) == 0 {
			return deleted, err
		}
		for _, g := range groups {
			n, err := x.sweepGroup(ctx, c, g[0], g[0]+g[1]-1, record.Micros(before), limit-deleted)
			if err != nil {
				return deleted, err
			}
			if deleted += n; deleted == limit {
				break
			}
		}
	}
	return deleted, nil
}

// sweepGroup sweeps answers that were given together. Afterwards the group is gone, or none of it is old, or the limit is reached.
func (x *answerIndex) sweepGroup(ctx context.Context, c *connection, first, last, before int64, limit int) (int, error) {
	var old []answerID
	var oldest int64 // of those that stay
	stay := 0
	err := c.each(ctx, func(rows *sql.Rows) error {
		var a answerID
		var key []byte
		var created int64
		if err := rows.Scan(&a.id, &a.venue, &key, &created); err != nil {
			return err
		}
		if created < before && len(old) < limit {
			a.start = keyStart(key[:len(keyStart{})])
			old = append(old, a)
			return nil
		}
		if stay++; stay == 1 || created < oldest {
			oldest = created
		}
		return nil
	}, selectTogether, first, last)
	if err != nil {
		return 0, err
	}
	for _, a := range old {
		if err := c.dropAnswer(ctx, a.id); err != nil {
			return 0, err
		}
		if x.ids[a.venue][a.start] == a.id {
			x.set(answerID{a.venue, a.start, 0})
		}
	}
	if stay == 0 {
		_, err = c.exec(ctx, deleteKeys, first)
	} else {
		_, err = c.exec(ctx, updateOldest, first, oldest)
	}
	return len(old), err
}
