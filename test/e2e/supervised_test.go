package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// supervisor is systemd, as far as a service sees it.
type supervisor struct {
	sockets map[string]*net.TCPListener
	notify  *net.UnixConn
	// told is what the service has told, a datagram each.
	told chan string
}

func supervise(t *testing.T) *supervisor {
	t.Helper()
	// A program that nohup runs ignores the signal, and so would the servers that it starts; a supervisor's services do not.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	s := &supervisor{sockets: make(map[string]*net.TCPListener), told: make(chan string, 1000)}
	for _, name := range []string{"public", "admin"} {
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		must(t, err)
		s.sockets[name] = listener
	}
	var err error
	s.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"})
	must(t, err)
	var hearing sync.WaitGroup
	hearing.Go(func() {
		for b := make([]byte, 4096); ; {
			n, err := s.notify.Read(b)
			if err != nil {
				return
			}
			s.told <- string(b[:n])
		}
	})
	t.Cleanup(func() {
		_ = s.notify.Close()
		hearing.Wait()
		for _, listener := range s.sockets {
			_ = listener.Close()
		}
	})
	return s
}

// start starts the service, and waits until it is ready.
func (s *supervisor) start(t *testing.T, database string, args ...string) *proc.Process {
	t.Helper()
	server := proc.LaunchSupervised(t, s.sockets, s.notify.LocalAddr().String(), database, args...)
	s.hears(t, "READY=1", "STATUS=serving")
	return server
}

// hears waits until the service tells all of these in one datagram.
func (s *supervisor) hears(t *testing.T, parts ...string) {
	t.Helper()
	late := time.After(time.Minute)
next:
	for {
		select {
		case told := <-s.told:
			for _, part := range parts {
				if !strings.Contains(told, part) {
					continue next
				}
			}
			return
		case <-late:
			t.Fatalf("the service did not tell %q", parts)
		}
	}
}

// crowd books all the time, some on connections that they keep, some on a new one each time, and counts what goes wrong. Those that keep
// theirs send idempotency keys: a connection may be closed in the moment in which it is used again, and then net/http sends again what has
// a key.
type crowd struct {
	booked, refused, failed atomic.Int64
	first                   atomic.Pointer[error]
	stopping                atomic.Bool
	clients                 sync.WaitGroup
}

func startCrowd(base string) *crowd {
	c := new(crowd)
	for i := range 8 {
		keeps := i%2 == 1
		caller := &http.Client{Transport: &http.Transport{DisableKeepAlives: !keeps}}
		c.clients.Go(func() {
			defer caller.CloseIdleConnections()
			for n := 0; !c.stopping.Load(); n++ {
				key := ""
				if keeps {
					key = fmt.Sprintf("restarts-of-%d-number-%d", i, n)
				}
				c.book(caller, base, fmt.Sprintf("ada-%d-%d@example.com", i, n), key)
			}
		})
	}
	return c
}

func (c *crowd) book(caller *http.Client, base, email, key string) {
	body := fmt.Sprintf(`{"service":"class","start":%q,"customer":{"name":"Ada","email":%q}}`, tomorrow().Format(time.RFC3339), email)
	address := base + "/v1/venues/studio/bookings"
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		panic(err) // the address is the server's own
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	r, err := caller.Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
		err = errors.Join(err, r.Body.Close())
		if r.StatusCode != http.StatusCreated {
			err = errors.Join(err, fmt.Errorf("status %d", r.StatusCode))
		}
	}
	switch {
	case err == nil:
		c.booked.Add(1)
		return
	case errors.Is(err, syscall.ECONNREFUSED):
		c.refused.Add(1)
	default:
		c.failed.Add(1)
	}
	c.first.CompareAndSwap(nil, &err)
}

// some waits until some more are booked.
func (c *crowd) some(t *testing.T, n int64) {
	t.Helper()
	goal := c.booked.Load() + n
	eventually(t, "bookings go on", func() bool { return c.booked.Load() >= goal })
}

// end ends the crowd, and has the bookings that were acknowledged compared with those that are there.
func (c *crowd) end(t *testing.T, server *proc.Process) {
	t.Helper()
	c.stopping.Store(true)
	c.clients.Wait()
	stored := int64(0)
	for _, err := range server.Client(t).Bookings(t.Context(), "studio", client.BookingsQuery{}) {
		must(t, err)
		stored++
	}
	if stored != c.booked.Load() {
		t.Errorf("%d bookings were answered, and %d are there", c.booked.Load(), stored)
	}
}

