package postgres

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// guard watches over the commit of a connection. Where a server replicates before it answers, the transaction is committed on the
// server itself already and COMMIT waits for the standbys. Whatever cancels the wait has everybody see what a failover would lose, and
// COMMIT succeed with a warning.
type guard struct {
	// committing is set from before the writes are sent until COMMIT has answered. It stays set on a connection that was given up
	// in between: the driver would have the server cancel what it works on.
	committing atomic.Bool
	// warning came while the commit was under way.
	warning *pgconn.Notice
}

// guardKey is where a connection keeps its guard.
const guardKey = "vacancy.guard"

var errUncancelled = errors.New("a commit that is under way is not cancelled")

// guarded gives a connection that is about to be made its guard.
func guarded(_ context.Context, config *pgx.ConnConfig) error {
	g := &guard{}
	dial, validate := config.DialFunc, config.ValidateConnect
	// The request to cancel goes over a connection of its own, to which the driver comes by the same function.
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if g.committing.Load() {
			return nil, errUncancelled
		}
		return dial(ctx, network, address)
	}
	config.OnNotice = g.notice
	config.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		conn.CustomData()[guardKey] = g
		return validate(ctx, conn)
	}
	return nil
}

func guardOf(conn *pgx.Conn) *guard {
	g, _ := conn.PgConn().CustomData()[guardKey].(*guard)
	return g
}

func (g *guard) begin() {
	g.warning = nil
	g.committing.Store(true)
}

// end tells whether COMMIT was answered without a warning.
func (g *guard) end() error {
	g.committing.Store(false)
	if g.warning != nil {
		return (*pgconn.PgError)(g.warning)
	}
	return nil
}

// notice keeps a warning. Those of replication have no code but that of all warnings, and their text may be in any language; nothing
// else warns of a commit, and doubt about one that is certain costs no more than a look.
func (g *guard) notice(_ *pgconn.PgConn, notice *pgconn.Notice) {
	if g.committing.Load() && (notice.Code == plainWarning || notice.Code == adminShutdown) {
		g.warning = notice
	}
}
