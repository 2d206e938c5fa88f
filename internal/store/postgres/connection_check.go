package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
)

// leastVersion is the oldest server that is used, as the server itself writes it.
const leastVersion = 140000

// What a new connection asks of its server. Each question is a transaction of its own, so that one which fails leaves the others
// alone; all travel together.
const (
	askSettings = `SELECT current_setting('server_version'), current_setting('server_version_num'),
		coalesce(current_setting('fsync', true), ''), coalesce(current_setting('full_page_writes', true), ''),
		coalesce(current_setting('synchronous_commit', true), ''), coalesce(current_setting('synchronous_standby_names', true), '')`
	// askPin has the session keep the setting that was judged: one that is changed on the server later counts for new connections.
	askPin      = `SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false)`
	askRecovery = `SELECT pg_is_in_recovery()`
	askCluster  = `SELECT system_identifier FROM pg_control_system()`
	askTimeline = `SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`
)

// server is what a connection found at its other end.
type server struct {
	version, fsync, fullPageWrites, synchronousCommit string
	// standbys are the synchronous standbys that the server was told to wait for when the connection was made; "" is none.
	standbys string

	// host is the one that the connection leads to, identity what its database says it is, and place where it writes its history.
	host     string
	identity failover.Identity
	place    failover.Place
	epoch    booking.Epoch
}

// serverKey is where a connection keeps its server.
const serverKey = "vacancy.server"

func serverOf(conn *pgx.Conn) server {
	found, _ := conn.PgConn().CustomData()[serverKey].(server)
	return found
}

func epochOf(conn *pgx.Conn) booking.Epoch { return serverOf(conn).epoch }

// unfitError says why a server that answers cannot be used.
type unfitError struct{ reason string }

func (e *unfitError) Error() string { return e.reason }

// check refuses a server that does not keep what is committed, and one in recovery: a standby cannot be written to, may lag, and is
// of the next epoch once it is promoted, which a connection made before would not notice. For looking only, both will do.
//
// prepared tells whether the schema must be there. The identity is known then.
func (c *connector) check(ctx context.Context, conn *pgconn.PgConn, prepared, look bool) error {
	if c.validate != nil {
		if err := c.validate(ctx, conn); err != nil {
			return err
		}
	}
	questions := []string{askSettings, askRecovery, askCluster, askTimeline, askPin}
	if prepared {
		questions = append(questions, askIdentity)
	}
	answers, err := ask(ctx, conn, questions)
	if err != nil {
		return err
	}
	if err := answers[4].unless(); err != nil {
		return err
	}
	found, err := c.judgeFor(look, answers[0], answers[1])
	if err != nil {
		return err
	}
	if found.place, err = placeOf(answers[2], answers[3]); err != nil {
		return err
	}
	if prepared {
		if found.identity, found.place.Table, err = identityOf(answers[5]); err != nil {
			return err
		}
		// Who only looks is there to find what is missing.
		if found.epoch, err = epochFrom(found.identity); err != nil && !c.config.ReadOnly {
			return err
		}
	}
	conn.CustomData()[serverKey] = found
	return nil
}

// judge says whether a server can be written to.
func (c *connector) judge(settings, recovery answer) (server, error) {
	return c.judgeFor(c.config.ReadOnly, settings, recovery)
}

func (c *connector) judgeFor(look bool, settings, recovery answer) (server, error) {
	if err := errors.Join(settings.err, recovery.unless()); err != nil {
		return server{}, err
	}
	values := settings.values
	found := server{version: values[0], fsync: values[2], fullPageWrites: values[3], synchronousCommit: values[4], standbys: values[5]}
	if version, err := strconv.Atoi(values[1]); err != nil || version < leastVersion {
		return found, &unfitError{fmt.Sprintf("its server is PostgreSQL %s; 14 or newer is needed", found.version)}
	}
	if look {
		return found, nil
	}
	if slices.Equal(recovery.values, []string{"t"}) {
		return found, errStandby
	}
	// A setting that a server of another make does not have is "".
	for _, s := range [...]struct{ name, value, loss string }{
		{"fsync", found.fsync, "a crash of the machine could destroy the database"},
		{"full_page_writes", found.fullPageWrites, "a crash of the machine could destroy the database"},
		{"synchronous_commit", found.synchronousCommit, "bookings that were confirmed could be gone after a crash"},
	} {
		if s.value == "off" {
			return found, &unfitError{fmt.Sprintf("its server has %s = off: %s. Turn it on", s.name, s.loss)}
		}
	}
	return found, found.checkReplicates(found.standbys != "")
}

// checkReplicates refuses a connection whose commits would not wait until a standby keeps them, where the server has standbys to wait for.
func (s server) checkReplicates(standbys bool) error {
	if !standbys {
		return nil
	}
	switch s.synchronousCommit {
	case "local", "remote_write", "off":
		return &unfitError{fmt.Sprintf("its server has synchronous_standby_names set and synchronous_commit = %s: bookings that were "+
			"confirmed could be gone after a failover. Set synchronous_commit to on or remote_apply, or name no standbys", s.synchronousCommit)}
	}
	return nil
}

// answer is the first row of a question's answer as text, nil if there is none, or its error.
type answer struct {
	values []string
	err    error
}

// unless is the answer's error, but for those of a server that does not have what was asked for or does not show it.
func (a answer) unless(states ...string) error {
	for _, state := range append(states, undefinedFunction, insufficientPrivilege, featureNotSupported) {
		if sqlState(a.err) == state {
			return nil
		}
	}
	return a.err
}

// ask puts questions to the server in one round trip. Its error is that of the connection.
func ask(ctx context.Context, conn *pgconn.PgConn, questions []string) ([]answer, error) {
	pipeline := conn.StartPipeline(ctx)
	for _, text := range questions {
		pipeline.SendQueryParams(text, nil, nil, nil, nil)
		pipeline.SendPipelineSync()
	}
	if err := pipeline.Flush(); err != nil {
		return nil, errors.Join(err, pipeline.Close())
	}
	answers := make([]answer, len(questions))
	for i := 0; i < len(answers); {
		result, err := pipeline.GetResults()
		switch result := result.(type) {
		case *pgconn.ResultReader:
			answers[i] = read(result)
		case *pgconn.PipelineSync:
			i++
		default:
			if sqlState(err) == "" {
				return nil, errors.Join(err, pipeline.Close())
			}
			answers[i].err = err
		}
	}
	return answers, pipeline.Close()
}

func read(rows *pgconn.ResultReader) (a answer) {
	for rows.NextRow() {
		if a.values == nil {
			for _, value := range rows.Values() {
				a.values = append(a.values, string(value))
			}
		}
	}
	_, a.err = rows.Close()
	return a
}
