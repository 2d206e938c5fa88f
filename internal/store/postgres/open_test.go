package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// with is a URL with parameters changed: "user", "password", "database", "host", or one of the query.
func with(tb testing.TB, address string, parameters map[string]string) string {
	tb.Helper()
	u, err := url.Parse(address)
	must(tb, err)
	query := u.Query()
	for name, value := range parameters {
		switch name {
		case "user":
			u.User = url.User(value)
		case "password":
			u.User = url.UserPassword(u.User.Username(), value)
		case "database":
			u.Path = "/" + value
		case "host":
			u.Host = value
		default:
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error that says %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

// TestManyNodesStartAtOnce: ten nodes open an empty schema. The migrations run once, and all are of one epoch.
func TestManyNodesStartAtOnce(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	stores := make([]*Store, 10)
	failures := make([]error, len(stores))
	var nodes sync.WaitGroup
	for i := range stores {
		nodes.Go(func() { stores[i], failures[i] = Open(t.Context(), Config{URL: address, Connections: 2}) })
	}
	nodes.Wait()
	t.Cleanup(func() {
		for _, s := range stores {
			if s != nil {
				must(t, s.Close())
			}
		}
	})
	must(t, errors.Join(failures...))
	epochs := make(map[booking.Epoch]bool)
	for _, s := range stores {
		revisions, err := s.Revisions(t.Context(), nil)
		must(t, err)
		epochs[revisions.Epoch] = true
		if !booking.ValidID(string(revisions.Epoch)) || len(revisions.Epoch) != len("1-")+13 {
			t.Errorf("the epoch %q is not fit for positions", revisions.Epoch)
		}
	}
	if len(epochs) != 1 {
		t.Errorf("the nodes are of the epochs %v", epochs)
	}
	must(t, stores[0].use(t.Context(), func(c *session) error {
		var rows, versions, founded int
		err := c.conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM goose_db_version WHERE version_id > 0),
			(SELECT count(DISTINCT version_id) FROM goose_db_version WHERE version_id > 0), (SELECT count(*) FROM meta)`,
		).Scan(&rows, &versions, &founded)
		if rows != versions || versions < 1 || founded != 1 {
			t.Errorf("%d migrations to %d versions, and %d rows of meta", rows, versions, founded)
		}
		return err
	}))
}

// TestSchemas opens what a server cannot use. An Open that only looks changes nothing.
func TestSchemas(t *testing.T) {
	t.Parallel()
	server := postgrestest.Shared(t)
	address := server.Schema(t)
	_, err := Open(t.Context(), Config{URL: address, ReadOnly: true})
	wantError(t, err, "its schema does not have version", "vacancy at 127.0.0.1")
	s := openAt(t, Config{URL: address})
	execute(t, s, `DELETE FROM meta`) // which a server makes again when it starts
	execute(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	for _, readOnly := range []bool{false, true} {
		_, err = Open(t.Context(), Config{URL: address, ReadOnly: readOnly})
		wantError(t, err, "version 9999", "a newer one")
	}
	execute(t, s, `DELETE FROM goose_db_version WHERE version_id = 9999`)
	openAt(t, Config{URL: address})

	_, err = Open(t.Context(), Config{URL: with(t, address, map[string]string{"search_path": "nowhere"})})
	wantError(t, err, "has no schema there to create tables in")

	other := server.Schema(t)
	execute(t, s, `CREATE TABLE `+schemaOf(t, other)+`.bookings (id text)`)
	_, err = Open(t.Context(), Config{URL: other})
	wantError(t, err, `relation "bookings" already exists`)
	must(t, s.use(t.Context(), func(c *session) error {
		var tables int
		err := c.conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename = 'venues'`,
			schemaOf(t, other)).Scan(&tables)
		if tables != 0 {
			t.Errorf("half of the schema was left in that of another program")
		}
		return err
	}))
}

func schemaOf(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	must(tb, err)
	return u.Query().Get("search_path")
}

// TestOpenToLook: a store that is open for looking shows everything, and writes nothing.
func TestOpenToLook(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	look := openAt(t, Config{URL: address, ReadOnly: true})
	if got, want := venuesOf(t, look), 1; got != want {
		t.Errorf("%d venues can be seen, want %d", got, want)
	}
	if err := look.PutKey(t.Context(), store.Key{Name: "n"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("put key: got error %v, want it unavailable", err)
	}
}

func venuesOf(tb testing.TB, s *Store) (venues int) {
	tb.Helper()
	must(tb, s.Inspect(tb.Context(), func(snapshot store.Snapshot) error {
		return snapshot.Loaded(tb.Context(), func(store.Loaded) error { venues++; return nil })
	}))
	return venues
}

// TestUnusableURLs: what cannot be opened is said without the password, however the URL is garbled.
func TestUnusableURLs(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, nobody.Close())
	good := postgrestest.Shared(t).URL()
	for name, c := range map[string]struct {
		url  string
		want []string
	}{
		"nothing":             {"", []string{"cannot be read"}},
		"no URL":              {"host=h password=" + secret, []string{"cannot be read"}},
		"another scheme":      {"mysql://u:" + secret + "@h/d", []string{"cannot be read"}},
		"a slash":             {"postgres://u:1/" + secret + "@h/d", []string{"cannot be read"}},
		"a question mark":     {"postgres://u:1?" + secret + "@h/d", []string{"cannot be read"}},
		"a hash":              {"postgres://u:1#" + secret + "@h/d", []string{"cannot be read"}},
		"a slash and letters": {"postgres://u:a/" + secret + "@h/d", []string{"cannot be read"}},
		"a bad escape":        {"postgres://u:%zz" + secret + "@h/d", []string{"cannot be read"}},
		"a bad port":          {"postgres://u:" + secret + "@h:x/d", []string{"cannot be read"}},
		"a bad parameter":     {"postgres://u:" + secret + "@h/d?sslmode=perhaps", []string{"sslmode"}},
		"a bad parameter beside the password": {
			"postgres://u@h/d?password=" + secret + "&sslmode=perhaps", []string{"URL of the database"},
		},
		"a missing file": {"postgres://u:" + secret + "@h/d?sslmode=verify-full&sslrootcert=/none", []string{"/none"}},
		"one text": {
			"postgres://u:" + secret + "@h/d?default_query_exec_mode=simple_protocol", []string{"default_query_exec_mode=simple_protocol"},
		},
		"nobody there": {
			with(t, good, map[string]string{"host": nobody.Addr().String(), "password": secret}),
			[]string{"vacancy at " + nobody.Addr().String(), "cannot be reached", "connection refused"},
		},
		"no such host": {
			with(t, good, map[string]string{"host": "none.invalid", "password": secret}), []string{"none.invalid", "cannot be reached"},
		},
		"no such user": {
			with(t, good, map[string]string{"user": "nobody", "password": secret}), []string{`user "nobody"`, "does not exist"},
		},
		"no such database": {
			with(t, good, map[string]string{"database": "none", "password": secret}), []string{`no database "none"`},
		},
		"no such setting": {
			with(t, good, map[string]string{"none": "1", "password": secret}), []string{`parameter "none"`},
		},
		"no commits on disk": {
			with(t, good, map[string]string{"synchronous_commit": "off", "password": secret}), []string{"synchronous_commit = off"},
		},
		"a socket that is not there": {
			with(t, good, map[string]string{"host": "", "": ""}) + "&host=/none&password=" + secret, []string{"/none", "cannot be reached"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), Config{URL: c.url})
			wantError(t, err, c.want...)
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("the error %q shows the password, or is more than a sentence", err)
			}
		})
	}
}

