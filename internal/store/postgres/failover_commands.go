package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/failover"
)

// What `vacancy failover` does. It needs no server that runs.

// HostStatus is what one host and its database are.
type HostStatus struct {
	Host   string
	State  failover.State
	Reason string // why it cannot be used
	// Identity is unknown of a database that has none; Place is the server's own, which may be another than where the term began.
	Identity failover.Identity
	Place    failover.Place
	Home     bool
	// Heartbeat is the newest of any node; zero if there is none.
	Heartbeat   time.Time
	Synchronous bool
	// ClosedAt is when the database was closed; zero if it is open, or was closed by hand.
	ClosedAt time.Time
	// Venues is how many there are, Revisions the sum of their revisions, and LastChange when the last was committed.
	Venues, Revisions int64
	LastChange        time.Time
}

const selectExtent = `SELECT (SELECT count(*) FROM venues), (SELECT coalesce(sum(revision), 0)::bigint FROM venues),
	(SELECT max(c.committed_at) FROM venues v JOIN changes c ON c.venue = v.id AND c.revision = v.revision),
	(SELECT max(at) FROM identity_log JOIN identity USING (id) WHERE what = 'closed' AND closed_by <> '')`

// Status asks all hosts of a URL what they and their databases are.
func Status(ctx context.Context, cfg Config) ([]HostStatus, error) {
	c, err := newCommand(cfg)
	if err != nil {
		return nil, err
	}
	hosts := hostsOf(c.pool.ConnConfig)
	all := make([]HostStatus, len(hosts))
	for i := range hosts {
		all[i] = c.status(ctx, &hosts[i])
	}
	return all, nil
}

func newCommand(cfg Config) (*connector, error) {
	cfg.askTimeout = cmp.Or(cfg.askTimeout, commandTimeout)
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	return newConnector(cfg)
}

func (c *connector) status(ctx context.Context, h *host) HostStatus {
	p := prober{host: h, connector: c}
	found := p.probe(ctx)
	status := HostStatus{
		Host: h.name, State: found.State, Reason: found.Reason, Identity: found.Identity, Place: found.Place, Synchronous: found.Synchronous,
		Home: found.Identity.Home(found.Place),
	}
	for _, b := range found.Beats {
		if b.Seen.After(status.Heartbeat) {
			status.Heartbeat = b.Seen
		}
	}
	if p.conn == nil {
		return status
	}
	defer p.hangUp()
	if !found.Identity.Known() {
		return status
	}
	config := c.single(h)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		status.Reason = c.reason(err)
		return status
	}
	defer hangUp(conn)
	var last, closed *time.Time
	if err := conn.QueryRow(ctx, selectExtent).Scan(&status.Venues, &status.Revisions, &last, &closed); err != nil {
		status.Reason = err.Error()
		return status
	}
	if last != nil {
		status.LastChange = *last
	}
	if closed != nil {
		status.ClosedAt = *closed
	}
	return status
}

// Permission is what a person decides about a database.
type Permission struct {
	Who, Reason string
	// Above is a term that the new one must be above: that of the database which is left, if it is higher.
	Above int64
	// Copy makes the database an installation of its own, whose alerts go nowhere until [SwitchOutbox] lets them.
	Copy bool
}

// errOneHost: a decision is about one database.
var errOneHost = errors.New("the URL must name one host: the one to go on with")

// errWasClosed: a term that is not above that of the database in charge would make two histories of one, and servers refuse both.
var errWasClosed = errors.New("the database was closed, since bookings have gone on elsewhere: name the term that they are in with " +
	"--above, as vacancy failover status shows it")

// Allow begins a term in a database because a person wants it, whatever it is: a copy, one that was closed, one that has lost something. It
// returns what the database was, and what it is.
func Allow(ctx context.Context, cfg Config, p Permission) (before, after HostStatus, err error) {
	c, err := newCommand(cfg)
	if err != nil {
		return before, after, err
	}
	hosts := hostsOf(c.pool.ConnConfig)
	if len(hosts) != 1 {
		return before, after, errOneHost
	}
	before = c.status(ctx, &hosts[0])
	switch {
	case before.State != failover.Writable && before.State != failover.ReadOnly:
		return before, after, fmt.Errorf("%s cannot be written to: %s", before.Host, cmp.Or(before.Reason, "it is a standby; promote it first"))
	case before.Identity.ClosedBy != "" && p.Above == 0 && !p.Copy:
		return before, after, fmt.Errorf("%w: %s", errWasClosed, before.Identity.ClosedBy)
	case !before.Identity.Known():
		return before, after, fmt.Errorf("the database at %s has no identity: a server that starts on it gives it one", before.Host)
	}
	conn, err := pgx.ConnectConfig(ctx, c.single(&hosts[0]))
	if err != nil {
		return before, after, c.explain(err)
	}
	defer hangUp(conn)
	b := beginning{what: "allowed", who: p.Who, reason: p.Reason, above: p.Above, decided: true}
	if p.Copy {
		b.installation = newID()
		if err := c.prepareSchema(ctx, &hosts[0]); err != nil { // which has a place for what is held back of a copy
			return before, after, fmt.Errorf("bring the schema of %s up to date: %w", hosts[0].name, err)
		}
	}
	ok, err := raise(ctx, conn, before.Identity, before.Place, b)
	if err == nil && !ok {
		err = errors.New("the database has come to be in another term meanwhile: look again")
	}
	if err != nil {
		return before, after, fmt.Errorf("allow the database at %s: %w", before.Host, err)
	}
	return before, c.status(ctx, &hosts[0]), nil
}

// String is for people.
func (s HostStatus) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", s.Host, s.State)
	if s.InCharge() {
		b.WriteString(", in charge")
	}
	if s.Reason != "" {
		fmt.Fprintf(&b, ", %s", s.Reason)
	}
	b.WriteByte('\n')
	if s.Identity.Known() {
		fmt.Fprintf(&b, "  database      %s, installation %s\n", s.Identity, s.Identity.Installation)
		fmt.Fprintf(&b, "  began on      %s\n", s.Identity.Place)
		fmt.Fprintf(&b, "  its server    %s\n", s.Place)
		if s.Identity.ClosedBy != "" {
			when := "at a time that nobody has recorded"
			if !s.ClosedAt.IsZero() {
				when = instantText(s.ClosedAt)
			}
			fmt.Fprintf(&b, "  closed        %s: %s\n", when, s.Identity.ClosedBy)
		}
		fmt.Fprintf(&b, "  bookings      %d venues, %d changes, the last %s\n", s.Venues, s.Revisions, instantText(s.LastChange))
		fmt.Fprintf(&b, "  heartbeat     %s\n", instantText(s.Heartbeat))
	}
	return b.String()
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 UTC")
}

// InCharge tells whether a server may write to the database, as far as the host itself shows.
func (s HostStatus) InCharge() bool {
	return s.State == failover.Writable && s.Identity.Known() && s.Identity.ClosedBy == "" && s.Home
}
