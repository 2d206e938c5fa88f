package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"vacancy/internal/bench/reference"
)

// ServerOptions say how to start a server for a run.
type ServerOptions struct {
	// Command starts the program; it gets the arguments of `vacancy serve` added. Nil is this program itself.
	Command []string
	// Database is "sqlite" for a file that is thrown away, or "postgres://..." for a schema that is dropped at the end. "" is sqlite.
	Database string
	// Directory is where a file lives until the end: its disk is part of what is measured. "" is the system's for temporary files.
	Directory string
	// Nodes is how many nodes serve the database; 0 is one. Several need PostgreSQL.
	Nodes int
	// Locking and Connections are settings of `vacancy serve`; zero leaves them to it.
	Locking     string
	Connections int
}

// sqliteDatabase is the [ServerOptions.Database] that needs no server.
const sqliteDatabase = "sqlite"

func (o ServerOptions) check() error {
	switch {
	case o.Nodes < 0 || o.Connections < 0:
		return errors.New("nodes and connections must not be less than 0")
	case o.Nodes > 1 && o.Database == sqliteDatabase:
		return errors.New("several nodes need a PostgreSQL database")
	}
	return nil
}

// Server is a server of the run's own: child processes with a database that is thrown away.
type Server struct {
	Target

	command     []string
	environment []string
	processes   []*process
	directory   string            // of SQLite's file, or ""
	schema      *reference.Schema // of PostgreSQL, or nil
	closing     sync.Once
	closed      error
}

// StartServer starts a server on free ports of the loopback interface, and returns when it is ready. Close stops it and removes
// its database. The context is for the start only.
func StartServer(ctx context.Context, o ServerOptions) (_ *Server, err error) {
	o.Database, o.Nodes = cmp.Or(o.Database, sqliteDatabase), cmp.Or(o.Nodes, 1)
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Command == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		o.Command = []string{self}
	}
	s := &Server{Target: Target{Key: rand.Text()}, command: o.Command}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	database, err := s.makeDatabase(ctx, o)
	if err != nil {
		return nil, err
	}
	// By the environment, since other users of the machine can read a program's arguments.
	s.environment = []string{"VACANCY_ADMIN_KEY=" + s.Key, "VACANCY_DATABASE=" + database, "VACANCY_PROBE_INTERVAL=0"}
	if o.Locking != "" {
		s.environment = append(s.environment, "VACANCY_LOCKING="+o.Locking)
	}
	if o.Connections != 0 {
		s.environment = append(s.environment, "VACANCY_CONNECTIONS="+strconv.Itoa(o.Connections))
	}
	for range o.Nodes {
		address, err := freeAddress(ctx)
		if err == nil {
			err = s.add(ctx, address)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// makeDatabase makes an empty database and returns how `vacancy serve` is told of it.
func (s *Server) makeDatabase(ctx context.Context, o ServerOptions) (string, error) {
	if o.Database == sqliteDatabase {
		var err error
		s.directory, err = os.MkdirTemp(o.Directory, "vacancy-bench-")
		return "sqlite:" + filepath.Join(s.directory, "bench.db"), err
	}
	found, err := reference.Inspect(ctx, o.Database)
	if err != nil {
		return "", err
	}
	s.Database = found.CPU()
	if s.schema, err = reference.NewSchema(ctx, o.Database); err != nil {
		return "", err
	}
	return s.schema.URL, nil
}

// add starts one more node and waits until it is ready.
func (s *Server) add(ctx context.Context, address string) error {
	p, err := launch(s.command, address, s.environment)
	if err != nil {
		return err
	}
	s.processes = append(s.processes, p)
	s.Nodes = append(s.Nodes, Node{URL: p.url, PID: p.pid()})
	return p.ready(ctx)
}

// restart stops a server of one node and starts it again at the same address. It returns when the program was started, once it is
// ready, and how long that took.
func (s *Server) restart(ctx context.Context) (began time.Time, took time.Duration, err error) {
	if len(s.processes) != 1 {
		return began, 0, errors.New("only a server of one node is restarted")
	}
	p := s.processes[0]
	if err := p.stop(); err != nil {
		return began, 0, err
	}
	s.processes, s.Nodes = nil, nil
	began = time.Now()
	if err := s.add(ctx, p.url[len("http://"):]); err != nil {
		return began, 0, fmt.Errorf("start again: %w", err)
	}
	return began, time.Since(began), nil
}

// Close stops the server and removes its database. It may be called more than once.
func (s *Server) Close() error {
	s.closing.Do(func() {
		stopped := make([]error, len(s.processes))
		var stopping sync.WaitGroup
		for i, p := range s.processes {
			stopping.Go(func() { stopped[i] = p.stop() })
		}
		stopping.Wait()
		s.closed = errors.Join(errors.Join(stopped...), s.removeDatabase())
	})
	return s.closed
}

func (s *Server) removeDatabase() error {
	switch {
	case s.schema != nil:
		ctx, cancel := context.WithTimeout(context.Background(), dropTimeout)
		defer cancel()
		return s.schema.Drop(ctx)
	case s.directory != "":
		return os.RemoveAll(s.directory)
	default:
		return nil // the start failed before there was one
	}
}