// TestPrivateServer changes a server under a store: its settings, who may come, and what it is.
func TestPrivateServer(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	var log bytes.Buffer
	s := openAt(t, Config{URL: server.URL(), Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, part := range []string{"fsync=on", "full_page_writes=on", "synchronous_commit=on", "version="} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log does not say %s: %s", part, log.String())
		}
	}
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for _, setting := range []string{"fsync", "full_page_writes"} {
		execute(t, s, `ALTER SYSTEM SET `+setting+` = off`)
		server.Restart(t)
		_, err := Open(t.Context(), Config{URL: server.URL()})
		wantError(t, err, setting+" = off")
		if err := change(t, s, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s = off: got error %v, want it unavailable", setting, err)
		}
		look := openAt(t, Config{URL: server.URL(), ReadOnly: true})
		execute(t, look, `SET default_transaction_read_only = off`, `ALTER SYSTEM RESET `+setting)
		must(t, look.Close())
		server.Restart(t)
	}
	must(t, change(t, s, "a", bookMany(1, 1)))

	prepend(t, filepath.Join(server.Directory(), "data", "pg_hba.conf"), "host all guest 127.0.0.1/32 scram-sha-256\n")
	execute(t, s, `CREATE ROLE guest LOGIN PASSWORD 'right'`, `CREATE ROLE reader LOGIN`, `SELECT pg_reload_conf()`)
	guest := with(t, server.URL(), map[string]string{"user": "guest"})
	for _, password := range []string{"", "wr0ng"} {
		_, err := Open(t.Context(), Config{URL: with(t, guest, map[string]string{"password": password})})
		wantError(t, err, `password of user "guest"`)
		if strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("the error %q shows the password", err)
		}
	}
	_, err := Open(t.Context(), Config{URL: with(t, server.URL(), map[string]string{"user": "reader"})})
	wantError(t, err, `user "reader" lacks a right`)
}

