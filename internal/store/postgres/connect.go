package postgres

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"vacancy/internal/booking"
)

// settings are those of every connection. They travel with the first message, so they cost nothing.
var settings = map[string]string{
	"application_name": "vacancy",
	"timezone":         "UTC",
	// No statement takes so long but one that hangs; the server says why it gives up.
	"statement_timeout": "9s",
	// A transaction holds its rows for milliseconds, or for a commit (4 s) that waits for a standby. Whoever waits longer is answered that
	// nothing was done, well within the time that its caller waits. It is shorter than the commit's, so that a row that somebody holds
	// is no commit in doubt.
	"lock_timeout": "3s",
	// Nobody is idle within a transaction for longer than a decision takes, unless the node is gone and holds rows that others want.
	"idle_in_transaction_session_timeout": "3s",
	// What the transactions rely on.
	"default_transaction_isolation": "read committed",
	// Every query has its index. Its one good plan is made once and kept, whatever the statistics say: those of a new database tell
	// the planner to read whole tables, and such a plan would stay while the tables grow. Only plain scans of an index also clear it of
	// the entries of rows that are gone, of which expired holds leave many. See the test of the plans.
	"plan_cache_mode":   "force_generic_plan",
	"enable_seqscan":    "off",
	"enable_bitmapscan": "off",
	"enable_hashjoin":   "off",
	"enable_mergejoin":  "off",
	"enable_material":   "off",
	"jit":               "off",
	// Starting workers takes longer than any of the queries.
	"max_parallel_workers_per_gather": "0",
}

// timeouts are the settings that would end long work.
var timeouts = []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}

// connector makes connections. It checks each server that it reaches.
type connector struct {
	config Config
	pool   *pgxpool.Config
	// validate is what the URL itself demands of a server.
	validate pgconn.ValidateConnectFunc
}

// errMode refuses to send a transaction as one text: its clock would be read when the text arrives, and not after the wait for the
// venue's row.
var errMode = errors.New("the database cannot be used with default_query_exec_mode=simple_protocol: the clock must be read after each " +
	"wait; leave it out, or say cache_describe")

// newConnector reads the URL. Its errors never show it: it is what cannot be taken apart into what is secret and what is not.
func newConnector(cfg Config) (*connector, error) {
	pool, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	if pool.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return nil, errMode
	}
	c := &connector{config: cfg, pool: pool, validate: pool.ConnConfig.ValidateConnect}
	pool.MaxConnLifetime, pool.MaxConnLifetimeJitter, pool.PingTimeout = connectionLife, connectionJitter, pingTimeout
	pool.AfterConnect = func(_ context.Context, conn *pgx.Conn) error { registerTypes(conn); return nil }
	conn := pool.ConnConfig
	conn.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error { return c.check(ctx, conn, true, cfg.ReadOnly) }
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectTimeout
	}
	// A server that vanished without a FIN is noticed while a statement is waited for.
	conn.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3,
	}}).DialContext
	own := maps.Clone(settings)
	maps.Copy(own, conn.RuntimeParams) // the operator's own go before ours
	if cfg.ReadOnly {
		own["default_transaction_read_only"] = "on"
	}
	conn.RuntimeParams = own
	return c, nil
}

// name is how messages call the database, without anything secret.
func (c *connector) name() string {
	conn := c.pool.ConnConfig
	host := conn.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(conn.Port)))
	}
	return conn.Database + " at " + host
}

// withoutTimeouts is the configuration of a connection on which nothing is ended for taking long, and of which a schema is not expected.
func (c *connector) withoutTimeouts() *pgx.ConnConfig {
	conn := c.pool.ConnConfig.Copy()
	conn.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		return c.check(ctx, conn, false, c.config.ReadOnly)
	}
	for _, name := range timeouts {
		conn.RuntimeParams[name] = "0"
	}
	return conn
}

// session is one connection, used by one goroutine at a time.
type session struct {
	conn *pgx.Conn
	// epoch is that of the database which the connection leads to.
	epoch booking.Epoch
}

// connect makes a connection beside the pools, which the caller closes. Nothing is ended on it for taking long.
func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	config := s.connector.withoutTimeouts()
	if s.monitor != nil {
		t := s.monitor.current.Load()
		if t == nil {
			return nil, s.monitor.refusal()
		}
		t.host.configure(config)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, classify(err)
	}
	registerTypes(conn)
	return conn, nil
}

// hangUp closes a connection. It tells the server, if that takes no time.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// mayBeWrongServer tells of errors of a connection that leads to a server which cannot serve, or to none.
func mayBeWrongServer(err error) bool {
	if errors.Is(err, errWrongDatabase) {
		return true
	}
	switch state := sqlState(err); state {
	case "":
		return lost(err)
	case readOnlyTransaction, "57P01", "57P02", "57P03", "57P04", "57P05":
		return true
	default:
		return state[:2] == "08"
	}
}

// parseURL takes only URLs: of those it is known where the password stands.
func parseURL(text string) (*pgxpool.Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errURL
	}
	if u.User == nil && strings.Contains(text, "@") { // a / ? or # of the password was taken for the end of the host
		return nil, errURL
	}
	config, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, explainURL(err, u)
	}
	if verified, ok := withVerifiedTLS(u, config); ok {
		if config, err = pgxpool.ParseConfig(verified); err != nil {
			return nil, explainURL(err, u)
		}
	}
	return config, nil
}
