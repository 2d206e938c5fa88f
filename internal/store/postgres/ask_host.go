package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/failover"
)

const (
	// askBeats lists the heartbeats, in one text so that they are one row: a node that was not seen for a day is not thought of any more.
	askBeats = `SELECT coalesce(string_agg(id || ' ' || beats || ' ' || extract(epoch FROM seen_at)::text, ','), '') FROM nodes
		WHERE seen_at > statement_timestamp() - interval '1 day'`
	askClock = `SELECT extract(epoch FROM statement_timestamp())::text,
		coalesce(current_setting('transaction_read_only', true), 'off')`
	askUp = `SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::text,
		extract(epoch FROM pg_postmaster_start_time())::text`
)

var probeQuestions = []string{askSettings, askRecovery, askCluster, askTimeline, askIdentity, askBeats, askClock, askUp}

// prober asks one host what it is, on a connection of its own.
type prober struct {
	host      *host
	connector *connector
	conn      *pgconn.PgConn
	made      time.Time // when conn was; zero: another is to be made
}

// probed is what came of it.
type probed struct {
	failover.Observation
	// err is why the host cannot be used.
	err error
}

// probe asks the host. What cannot be told in time is told as unreachable.
func (p *prober) probe(ctx context.Context) probed {
	ctx, cancel := context.WithTimeout(ctx, p.connector.config.askTimeout)
	defer cancel()
	found, err := p.ask(ctx)
	if err != nil && p.conn != nil {
		p.hangUp()
	}
	found.Host, found.err = p.host.name, err
	if err != nil {
		found.State, found.Reason = stateOf(err), p.connector.reason(err)
		if found.Reason == "" {
			found.Reason = err.Error()
		}
	}
	return found
}

func (p *prober) ask(ctx context.Context) (found probed, err error) {
	if err := p.connect(ctx); err != nil {
		return found, err
	}
	answers, err := ask(ctx, p.conn, probeQuestions)
	if err != nil {
		return found, err
	}
	return p.connector.observe(answers)
}

// connect makes a connection if there is none, or it is old: a name may lead to another server by now. A server that takes no more of them
// is asked on the one that there is.
func (p *prober) connect(ctx context.Context) error {
	works := p.conn != nil && !p.conn.IsClosed()
	if works && time.Since(p.made) < askLife {
		return nil
	}
	if works {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.connector.config.askTimeout/2)
		defer cancel()
	}
	p.made = time.Now()
	conn, err := pgconn.ConnectConfig(ctx, p.connector.probing(p.host))
	if err != nil {
		if !works {
			p.conn = nil
			return err
		}
		return nil
	}
	if works {
		p.hangUp()
	}
	p.conn = conn
	return nil
}

func (p *prober) hangUp() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackTimeout)
	defer cancel()
	_ = p.conn.Close(ctx)
	p.conn = nil
}

// observe makes an observation of the answers to [probeQuestions].
func (c *connector) observe(answers []answer) (found probed, err error) {
	if _, err := c.judge(answers[0], answer{}); err != nil {
		return found, err
	}
	if err := errors.Join(answers[1].unless(), answers[5].unless(undefinedTable, noSchema), answers[6].err, answers[7].unless()); err != nil {
		return found, err
	}
	if found.Place, err = placeOf(answers[2], answers[3]); err != nil {
		return found, err
	}
	if found.Identity, found.Place.Table, err = identityOf(answers[4]); err != nil {
		return found, err
	}
	found.Beats = parseBeats(answers[5].values)
	found.Now = parseInstant(answers[6].values[0])
	if up := answers[7].values; len(up) == 2 {
		found.Up, found.Started = time.Duration(parseSeconds(up[0])*float64(time.Second)), parseInstant(up[1])
	}
	found.Synchronous = answers[0].values[5] != ""
	switch {
	case len(answers[1].values) == 1 && answers[1].values[0] == "t":
		found.State = failover.Standby
	case answers[6].values[1] == "on":
		found.State = failover.ReadOnly
	default:
		found.State = failover.Writable
	}
	return found, nil
}

func parseSeconds(text string) float64 {
	seconds, _ := strconv.ParseFloat(text, 64) // the server's own number
	return seconds
}

func parseInstant(text string) time.Time {
	return time.UnixMicro(int64(parseSeconds(text) * 1e6)).UTC()
}

// parseBeats reads the answer to [askBeats].
func parseBeats(values []string) map[string]failover.Beat {
	beats := make(map[string]failover.Beat)
	if len(values) == 0 {
		return beats
	}
	for _, row := range strings.FieldsFunc(values[0], func(r rune) bool { return r == ',' }) {
		parts := strings.Fields(row)
		if len(parts) != 3 {
			continue
		}
		if count, err := strconv.ParseInt(parts[1], 10, 64); err == nil {
			beats[parts[0]] = failover.Beat{Count: count, Seen: parseInstant(parts[2])}
		}
	}
	return beats
}

// stateOf is what a host is that could not be asked.
func stateOf(err error) failover.State {
	if _, unfit := errors.AsType[*unfitError](err); unfit {
		return failover.Unfit
	}
	switch state := sqlState(err); {
	case state == "":
		return failover.Unreachable
	case state[:2] == "28", state == noDatabase, state == insufficientPrivilege:
		return failover.AuthRefused
	}
	return failover.Unreachable
}

// probing is the configuration of the connection that asks a host what it is. The server judges itself by what it answers.
func (c *connector) probing(h *host) *pgconn.Config {
	config := c.pool.ConnConfig.Copy()
	h.configure(config)
	config.ConnectTimeout, config.ValidateConnect = c.config.askTimeout, nil
	config.RuntimeParams["statement_timeout"] = strconv.Itoa(int(c.config.askTimeout.Milliseconds()))
	return &config.Config
}

// single is the configuration of a connection to one host for changes of its identity.
func (c *connector) single(h *host) *pgx.ConnConfig {
	config := c.withoutTimeouts()
	h.configure(config)
	config.ConnectTimeout, config.ValidateConnect = c.config.askTimeout, nil
	config.RuntimeParams["lock_timeout"] = "1s"
	config.RuntimeParams["default_transaction_read_only"] = "off" // what was made read-only is closed, too
	return config
}

// probeAll asks all hosts at once.
func probeAll(ctx context.Context, probers []*prober) []probed {
	all := make([]probed, len(probers))
	var asking sync.WaitGroup
	for i, p := range probers {
		asking.Go(func() { all[i] = p.probe(ctx) })
	}
	asking.Wait()
	return all
}