func prepend(tb testing.TB, path, text string) {
	tb.Helper()
	old, err := os.ReadFile(path)
	must(tb, err)
	must(tb, os.WriteFile(path, append([]byte(text), old...), 0o600))
}

// TestPromotion makes the server a standby and promotes it. A store does not use it in between, and sees another epoch afterwards:
// what the standby had not received is gone.
func TestPromotion(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL()})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	before := epochNow(t, s)
	server.Restart(t)
	_, _ = s.Now(t.Context()) // may find its connection dead
	if after := epochNow(t, s); after != before {
		t.Errorf("after a restart the epoch %s has become %s", before, after)
	}
	server.Stop(t)
	must(t, os.WriteFile(filepath.Join(server.Directory(), "data", "standby.signal"), nil, 0o600))
	server.Start(t)
	if _, err := s.Revisions(t.Context(), nil); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("revisions of a standby: got error %v, want it unavailable", err)
	}
	if err := change(t, s, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a change on a standby: got error %v, want it unavailable", err)
	}
	reads := openAt(t, Config{URL: server.URL()}) // a node that starts while only a standby lives
	if _, err := reads.Load(t.Context(), "a", storetest.Morning); err != nil {
		t.Errorf("load from a standby: %v", err)
	}
	if err := change(t, reads, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "promote") {
		t.Errorf("a change by a node that started on a standby: got error %v", err)
	}
	look := openAt(t, Config{URL: server.URL(), ReadOnly: true})
	if venues := venuesOf(t, look); venues != 1 {
		t.Errorf("%d venues can be seen on a standby, want 1", venues)
	}
	others := postgrestest.Shared(t).Schema(t)
	both := openAt(t, Config{URL: strings.Replace(others, "127.0.0.1", hostOf(t, server.URL())+",127.0.0.1", 1)})
	must(t, change(t, both, "a", (*storetest.Draft).PutCatalogue)) // of two hosts, the one that is no standby is used
	execute(t, look, `SELECT pg_promote()`)
	s.monitor.doubt() // as it does every second
	must(t, change(t, s, "a", bookMany(1, 1)))
	if after := epochNow(t, s); after == before {
		t.Errorf("after a promotion the epoch is still %s", before)
	}
}

func hostOf(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	must(tb, err)
	return u.Host
}

func epochNow(tb testing.TB, s *Store) booking.Epoch {
	tb.Helper()
	revisions, err := s.Revisions(tb.Context(), nil)
	must(tb, err)
	return revisions.Epoch
}

// TestCopyIsAskedFor: what was copied into other tables is not written to until a person has allowed it, and is of another epoch then. What
// is read of it is as it was.
func TestCopyIsAskedFor(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	before := epochNow(t, s)
	execute(t, s, `CREATE TABLE copy (LIKE identity INCLUDING ALL)`, `INSERT INTO copy TABLE identity`, `DROP TABLE identity`,
		`ALTER TABLE copy RENAME TO identity`)
	again := openAt(t, s.config)
	if err := change(t, again, "a", bookMany(1, 1)); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "copy") {
		t.Errorf("a booking in a copy: got error %v", err)
	}
	if _, err := again.Load(t.Context(), "a", storetest.Morning); err != nil {
		t.Errorf("reading a copy: %v", err)
	}
	if _, err := again.Booking(t.Context(), "a", storetest.BookingID(1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a booking that may be of a history that was left: got error %v, want it unavailable", err)
	}
	_, allowed, err := Allow(t.Context(), Config{URL: s.config.URL}, Permission{Who: "a test", Copy: true})
	must(t, err)
	again.monitor.doubt()
	must(t, change(t, again, "a", bookMany(1, 1)))
	if after := epochNow(t, again); after == before || string(after) != allowed.Identity.Epoch() {
		t.Errorf("a copy is of the epoch %s, the original of %s", after, before)
	}
}

// hidden is the answer of a server that refuses one.
func hidden(state string) answer { return answer{err: &pgconn.PgError{Code: state}} }

