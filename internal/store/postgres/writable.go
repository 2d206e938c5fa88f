package postgres

import (
	"context"
	"time"
)

// Writable tells whether the last heartbeat was committed: whether the database can be written to, as far as is known. It asks nobody.
func (s *Store) Writable() bool {
	t := s.monitor.current.Load()
	return t != nil && t.writes && !s.node.failing.Load()
}

// AsOf is when what can be read now was known to be all that there is: the last heartbeat in it.
func (s *Store) AsOf(ctx context.Context) (asOf time.Time, err error) {
	err = s.use(ctx, func(c *session) error {
		return c.conn.QueryRow(ctx, `SELECT coalesce((SELECT max(seen_at) FROM nodes), 'epoch')`).Scan(&asOf)
	})
	return asOf, classify(err)
}

// note remembers how a heartbeat went, and says so when that changes.
func (n *node) note(err error) error {
	if n.ctx.Err() != nil {
		return err // we are stopping; that says nothing of the database
	}
	if failing := err != nil; n.failing.Swap(failing) != failing {
		if failing {
			n.store.config.Log.Error("the database cannot be written to", "error", err)
		} else {
			n.store.config.Log.Info("the database can be written to again")
		}
	}
	return err
}
