package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

const (
	upsertKey = `
		INSERT INTO keys (name, hash, created_at) VALUES (?1, ?2, ?3)
		ON CONFLICT (name) DO UPDATE SET (hash, created_at) = (excluded.hash, excluded.created_at)`

	selectKey = `SELECT name, created_at FROM keys WHERE hash = ?1`

	selectAnyKey = `SELECT 1 FROM keys LIMIT 1`
)

// PutKey stores a management key in place of the one of its name.
func (s *Store) PutKey(ctx context.Context, key store.Key) error {
	return s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		if _, err := c.exec(ctx, upsertKey, key.Name, key.Hash[:], record.Micros(key.CreatedAt)); err != nil {
			return false, fmt.Errorf("put key %q: %w", key.Name, classify(err))
		}
		return true, nil
	})
}

// Key finds a management key by its hash.
func (s *Store) Key(ctx context.Context, hash [sha256.Size]byte) (key store.Key, err error) {
	found := false
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var created int64
			err := rows.Scan(&key.Name, &created)
			key.Hash, key.CreatedAt, found = hash, record.Instant(created), true
			return err
		}, selectKey, hash[:])
	})
	if err == nil && !found {
		err = booking.ErrNotFound
	}
	return key, err
}

// HasKeys tells whether any management key is stored.
func (s *Store) HasKeys(ctx context.Context) (has bool, err error) {
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(*sql.Rows) error { has = true; return nil }, selectAnyKey)
	})
	return has, err
}
