package postgrestest

import (
	"context"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// standbyTimeout is how long a standby may take until the server knows it, or has forgotten it.
const standbyTimeout = 30 * time.Second

// Standby is a receiver of a server's log that confirms what it has flushed, as a synchronous standby does. Nothing can be read from it.
type Standby struct {
	server *Server
	name   string
	files  string
	stop   context.CancelFunc
	ended  chan struct{}
	// said is what the process has written. It is read when it has ended.
	said *strings.Builder
}

// Standby starts a standby, which the server knows under a name. It ends with the test. Not for a shared server, whose commits would wait.
func (s *Server) Standby(tb testing.TB, name string) *Standby {
	tb.Helper()
	if s.shared {
		tb.Fatal("a standby: other tests use the shared server")
	}
	if err := s.execute(tb.Context(), "SELECT pg_create_physical_replication_slot('"+name+"', true)"); err != nil {
		tb.Fatalf("make a replication slot: %v", err)
	}
	standby := &Standby{server: s, name: name, files: tb.TempDir()}
	standby.Start(tb)
	tb.Cleanup(func() { standby.end() })
	return standby
}

// Start starts a standby that was stopped, and returns when the server sends it what it writes.
func (s *Standby) Start(tb testing.TB) {
	tb.Helper()
	program := filepath.Join(s.server.ask(tb, "SELECT setting FROM pg_config() WHERE name = 'BINDIR'"), "pg_receivewal")
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	receiver := exec.CommandContext(ctx, program, //nolint:gosec // the server's own
		"--directory", s.files, "--slot", s.name, "--synchronous", "--no-loop", "--no-password", "--dbname", s.address(tb))
	said := new(strings.Builder)
	receiver.Stdout, receiver.Stderr = said, said
	if err := receiver.Start(); err != nil {
		cancel()
		tb.Fatalf("start a standby: %v", err)
	}
	s.stop, s.said, s.ended = cancel, said, make(chan struct{})
	go func(ended chan<- struct{}) {
		_ = receiver.Wait() // it is killed
		close(ended)
	}(s.ended)
	s.await(tb, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '"+s.name+"' AND state = 'streaming')")
}

// WaitedFor has the server's commits wait for the standby from now on. It must run.
func (s *Standby) WaitedFor(tb testing.TB) {
	tb.Helper()
	for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + s.name + "'", "SELECT pg_reload_conf()"} {
		if err := s.server.execute(tb.Context(), statement); err != nil {
			tb.Fatal(err)
		}
	}
	s.await(tb, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '"+s.name+"' AND sync_state = 'sync')")
}

// Stop ends the standby, and returns when the server has noticed.
func (s *Standby) Stop(tb testing.TB) {
	tb.Helper()
	s.end()
	s.await(tb, "SELECT NOT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '"+s.name+"')")
}

// end stops the process. It may be called again.
func (s *Standby) end() {
	if s.stop == nil {
		return
	}
	s.stop()
	<-s.ended
	s.stop = nil
}

// address is the server's URL with the standby's name.
func (s *Standby) address(tb testing.TB) string {
	tb.Helper()
	address, err := url.Parse(s.server.url)
	if err != nil {
		tb.Fatal(err)
	}
	query := address.Query()
	query.Set("application_name", s.name)
	address.RawQuery = query.Encode()
	return address.String()
}

// await waits until a query answers true.
func (s *Standby) await(tb testing.TB, query string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), standbyTimeout)
	defer cancel()
	connection, err := pgx.Connect(ctx, s.server.url)
	if err != nil {
		tb.Fatal(err)
	}
	defer connection.Close(context.WithoutCancel(ctx))
	for done := false; !done; {
		if err := connection.QueryRow(ctx, query).Scan(&done); err != nil {
			s.end()
			tb.Fatalf("wait for the standby %s: %v: %s", s.name, err, s.said)
		}
		if _, err := connection.Exec(ctx, "SELECT pg_sleep(0.01)"); err != nil {
			s.end()
			tb.Fatalf("wait for the standby %s: %v: %s", s.name, err, s.said)
		}
	}
}

// ask is the text that a query answers.
func (s *Server) ask(tb testing.TB, query string) (text string) {
	tb.Helper()
	connection, err := pgx.Connect(tb.Context(), s.url)
	if err == nil {
		err = connection.QueryRow(tb.Context(), query).Scan(&text)
		_ = connection.Close(tb.Context())
	}
	if err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return text
}
