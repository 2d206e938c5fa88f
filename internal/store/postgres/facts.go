package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// FactCollector looks at all hosts of a URL for `vacancy doctor`. It changes nothing, and waits for each host for three seconds at most.
type FactCollector struct {
	// Config says where the database is; of the rest, StateFile counts.
	Config Config
}

var _ facts.Collector = FactCollector{}

// Collect asks all hosts at once. Its error says that none of them told what it is.
func (f FactCollector) Collect(ctx context.Context, into *facts.Facts) error {
	cfg := f.Config
	cfg.askTimeout, cfg.Level = cmp.Or(cfg.askTimeout, factTimeout), cmp.Or(cfg.Level, booking.CurrentLevel)
	c, err := newCommand(cfg)
	if err != nil {
		return err
	}
	hosts := hostsOf(c.pool.ConnConfig)
	found := &facts.Postgres{
		Hosts: make([]facts.Host, len(hosts)), Unverified: unverified(c.pool.ConnConfig), User: c.pool.ConnConfig.User,
		StateFile: stateFileFacts(cfg.StateFile), HeartbeatInterval: heartbeatInterval, LiveFor: liveFor,
	}
	into.Postgres = found
	looks := make([]databaseFacts, len(hosts))
	var asking sync.WaitGroup
	for i := range hosts {
		asking.Go(func() { found.Hosts[i], looks[i] = c.look(ctx, &hosts[i]) })
	}
	asking.Wait()
	var reasons []string
	seen := failover.Unreachable
	for i := range found.Hosts {
		h := &found.Hosts[i]
		if h.State < failover.Standby {
			reasons = append(reasons, h.Host+": "+h.Reason)
		} else if h.State > seen { // one that can be written to has the last word on what is in the database
			seen, into.HasKey, into.Schema, into.OutboxPause = h.State, looks[i].hasKey, looks[i].schema, looks[i].outboxPause
		}
	}
	if seen == failover.Unreachable {
		return fmt.Errorf("the database %s cannot be looked at: %s", c.name(), strings.Join(reasons, "; "))
	}
	return nil
}

// databaseFacts are what is known of the database of a host.
type databaseFacts struct {
	hasKey      *bool
	schema      *facts.Schema
	outboxPause *facts.OutboxPause
}

// look asks one host. What cannot be told in time is told as unreachable.
func (c *connector) look(ctx context.Context, h *host) (found facts.Host, of databaseFacts) {
	ctx, cancel := context.WithTimeout(ctx, c.config.askTimeout)
	defer cancel()
	var resolving sync.WaitGroup
	defer resolving.Wait()
	var addresses []string
	resolving.Go(func() { addresses = resolveHost(ctx, h) })
	found, of, err := c.askFacts(ctx, h)
	found.Host = h.name
	if err != nil {
		found.State, found.Reason = stateOf(err), cmp.Or(c.reason(err), err.Error())
	}
	resolving.Wait()
	found.Addresses = append(found.Addresses, addresses...)
	return found, of
}

func (c *connector) askFacts(ctx context.Context, h *host) (found facts.Host, of databaseFacts, err error) {
	conn, err := pgx.ConnectConfig(ctx, c.looking(h))
	if err != nil {
		return found, of, err
	}
	defer hangUp(conn)
	asked := time.Now()
	answers, err := ask(ctx, conn.PgConn(), slices.Concat(probeQuestions, factQuestions))
	if err != nil {
		return found, of, err
	}
	answered := time.Now()
	lenient := *c
	lenient.config.ReadOnly = true
	observed, err := lenient.observe(answers)
	if err != nil {
		return found, of, err
	}
	found.Observation = observed.Observation
	if _, err := c.judge(answers[0], answer{}); err != nil {
		found.Unfit = c.reason(err)
	}
	found.SkewError = answered.Sub(asked) / 2
	found.Skew = found.Now.Sub(asked.Add(found.SkewError))
	fillSettings(&found, answers[0])
	fillHost(&found, answers[len(probeQuestions):])
	return found, c.readDatabase(ctx, conn, answers[len(probeQuestions):]), nil
}

// looking is the configuration of a connection to one host for looking at it, whatever it is.
func (c *connector) looking(h *host) *pgx.ConnConfig {
	config := c.pool.ConnConfig.Copy()
	h.configure(config)
	config.ConnectTimeout, config.ValidateConnect = c.config.askTimeout, nil
	config.RuntimeParams["statement_timeout"] = strconv.Itoa(int(c.config.askTimeout.Milliseconds()))
	return config
}

// resolveHost is a host's name, and its addresses.
func resolveHost(ctx context.Context, h *host) []string {
	name := h.ways[0].Host
	if strings.HasPrefix(name, "/") {
		return nil // a socket
	}
	found, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return []string{name} // connecting says why
	}
	return append(found, name)
}

// stateFileFacts are what can be seen of a file of what a node remembers.
func stateFileFacts(path string) facts.StateFile {
	found := facts.StateFile{Path: path}
	if path == "" {
		return found
	}
	if _, err := os.Stat(path); err == nil {
		found.Exists = true
	} else if !errors.Is(err, fs.ErrNotExist) {
		found.ReadFault = err.Error()
		return found
	}
	memory, err := (&memoryFile{path: path}).load()
	if err != nil {
		found.ReadFault = err.Error()
	}
	found.Memory = memory
	return found
}
