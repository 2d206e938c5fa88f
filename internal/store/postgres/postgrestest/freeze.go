package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Freeze stops all processes of the server where they are, as a machine or a disk that hangs does: connections stay open, new ones are
// accepted by the kernel, and nothing is ever answered. Thaw lets the server go on; at the latest it does when the test ends.
func (s *Server) Freeze(tb testing.TB) {
	tb.Helper()
	tb.Cleanup(func() { s.Thaw(tb) })
	s.signal(tb, syscall.SIGSTOP)
}

// Thaw lets a frozen server go on. Thawing one that is not frozen does nothing.
func (s *Server) Thaw(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGCONT)
}

// signal sends a signal to the postmaster, which then starts no more processes if it stops, and to all that it has started. Each of
// them leads a process group of its own.
func (s *Server) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	if s.shared {
		tb.Fatal("other tests use the shared server")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running {
		return
	}
	postmaster, err := s.postmaster()
	if err == nil {
		err = syscall.Kill(postmaster, signal)
	}
	var children []int
	if err == nil {
		children, err = childrenOf(postmaster)
	}
	for _, child := range children {
		if killed := syscall.Kill(child, signal); !errors.Is(killed, syscall.ESRCH) {
			err = errors.Join(err, killed)
		}
	}
	if err != nil {
		tb.Fatalf("send %s to the PostgreSQL server in %s: %v", signal, s.directory, err)
	}
}

// postmaster is the process that all others of the server are children of.
func (s *Server) postmaster() (pid int, err error) {
	content, err := os.ReadFile(filepath.Join(s.directory, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// childrenOf are the processes that a process has started.
func childrenOf(parent int) (children []int, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// "pid (name) state ppid ...", and the name may hold anything.
		pid, rest, _ := strings.Cut(string(content), " ")
		fields := strings.Fields(rest[strings.LastIndex(rest, ")")+1:])
		if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		child, err := strconv.Atoi(pid)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		children = append(children, child)
	}
	return children, nil
}
