// Package proc runs the built server in processes of their own: what tests link, the product may lack. Tests also kill, stop and
// restart it here.
package proc

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"vacancy/client"
)

// AdminKey is the management key of every server that is started here.
const AdminKey = "an-admin-key-for-tests"

// Main is the body of TestMain in packages that run the program: it runs the tests, looks for goroutines that were left behind, and
// removes the program.
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if programs.dir != "" {
			if err := os.RemoveAll(programs.dir); err != nil {
				fmt.Fprintln(os.Stderr, "remove the programs that were built:", err)
				code = max(code, 1)
			}
		}
		os.Exit(code) //nolint:forbidigo // this is the end of a test process
	}))
}

// Process is a server in a process of its own.
type Process struct {
	// URL is where it serves.
	URL string

	cmd    *exec.Cmd
	said   *said
	exited chan struct{}
	err    error
}

var address = regexp.MustCompile(`https?://(127\.0\.0\.1|localhost):\d+`)

// Launch starts a server on a database ("sqlite:FILE" or "postgres://...") with further arguments of `vacancy serve`, and waits
// until it says where it is. It is killed at the end of the test, if it has not ended by then.
func Launch(tb testing.TB, database string, args ...string) *Process {
	tb.Helper()
	return LaunchBy(tb, nil, database, args...)
}

// LaunchBy is [Launch] by another program, which is given the server's command line and becomes it.
func LaunchBy(tb testing.TB, by []string, database string, args ...string) *Process {
	tb.Helper()
	line := slices.Concat(by, []string{Program(tb)}, serveLine, args)
	return start(tb, exec.Command(line[0], line[1:]...), database) //nolint:gosec,noctx // our own program; Kill ends it
}

// LaunchAt is [Launch] at an address, HOST:PORT, and returns at once: the server may have to wait for its database. It logs at level info.
func LaunchAt(tb testing.TB, address, database string, args ...string) *Process {
	tb.Helper()
	line := slices.Concat([]string{"serve", "--listen", address}, args)
	return startAt(tb, exec.Command(Program(tb), line...), database, "http://"+address) //nolint:gosec,noctx // our own program; Kill ends it
}

// LaunchOf is [Launch] of another build of the server.
func LaunchOf(tb testing.TB, program, database string, args ...string) *Process {
	tb.Helper()
	return start(tb, exec.Command(program, slices.Concat(serveLine, args)...), database) //nolint:gosec,noctx // our own program; Kill ends it
}

// serveLine begins the command line of every server.
var serveLine = []string{"serve", "--listen", "127.0.0.1:0", "--log-level", "error"}

// asSupervised becomes a program to which sockets are passed: systemd says by its process id whom they are for.
const asSupervised = `LISTEN_PID=$$; export LISTEN_PID; exec "$@"`

// LaunchSupervised is [LaunchAt] as systemd does it: the server is given sockets, each by its name, and tells the socket at the path notify
// how it is. The one named "public" is where it serves.
func LaunchSupervised(tb testing.TB, sockets map[string]*net.TCPListener, notify, database string, args ...string) *Process {
	tb.Helper()
	line := slices.Concat([]string{"-c", asSupervised, "sh", Program(tb), "serve"}, args)
	cmd := exec.Command("sh", line...) //nolint:gosec,noctx // our own program; Kill ends it
	names := slices.Sorted(maps.Keys(sockets))
	for _, name := range names {
		file, err := sockets[name].File()
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = file.Close() })
		cmd.ExtraFiles = append(cmd.ExtraFiles, file)
	}
	cmd.Env = append(os.Environ(), "LISTEN_FDS="+strconv.Itoa(len(names)), "LISTEN_FDNAMES="+strings.Join(names, ":"),
		"NOTIFY_SOCKET="+notify, "WATCHDOG_USEC=1000000")
	return startAt(tb, cmd, database, "http://"+sockets["public"].Addr().String())
}

// start starts a server, in the test's environment unless the command has one of its own, and waits until it says where it is.
func start(tb testing.TB, cmd *exec.Cmd, database string) *Process {
	tb.Helper()
	return startAt(tb, cmd, database, "")
}

// startAt is start for a server of which it is known where it will be.
func startAt(tb testing.TB, cmd *exec.Cmd, database, url string) *Process {
	tb.Helper()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	// Tests count what they do. One of the probe asks for it by its flag, which wins.
	cmd.Env = append(cmd.Env, "VACANCY_ADMIN_KEY="+AdminKey, "VACANCY_DATABASE="+database, "VACANCY_PROBE_INTERVAL=0")
	said := new(said)
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	p := &Process{URL: url, cmd: cmd, said: said, exited: make(chan struct{})}
	lines := bufio.NewScanner(out)
	for p.URL == "" && lines.Scan() {
		p.URL = address.FindString(lines.Text())
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		p.err = cmd.Wait()
		close(p.exited)
	}()
	tb.Cleanup(func() {
		p.Kill()
		if tb.Failed() {
			tb.Logf("the server at %s said:\n%s", p.URL, said.text())
		}
	})
	if p.URL == "" {
		p.Kill()
		tb.Fatalf("the server said nothing of where it is, and ended with %v: %s", p.err, said.text())
	}
	return p
}

// Kill ends the process as a power cut would end it: it cannot do anything any more. It may have ended before.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Stop tells the process to end, waits for it within ctx, and returns how it ended.
func (p *Process) Stop(ctx context.Context) error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// PID is the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Pause freezes the process, as a machine that is overloaded or suspended would; Resume lets it go on.
func (p *Process) Pause() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) }

// Hangup asks the process to read its settings again.
func (p *Process) Hangup() { _ = p.cmd.Process.Signal(syscall.SIGHUP) }

// Resume lets a paused process go on.
func (p *Process) Resume() { _ = p.cmd.Process.Signal(syscall.SIGCONT) }

// Said is what the process has logged so far.
func (p *Process) Said() string { return p.said.text() }

// Client is a client of the server with the management key.
func (p *Process) Client(tb testing.TB) *client.Client {
	tb.Helper()
	c, err := client.New(p.URL, client.WithKey(AdminKey))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Run runs another command of the program to its end, such as `verify`, and returns what it said and its exit code.
func Run(tb testing.TB, database string, args ...string) (said string, code int) {
	tb.Helper()
	return RunBy(tb, nil, database, args...)
}

// RunBy is [Run] by another program, as in [LaunchBy].
func RunBy(tb testing.TB, by []string, database string, args ...string) (said string, code int) {
	tb.Helper()
	line := slices.Concat(by, []string{Program(tb)}, args)
	cmd := exec.CommandContext(tb.Context(), line[0], line[1:]...) //nolint:gosec // our own program
	cmd.Env = append(os.Environ(), "VACANCY_DATABASE="+database)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		tb.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// said keeps the beginning of what a process says, for tests that fail.
type said struct {
	mu   sync.Mutex
	kept []byte
}

const saidMost = 16 << 10

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, p[:min(len(p), saidMost-len(s.kept))]...)
	return len(p), nil
}

func (s *said) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.kept)
}
