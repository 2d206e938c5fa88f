package postgres

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
func (s *Store) openPools(ctx context.Context) (err error) {
	total := int32(min(max(s.config.Connections, 2), 10_000))
	reservedSize := min(maxReserved, total/2)
	if s.readers, err = s.openPool(ctx, total-reservedSize); err != nil {
		return err
	}
	if s.reserved, err = s.openPool(ctx, reservedSize); err != nil {
		s.readers.Close()
	}
	return err
}

func (s *Store) openPool(ctx context.Context, size int32) (*pool, error) {
	config := s.connector.pool.Copy()
	config.MaxConns = size
	config.BeforeConnect = guarded
	if s.monitor != nil {
		config.BeforeConnect = s.directConnection
		config.PrepareConn = func(_ context.Context, conn *pgx.Conn) (bool, error) { return s.monitor.fits(conn), nil }
	}
	opened, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &pool{Pool: opened}, nil
}

// directConnection sets the host of a connection that is about to be made to the one that the monitor says, and has it refused if that is
// another database by then.
func (s *Store) directConnection(ctx context.Context, config *pgx.ConnConfig) error {
	t := s.monitor.current.Load()
	if t == nil {
		return errNowhere
	}
	t.host.configure(config)
	config.DialFunc = untilLeft(config.DialFunc, t)
	config.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		if err := s.connector.check(ctx, conn, true, !t.writes); err != nil {
			return err
		}
		found, _ := conn.CustomData()[serverKey].(server)
		found.host = t.host.name
		conn.CustomData()[serverKey] = found
		if found.identity.ID != t.identity.ID || t.writes && !found.identity.Home(found.place) {
			s.monitor.doubt()
			return errWrongDatabase
		}
		return nil
	}
	return guarded(ctx, config)
}

// untilLeft has a connection given up while it is being made, as soon as connections are made elsewhere: who waits for it would wait for a
// server that may hang. The context of the dial ends when the connection is made, or is not.
func untilLeft(dial pgconn.DialFunc, t *target) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		dialling, cancel := context.WithCancel(ctx)
		defer cancel()
		detach := context.AfterFunc(t.ctx, cancel)
		defer detach()
		conn, err := dial(dialling, network, address)
		if err == nil {
			detach := context.AfterFunc(t.ctx, func() { _ = conn.Close() })
			context.AfterFunc(ctx, func() { detach() })
		}
		return conn, err
	}
}

// errNowhere: no host has been found yet.
var errNowhere = fmt.Errorf("%w: no database has been found yet", store.ErrUnavailable)

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

// useReserved is use for writing, and for the small looks that writing and every reader's picture rest on. It fails while this node may
// not write.
func (s *Store) useReserved(ctx context.Context, f func(*session) error) error {
	if s.monitor != nil && !s.closed.Load() {
		if err := s.monitor.ready(ctx); err != nil {
			return err
		}
	}
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
	leads, detach := s.cutWhenLeft(conn.Conn(), p == s.reserved)
	defer detach()
	err = f(&session{conn: conn.Conn(), epoch: epochOf(conn.Conn())})
	if leads() { // what became of one that was left says nothing of its successor
		s.resetAfter(err)
	}
	return err
}

// cutWhenLeft has a connection that is in use cut when connections are made elsewhere: the server that it leads to may hang, and what is
// written there does not count. What only reads goes on if the host is the same. leads tells whether the connection still leads to where
// connections are made.
func (s *Store) cutWhenLeft(conn *pgx.Conn, writes bool) (leads func() bool, detach func()) {
	if s.monitor == nil {
		return func() bool { return true }, func() {}
	}
	t, socket := s.monitor.current.Load(), conn.PgConn().Conn()
	if writes && !t.fits(conn) || serverOf(conn).host != t.host.name { // they are made elsewhere since it was acquired
		_ = socket.Close()
		return func() bool { return false }, func() {}
	}
	stop := context.AfterFunc(t.ctx, func() {
		if s.monitor.ctx.Err() == nil && (writes || s.monitor.current.Load().host != t.host) {
			_ = socket.Close()
		}
	})
	return func() bool { return t.ctx.Err() == nil }, func() { stop() }
}

// resetAfter is told every error of the database. After those that mean that another server may be the right one now, the connections of
// the pools are given up, so that new ones are made to whoever that is.
func (s *Store) resetAfter(err error) {
	if err == nil || !mayBeWrongServer(err) {
		return
	}
	if s.monitor != nil {
		s.monitor.doubt()
	}
	s.resets.Lock()
	defer s.resets.Unlock()
	if time.Since(s.reset) < resetPause {
		return
	}
	s.reset = time.Now()
	s.resetPools()
	s.config.Log.Warn("the connections to the database are made anew", "error", err)
}

// resetPools gives up all connections: those that are in use are not used again.
func (s *Store) resetPools() {
	if s.readers != nil && s.reserved != nil {
		s.readers.Reset()
		s.reserved.Reset()
	}
}
