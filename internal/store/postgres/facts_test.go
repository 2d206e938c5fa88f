package postgres

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
	"vacancy/internal/store/postgres/postgrestest"
)

func collectFacts(t *testing.T, address string) (found facts.Facts, err error) {
	t.Helper()
	err = FactCollector{Config: Config{URL: address}}.Collect(t.Context(), &found)
	return found, err
}

// A database that no server has used is looked at, and is as empty afterwards.
func TestFactsOfANewDatabase(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	found, err := collectFacts(t, address)
	if err != nil {
		t.Fatal(err)
	}
	h := found.Postgres.Hosts[0]
	if h.State != failover.Writable || h.Identity.Known() || found.Schema != nil || found.HasKey != nil || h.Unfit != "" {
		t.Errorf("it finds %+v, schema %v, key %v", h, found.Schema, found.HasKey)
	}
	if h.Version == "" || h.Fsync != "on" || h.SynchronousCommit != "on" || h.MaxConnections < 100 || len(h.Addresses) == 0 {
		t.Errorf("it finds %+v", h)
	}
	if h.Skew.Abs() > time.Second+h.SkewError {
		t.Errorf("its clock is %s ahead, to plus or minus %s", h.Skew, h.SkewError)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var tables int
	const countTables = `SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace`
	if err := conn.QueryRow(t.Context(), countTables).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("%d tables were made", tables)
	}
}

// What a database says of itself: identity, heartbeats, keys, and a schema that is not what its version says.
func TestFactsOfADatabase(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s, err := Open(t.Context(), Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.prove(t.Context(), termOf(s)); err != nil {
		t.Fatal(err)
	}
	found, err := collectFacts(t, address)
	if err != nil {
		t.Fatal(err)
	}
	if p := found.Postgres; p.HeartbeatInterval != heartbeatInterval || p.LiveFor != liveFor {
		t.Errorf("it says that servers write every %s and count as running for %s", p.HeartbeatInterval, p.LiveFor)
	}
	if found.OutboxPause != nil {
		t.Errorf("it finds that the outbox is paused: %+v", found.OutboxPause)
	}
	h := found.Postgres.Hosts[0]
	if h.Identity.Term != 1 || !h.Identity.Home(h.Place) {
		t.Errorf("it finds %s at %s", h.Identity, h.Place)
	}
	if len(h.Nodes) != 1 || h.Nodes[0].ID != s.node.id || h.Nodes[0].Level != s.config.Level || h.Now.Sub(h.Nodes[0].Seen) > time.Minute {
		t.Errorf("it finds the servers %+v", h.Nodes)
	}
	if found.HasKey == nil || *found.HasKey || found.Schema == nil || found.Schema.Version != found.Schema.Known || found.Schema.Fault != "" {
		t.Errorf("it finds the schema %+v, a key: %v", found.Schema, found.HasKey)
	}
	for _, paused := range []bool{true, false} {
		if _, err := SwitchOutbox(t.Context(), Config{URL: address}, paused, "ann", "a test"); err != nil {
			t.Fatal(err)
		}
		found, err = collectFacts(t, address)
		if p := found.OutboxPause; err != nil || (p != nil) != paused || paused && *p != (facts.OutboxPause{By: "ann", Reason: "a test"}) {
			t.Errorf("of an outbox that is paused (%v) it finds %+v, error %v", paused, p, err)
		}
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, c := range []struct{ statement, fault string }{
		{`DROP INDEX bookings_due`, "bookings_due"},
		{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`, "version 999"},
	} {
		if _, err := conn.Exec(t.Context(), c.statement); err != nil {
			t.Fatal(err)
		}
		if found, err = collectFacts(t, address); err != nil || !strings.Contains(found.Schema.Fault, c.fault) {
			t.Errorf("after %s it finds %+v, error %v", c.statement, found.Schema, err)
		}
	}
}

// A setting that no server takes is told, and the rest with it; a host that is none is told of by its reason.
func TestFactsOfUnfitHosts(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	query.Set("synchronous_commit", "off")
	parsed.RawQuery = query.Encode()
	found, err := collectFacts(t, parsed.String())
	if h := found.Postgres.Hosts[0]; err != nil || !strings.Contains(h.Unfit, "synchronous_commit = off") || h.State != failover.Writable {
		t.Errorf("it finds %+v, error %v", h, err)
	}
	parsed.Path = "/none"
	found, err = collectFacts(t, parsed.String())
	if h := found.Postgres.Hosts[0]; err == nil || h.State != failover.AuthRefused || !strings.Contains(h.Reason, `no database "none"`) {
		t.Errorf("of no database it finds %+v, error %v", h, err)
	}
	if _, err := collectFacts(t, "postgres://vacancy:secret@[/vacancy"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a URL that cannot be read ends with %v", err)
	}
}
