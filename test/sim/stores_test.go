package sim

import (
	"context"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/store/storetest/memory"
)

// opener makes an empty database with a clock, and returns how to open a store on it, again and again.
type opener func(tb testing.TB, clock *manualClock) func(context.Context) (store.Store, error)

// harness is a kind of store.
type harness struct {
	name string
	open opener
	// several stores may be open on one database: each node has its own.
	several bool
	// commands is how many are run, and share the part of a thousand in a soak.
	commands, share int
}

var harnesses = []harness{
	{name: "memory", open: inMemory(false), several: true, commands: 4000, share: 490},
	{name: "optimistic memory", open: inMemory(true), several: true, commands: 3000, share: 490},
	{name: "sqlite", open: inSQLite, commands: 700, share: 8},
	{name: "optimistic postgres", open: inPostgres(postgres.Optimistic), several: true, commands: 300, share: 4},
	{name: "pessimistic postgres", open: inPostgres(postgres.Pessimistic), several: true, commands: 300, share: 4},
	{name: "adaptive postgres", open: inPostgres(postgres.Adaptive), several: true, commands: 300, share: 4},
}

func inMemory(optimistic bool) opener {
	return func(_ testing.TB, clock *manualClock) func(context.Context) (store.Store, error) {
		data := memory.NewData()
		return func(context.Context) (store.Store, error) {
			return memory.Open(memory.Config{Data: data, Now: clock.Now, Optimistic: optimistic}), nil
		}
	}
}

func inSQLite(tb testing.TB, clock *manualClock) func(context.Context) (store.Store, error) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "vacancy.db")
	return func(ctx context.Context) (store.Store, error) {
		return sqlite.Open(ctx, sqlite.Config{Path: path, Now: clock.Now})
	}
}

// inPostgres gives a schema a clock of its own: the function that tells the time is looked for there before it is looked for in the
// system's catalogue.
func inPostgres(mode postgres.LockingMode) opener {
	return func(tb testing.TB, clock *manualClock) func(context.Context) (store.Store, error) {
		tb.Helper()
		address, err := url.Parse(postgrestest.Shared(tb).Schema(tb))
		if err != nil {
			tb.Fatal(err)
		}
		query := address.Query()
		query.Set("search_path", query.Get("search_path")+",pg_catalog")
		address.RawQuery = query.Encode()
		hand := &clockHand{TB: tb, address: address.String()}
		// For a server that was started seconds ago it may be that nodes have left it. A node that starts waits then, and this clock stands.
		hand.execute(`SELECT pg_sleep(greatest(0, 6 - extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())))`)
		hand.execute(`CREATE TABLE clock (shows timestamptz)`)
		hand.execute(`INSERT INTO clock VALUES ($1)`, clock.Now())
		hand.execute(`CREATE FUNCTION statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT shows FROM clock'`)
		clock.moved = func(now time.Time) { hand.execute(`UPDATE clock SET shows = $1`, now) }
		return func(ctx context.Context) (store.Store, error) {
			return postgres.Open(ctx, postgres.Config{URL: hand.address, Locking: mode, Connections: 4})
		}
	}
}

// clockHand moves a database's clock.
type clockHand struct {
	testing.TB
	address string
}

func (h *clockHand) execute(statement string, args ...any) {
	h.Helper()
	ctx := context.WithoutCancel(h.Context())
	connection, err := pgx.Connect(ctx, h.address)
	if err != nil {
		h.Fatal(err)
	}
	_, err = connection.Exec(ctx, statement, args...)
	if closed := connection.Close(ctx); err != nil || closed != nil {
		h.Fatal(err, closed)
	}
}