// TestPlace: what a server does not have or show is empty, and what it fails to tell is an error.
func TestPlace(t *testing.T) {
	t.Parallel()
	says := func(text string) answer { return answer{values: []string{text}} }
	place, err := placeOf(says("7"), says("00000001"))
	must(t, err)
	if place != (failover.Place{System: "7", Timeline: "00000001"}) {
		t.Errorf("the place is %v", place)
	}
	place, err = placeOf(hidden(insufficientPrivilege), hidden("55000"))
	if place != (failover.Place{}) || err != nil {
		t.Errorf("of a server that shows nothing the place is %v, error %v", place, err)
	}
	if _, err := placeOf(hidden("57014"), says("00000001")); err == nil {
		t.Errorf("a place that could not be read is known")
	}
	if _, _, err := identityOf(hidden("57014")); err == nil {
		t.Errorf("an identity that could not be read is known")
	}
	if identity, _, err := identityOf(hidden(undefinedTable)); identity.Known() || err != nil {
		t.Errorf("without our tables the identity is %v, error %v", identity, err)
	}
}

// TestServersThatAreNotUsed judges what servers say of themselves. A setting that one of another make does not have is not asked for.
func TestServersThatAreNotUsed(t *testing.T) {
	t.Parallel()
	says := func(values ...string) answer { return answer{values: values} }
	primary, standby := says("f"), says("t")
	for name, c := range map[string]struct {
		settings, recovery answer
		readOnly           bool
		want               string // part of the refusal, "" for none
	}{
		"good":             {settings: says("15.1", "150001", "on", "on", "on", ""), recovery: primary},
		"synchronous":      {settings: says("15.1", "150001", "on", "on", "remote_apply", ""), recovery: primary},
		"of another make":  {settings: says("14.0", "140000", "", "", "on", ""), recovery: hidden(undefinedFunction)},
		"old":              {settings: says("13.9", "130009", "on", "on", "on", ""), recovery: primary, want: "PostgreSQL 13.9"},
		"old, to look":     {settings: says("13.9", "130009", "on", "on", "on", ""), recovery: primary, readOnly: true, want: "PostgreSQL 13.9"},
		"standby":          {settings: says("15.1", "150001", "on", "on", "on", ""), recovery: standby, want: "standby"},
		"standby, to look": {settings: says("15.1", "150001", "on", "on", "on", ""), recovery: standby, readOnly: true},
		"fsync":            {settings: says("15.1", "150001", "off", "on", "on", ""), recovery: primary, want: "fsync = off"},
		"pages":            {settings: says("15.1", "150001", "on", "off", "on", ""), recovery: primary, want: "full_page_writes = off"},
		"commits":          {settings: says("15.1", "150001", "on", "on", "off", ""), recovery: primary, want: "synchronous_commit = off"},
		"commits, to look": {settings: says("15.1", "150001", "on", "on", "off", ""), recovery: primary, readOnly: true},
		"local, alone":     {settings: says("15.1", "150001", "on", "on", "local", ""), recovery: primary},
		"local": {
			settings: says("15.1", "150001", "on", "on", "local", "other"), recovery: primary, want: "synchronous_commit = local",
		},
		"remote_write": {
			settings: says("15.1", "150001", "on", "on", "remote_write", "other"), recovery: primary, want: "synchronous_commit = remote_write",
		},
		"silent": {settings: hidden("42501"), recovery: primary, want: "42501"},
		"silent on being a standby": {
			settings: says("15.1", "150001", "on", "on", "on", ""), recovery: hidden("57014"), want: "57014",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			by := connector{config: Config{ReadOnly: c.readOnly}}
			_, err := by.judge(c.settings, c.recovery)
			if c.want != "" {
				wantError(t, err, c.want)
			} else if err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

// TestCloseMakesUnavailable: after Close, every call says so.
func TestCloseMakesUnavailable(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	must(t, s.Close())
	ctx := context.Background()
	_, now := s.Now(ctx)
	_, load := s.Load(ctx, "a", storetest.Morning)
	_, sweep := s.SweepAnswers(ctx, 1)
	for call, err := range map[string]error{
		"now": now, "load": load, "sweep": sweep, "update": change(t, s, "a", bookMany(1, 1)),
		"inspect": s.Inspect(ctx, func(store.Snapshot) error { return fmt.Errorf("it looked") }),
	} {
		if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "it was closed") {
			t.Errorf("%s: got error %v, want that it was closed", call, err)
		}
	}
	must(t, s.Close())
}
