package reference

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/bench/meter"
)

// ErrNotDurable refuses a server that may lose what it has committed: its figures would compare with nothing.
var ErrNotDurable = errors.New("the PostgreSQL server does not keep what it commits")

// Server is what is to be known of a PostgreSQL server.
type Server struct {
	// Version is as the server gives it: "15.14 (Debian 15.14-0+deb12u1)".
	Version string
	// PID is the server's first process, or 0 if it is not on this machine.
	PID int
}

// durability are the settings that a commit's survival rests on.
var durability = [...]string{"fsync", "synchronous_commit", "full_page_writes"}

// Inspect looks at the server of a database. It returns [ErrNotDurable] if one of fsync, synchronous_commit and full_page_writes is
// not on.
func Inspect(ctx context.Context, database string) (Server, error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return Server{}, err
	}
	defer closeConn(ctx, conn)
	for _, setting := range durability {
		var value string
		if err := conn.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return Server{}, fmt.Errorf("ask for %s: %w", setting, err)
		}
		if value != "on" {
			return Server{}, fmt.Errorf("%w: %s is %s", ErrNotDurable, setting, value)
		}
	}
	var s Server
	var backend int
	var local bool
	if err := conn.QueryRow(ctx, `
		SELECT current_setting('server_version'), pg_backend_pid(), coalesce(inet_server_addr() = inet_client_addr(), true)
	`).Scan(&s.Version, &backend, &local); err != nil {
		return Server{}, fmt.Errorf("ask for the version: %w", err)
	}
	if pid, err := meter.Parent(backend, "postgres"); err == nil && local {
		s.PID = pid
	}
	return s, nil
}

// CPU is what the server's processes have used so far, for a [meter.Meter]; nil if they are not on this machine.
func (s Server) CPU() func() (time.Duration, error) {
	if s.PID == 0 {
		return nil
	}
	return func() (time.Duration, error) { return meter.FamilyCPU(s.PID) }
}

// closeConn closes a connection whether or not the context has ended. Nothing can be done about its failure.
func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx)
}
