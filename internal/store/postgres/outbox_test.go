package postgres

import (
	"strings"
	"testing"

	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
)

func outboxOf(t *testing.T, s *Store) store.OutboxState {
	t.Helper()
	o, err := s.Outbox(t.Context())
	must(t, err)
	return o
}

// A copy that is made an installation of its own is paused in the same transaction, with who and why; the database that a person allows
// without that is the original, and is not.
func TestCopyIsPaused(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	if o := outboxOf(t, s); o != (store.OutboxState{}) {
		t.Errorf("a new database's outbox is %s", o)
	}
	allow := func(p Permission) {
		t.Helper()
		_, _, err := Allow(t.Context(), Config{URL: address}, p)
		must(t, err)
	}
	allow(Permission{Who: "Ada", Reason: "it was restored"})
	if o := outboxOf(t, s); o.Paused {
		t.Errorf("the outbox of a database that is to go on is %s", o)
	}
	allow(Permission{Who: "Ada", Reason: "for staging", Copy: true})
	copied := openAt(t, Config{URL: address})
	if o := outboxOf(t, copied); !o.Paused || o.Who != "Ada" || o.Reason != "the database is a copy: for staging" || o.At.IsZero() {
		t.Errorf("the outbox of a copy is %s", o)
	}
	allow(Permission{Who: "Ada", Copy: true})
	if n := countOf(t, copied, `SELECT count(*) FROM outbox_log`); n != 1 {
		t.Errorf("it is logged %d times that it is paused", n)
	}
}

// The command switches what the servers read, once however often it is run.
func TestSwitchOutbox(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	cfg := Config{URL: address}
	for _, paused := range []bool{false, true, true, false, false, true} {
		found, err := SwitchOutbox(t.Context(), cfg, paused, "Ada", "a test")
		must(t, err)
		if o := outboxOf(t, s); o != found || o.Paused != paused {
			t.Errorf("the server reads %s, and the command says %s", o, found)
		}
	}
	if n := countOf(t, s, `SELECT count(*) FROM outbox_log`); n != 3 {
		t.Errorf("it was switched %d times, want 3", n)
	}
	if o, err := OutboxState(t.Context(), cfg); err != nil || !o.Paused || !strings.Contains(o.String(), "paused since ") {
		t.Errorf("the command says %s, %v", o, err)
	}
}

// The command says what is wrong in a sentence.
func TestSwitchOutboxOfNoDatabase(t *testing.T) {
	t.Parallel()
	empty := postgrestest.Shared(t).Schema(t)
	older := postgrestest.Shared(t).Schema(t)
	execute(t, openAt(t, Config{URL: older}), `DROP TABLE outbox_log`)
	for address, want := range map[string]string{
		empty: "no database is in charge", older: "older schema", "postgres://vacancy@127.0.0.1:1/vacancy": "no database is in charge",
		"mysql://a/b": "postgres://",
	} {
		_, err := SwitchOutbox(t.Context(), Config{URL: address}, false, "", "")
		wantError(t, err, want)
		_, err = OutboxState(t.Context(), Config{URL: address})
		wantError(t, err, want)
	}
}

// A copy of a database of an older schema is brought up to date, and paused.
func TestCopyOfAnOlderSchemaIsPaused(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	execute(t, s, `DROP TABLE outbox_log, outbox_buses, outbox_holders, outbox_leases, outbox_cursors, webhooks, webhook_deliveries`,
		`DELETE FROM goose_db_version WHERE version_id >= 9`)
	must(t, s.Close())
	_, _, err := Allow(t.Context(), Config{URL: address}, Permission{Who: "Ada", Copy: true})
	must(t, err)
	if o := outboxOf(t, openAt(t, Config{URL: address})); !o.Paused {
		t.Errorf("the outbox of the copy is %s", o)
	}
}
