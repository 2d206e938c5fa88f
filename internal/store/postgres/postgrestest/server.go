package postgrestest

import (
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Server is a PostgreSQL server that belongs to this process. Its methods may be called by several goroutines, but those that fail
// a test only by the test's own.
type Server struct {
	directory string
	url       string
	shared    bool

	mu      sync.Mutex // one command at a time, for the process answers in order
	process *serverProcess
	running bool
}

// Start starts a server for this test alone, which ends with the test. That takes a second: a test that neither stops nor breaks
// its server is better off with [Shared].
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := newServer()
	if err != nil {
		tb.Fatalf("start PostgreSQL: %v", err)
	}
	endWithTest(tb, s)
	return s
}

func endWithTest(tb testing.TB, s *Server) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := s.process.close(); err != nil {
			tb.Errorf("remove the PostgreSQL server in %s: %v", s.directory, err)
		}
	})
}

// sharedServer stays reachable for as long as the process lives; were it collected, so would be the pipe that keeps it running.
var sharedServer = sync.OnceValues(func() (*Server, error) {
	s, err := newServer()
	if err == nil {
		s.shared = true
	}
	return s, err
})

// Shared is the one server of this test process, started at first use. Tests run on it side by side, each in a [Server.Schema] of
// its own; none may stop it. It ends with the process.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	s, err := sharedServer()
	if err != nil {
		tb.Fatalf("start the shared PostgreSQL server: %v", err)
	}
	return s
}

// Replica starts a standby that is a server itself, from a copy of this one, which must run: it can be read from, and promoted. It follows
// asynchronously, until the primary is told to wait for it. It ends with the test.
func (s *Server) Replica(tb testing.TB) *Server {
	tb.Helper()
	replica, err := newServer("standby", s.directory)
	if err != nil {
		tb.Fatalf("start a standby: %v", err)
	}
	endWithTest(tb, replica)
	return replica
}

// Upgraded stops this server and starts another, on the cluster that pg_upgrade has made of its own. It ends with the test.
func (s *Server) Upgraded(tb testing.TB) *Server {
	tb.Helper()
	s.Stop(tb)
	upgraded, err := newServer("upgrade", s.directory)
	if err != nil {
		tb.Fatalf("upgrade the PostgreSQL server in %s: %v", s.directory, err)
	}
	endWithTest(tb, upgraded)
	return upgraded
}

// Promote has a standby take over, and returns when it can be written to.
func (s *Server) Promote(tb testing.TB) {
	tb.Helper()
	s.command(tb, "promote", true)
}

func newServer(args ...string) (*Server, error) {
	k, directory, address, err := launch(args...)
	if err != nil {
		return nil, err
	}
	return &Server{directory: directory, url: address, process: k, running: true}, nil
}

// URL is where the server accepts connections, as a superuser of an empty database: postgres://vacancy@127.0.0.1:PORT/vacancy with
// TLS off. It stays the same when the server is stopped and started.
func (s *Server) URL() string { return s.url }

// Execute runs one statement as a superuser, on a connection of its own.
func (s *Server) Execute(tb testing.TB, statement string) {
	tb.Helper()
	if err := s.execute(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Hosts is the URL that lists the hosts of several servers, each of which may be reached by another address than its own: "host:port".
func Hosts(hosts ...string) string {
	return "postgres://vacancy@" + strings.Join(hosts, ",") + "/vacancy?sslmode=disable"
}

// Host is where the server is reached: "127.0.0.1:PORT".
func (s *Server) Host(tb testing.TB) string {
	tb.Helper()
	address, err := url.Parse(s.url)
	if err != nil {
		tb.Fatal(err)
	}
	return address.Host
}

// Directory holds the server's files: the cluster in data, and its log, which is emptied by each start, in log.
func (s *Server) Directory() string { return s.directory }

// Stop shuts the server down in good order: connections are cut, their transactions rolled back, and all is written. Stopping a
// stopped server does nothing.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	s.command(tb, "stop fast", false)
}

// Crash ends the server as a crash does: at once, with nothing written but what was committed. The next start recovers.
func (s *Server) Crash(tb testing.TB) {
	tb.Helper()
	s.command(tb, "stop immediate", false)
}

// Start starts a stopped or crashed server again, on the same port, and returns when it accepts connections. Starting a running
// server does nothing.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	s.command(tb, "start", true)
}

// Restart is [Server.Stop] and [Server.Start].
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.command(tb, "restart", true)
}

func (s *Server) command(tb testing.TB, command string, running bool) {
	tb.Helper()
	if s.shared {
		tb.Fatalf("%s: other tests use the shared server", command)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.process.do(command); err != nil {
		tb.Fatalf("%s the PostgreSQL server in %s: %v", command, s.directory, err)
	}
	s.running = running
}

func (s *Server) isRunning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}