// The server is restarted again and again under load, by a supervisor that holds its sockets. Nobody is refused, and every booking
// succeeds.
func TestRestartsRefuseNobody(t *testing.T) {
	t.Parallel()
	s := supervise(t)
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	server := s.start(t, database, "--limits", "off")
	class(t, server.Client(t), 1_000_000)
	s.hears(t, "WATCHDOG=1")
	server.Hangup()
	s.hears(t, "RELOADING=1", "MONOTONIC_USEC=")
	s.hears(t, "READY=1")
	operator := newAsker("http://" + s.sockets["admin"].Addr().String())
	if a := operator.get(t, "/readyz"); a.status != http.StatusOK {
		t.Errorf("the operator's port answers %d", a.status)
	}
	c := startCrowd(server.URL)
	var longest time.Duration
	for range 3 {
		c.some(t, 100)
		began := time.Now()
		must(t, server.Stop(t.Context()))
		s.hears(t, "STOPPING=1", "EXTEND_TIMEOUT_USEC=")
		server = s.start(t, database, "--limits", "off")
		longest = max(longest, time.Since(began))
	}
	c.some(t, 100)
	c.end(t, server)
	if c.refused.Load() > 0 || c.failed.Load() > 0 {
		t.Errorf("%d were refused, and %d bookings failed: %v", c.refused.Load(), c.failed.Load(), *c.first.Load())
	}
	t.Logf("%d bookings over 3 restarts, the longest of %s", c.booked.Load(), longest)
}

// The control: a server that opens its port by itself refuses those who come between.
func TestRestartsWithoutSupervisorRefuse(t *testing.T) {
	t.Parallel()
	database, address := "sqlite:"+filepath.Join(t.TempDir(), "v.db"), freePort(t)
	server := proc.LaunchAt(t, address, database, "--limits", "off")
	ask := newAsker(server.URL)
	listens := func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil && ask.get(t, "/readyz").status == http.StatusOK
	}
	eventually(t, "it serves", listens)
	class(t, server.Client(t), 1_000_000)
	c := startCrowd(server.URL)
	c.some(t, 100)
	must(t, server.Stop(t.Context()))
	eventually(t, "somebody is refused", func() bool { return c.refused.Load() > 0 })
	server = proc.LaunchAt(t, address, database, "--limits", "off")
	eventually(t, "it serves again", listens)
	c.end(t, server)
}

// A supervised server that waits for its database says so, and asks for more time.
func TestSupervisorIsToldOfWaiting(t *testing.T) {
	t.Parallel()
	s := supervise(t)
	proc.LaunchSupervised(t, s.sockets, s.notify.LocalAddr().String(), "postgres://vacancy@"+freePort(t)+"/vacancy")
	s.hears(t, "STATUS=waiting for the database: ", "EXTEND_TIMEOUT_USEC=60000000")
}

// systemd takes the units as they are, and would complain if there were anything to complain of.
func TestSystemdUnits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const folder = "../../deploy/systemd"
	entries, err := os.ReadDir(folder)
	must(t, err)
	var units []string
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		must(t, err)
		program := proc.Program(t) // which must be there
		text := strings.NewReplacer("/usr/local/bin/vacancy", program, "/opt/vacancy/%i/vacancy", program).Replace(string(content))
		unit := filepath.Join(dir, entry.Name())
		must(t, os.WriteFile(unit, []byte(text), 0o600))
		units = append(units, unit)
	}
	if len(units) < 3 {
		t.Fatalf("the units are %q", units)
	}
	verify := func() string {
		line := append([]string{"verify", "--man=no", "--recursive-errors=no"}, units...)
		cmd := exec.CommandContext(t.Context(), "systemd-analyze", line...) //nolint:misspell // its name
		cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Sprintf("%v: %s", err, out)
		}
		return string(out)
	}
	if complaints := verify(); complaints != "" {
		t.Errorf("systemd complains: %s", complaints)
	}
	service := filepath.Join(dir, "vacancy.service")
	content, err := os.ReadFile(service)
	must(t, err)
	must(t, os.WriteFile(service, []byte(strings.Replace(string(content), "WatchdogSec=30", "WatchdogSecs=thirty", 1)), 0o600))
	if verify() == "" {
		t.Error("systemd does not complain of a setting that it does not know")
	}
}
