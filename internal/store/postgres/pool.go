package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"vacancy/internal/store"
)

var errCrowded = fmt.Errorf("%w: too many wait for a connection to it", store.ErrUnavailable)

// pool hands out connections, to those who wait in the order in which they came.
type pool struct {
	*pgxpool.Pool
	waiting atomic.Int64
}

// openPools divides the connections: those for looking, and those reserved for what must not wait for whoever looks.
func (c *connector) openPools(ctx context.Context) (readers, reserved *pool, err error) {
	total := int32(min(max(c.config.Connections, 2), 10_000))
	reservedSize := min(maxReserved, total/2)
	if readers, err = c.openPool(ctx, total-reservedSize); err != nil {
		return nil, nil, err
	}
	if reserved, err = c.openPool(ctx, reservedSize); err != nil {
		readers.Close()
		return nil, nil, err
	}
	return readers, reserved, nil
}

func (c *connector) openPool(ctx context.Context, size int32) (*pool, error) {
	config := c.pool.Copy()
	config.MaxConns = size
	opened, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &pool{Pool: opened}, nil
}

func (p *pool) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	// All but those who get one at once are waiting.
	if p.waiting.Add(1) > maxWaiting+int64(p.Config().MaxConns) {
		p.waiting.Add(-1)
		return nil, errCrowded
	}
	defer p.waiting.Add(-1)
	return p.Acquire(ctx)
}

// use runs f on a connection for looking. Errors of f are returned as they are. The connection is not used again if it was closed or
// is left within a transaction.
func (s *Store) use(ctx context.Context, f func(*session) error) error {
	return s.useOf(ctx, s.readers, f)
}

// useReserved is use for writing, and for the small looks that writing and every reader's picture rest on.
func (s *Store) useReserved(ctx context.Context, f func(*session) error) error {
	return s.useOf(ctx, s.reserved, f)
}

func (s *Store) useOf(ctx context.Context, p *pool, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := p.acquire(ctx)
	switch {
	case err == nil:
	case s.closed.Load():
		return errClosed
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return classify(err)
	}
	defer conn.Release()
	err = f(&session{conn: conn.Conn(), epoch: epochOf(conn.Conn())})
	s.resetAfter(err)
	return err
}

// resetAfter is told every error of the database. After those that mean that another server may be the right one now, the connections of
// the pools are given up, so that new ones are made to whoever that is.
func (s *Store) resetAfter(err error) {
	if err == nil || !mayBeWrongServer(err) {
		return
	}
	s.resets.Lock()
	defer s.resets.Unlock()
	if time.Since(s.reset) < resetPause {
		return
	}
	s.reset = time.Now()
	s.readers.Reset()
	s.reserved.Reset()
	s.config.Log.Warn("the connections to the database are made anew", "error", err)
}
