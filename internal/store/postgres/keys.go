package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const (
	upsertKey = `
		INSERT INTO keys (name, hash, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET (hash, created_at) = (excluded.hash, excluded.created_at)`

	selectKey = `SELECT name, created_at FROM keys WHERE hash = $1`

	selectAnyKey = `SELECT EXISTS (SELECT 1 FROM keys)`
)

// PutKey stores a management key in place of the one of its name.
func (s *Store) PutKey(ctx context.Context, key store.Key) error {
	err := s.useReserved(ctx, func(c *session) error {
		_, err := c.conn.Exec(ctx, upsertKey, key.Name, key.Hash[:], key.CreatedAt)
		return err
	})
	if err != nil {
		return fmt.Errorf("put key %q: %w", key.Name, classify(err))
	}
	return nil
}

// Key finds a management key by its hash.
func (s *Store) Key(ctx context.Context, hash [sha256.Size]byte) (store.Key, error) {
	key := store.Key{Hash: hash}
	err := s.use(ctx, func(c *session) error {
		return c.conn.QueryRow(ctx, selectKey, hash[:]).Scan(&key.Name, &key.CreatedAt)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return store.Key{}, booking.ErrNotFound
	}
	return key, classify(err)
}

// HasKeys tells whether any management key is stored.
func (s *Store) HasKeys(ctx context.Context) (has bool, err error) {
	err = s.use(ctx, func(c *session) error {
		return c.conn.QueryRow(ctx, selectAnyKey).Scan(&has)
	})
	return has, classify(err)
}
