package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// ServerOptions say how to start a server for a run.
type ServerOptions struct {
	// Command starts the program; it gets the arguments of `vacancy serve` added. Nil is this program itself.
	Command []string
	// Directory is where the database lives until the end: its disk is part of what is measured. "" is the system's for
	// temporary files.
	Directory string
}

// Server is a server of the run's own: a child process with a database that is thrown away.
type Server struct {
	Target

	process   *exec.Cmd
	exited    chan struct{}
	directory string
	said      tail
	closing   sync.Once
	closed    error
}

const (
	startWithin = 30 * time.Second
	stopWithin  = 20 * time.Second
)

// StartServer starts a server on a free port of the loopback interface, and returns when it is ready. Close stops it and removes
// its database. The context is for the start only.
func StartServer(ctx context.Context, o ServerOptions) (*Server, error) {
	if o.Command == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		o.Command = []string{self}
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	directory, err := os.MkdirTemp(o.Directory, "vacancy-bench-")
	if err != nil {
		return nil, err
	}
	s := &Server{Target: Target{URL: "http://" + address, Key: rand.Text()}, exited: make(chan struct{}), directory: directory}
	args := slices.Concat(o.Command[1:], []string{
		"serve", "--listen", address, "--database", "sqlite:" + filepath.Join(directory, "bench.db"), "--log-level", "warn",
	})
	s.process = exec.Command(o.Command[0], args...) //nolint:gosec,noctx // this program itself; Close ends it
	s.process.Env = append(os.Environ(), "VACANCY_ADMIN_KEY="+s.Key)
	s.process.Stdout, s.process.Stderr = &s.said, &s.said
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start a server: %w", err), os.RemoveAll(directory))
	}
	s.PID = s.process.Process.Pid
	go func() {
		_ = s.process.Wait() // why it ended is in what it said
		close(s.exited)
	}()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// freeAddress is one that nothing listens on at the moment.
func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits until the server serves.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := probe.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-every.C:
		case <-s.exited:
			return fmt.Errorf("the server ended at once; it said: %s", s.said.String())
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w; it said: %s", context.Cause(ctx), s.said.String())
		}
	}
}

// Close stops the server and removes its database. It may be called more than once.
func (s *Server) Close() error {
	s.closing.Do(func() {
		_ = s.process.Process.Signal(syscall.SIGTERM) // fails if it has ended, which is what is wanted
		timeout := time.NewTimer(stopWithin)
		defer timeout.Stop()
		select {
		case <-s.exited:
		case <-timeout.C:
			s.closed = errors.Join(fmt.Errorf("the server did not stop within %s", stopWithin), s.process.Process.Kill())
			<-s.exited
		}
		s.closed = errors.Join(s.closed, os.RemoveAll(s.directory))
	})
	return s.closed
}

// tail keeps the end of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailBytes; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
