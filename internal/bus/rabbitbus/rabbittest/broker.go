package rabbittest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Broker is a RabbitMQ node that belongs to this process. Its methods may be called by several goroutines, but those that fail a test
// only by the test's own.
type Broker struct {
	node   *node
	shared bool

	mu  sync.Mutex // one command at a time, for the process answers in order
	pid int        // 0 if it does not run
}

// Start starts a broker for this test alone, which ends with the test. That takes some seconds: a test that does not harm its broker is
// better off with [Shared].
func Start(tb testing.TB) *Broker {
	tb.Helper()
	b, err := newBroker()
	if err != nil {
		tb.Fatalf("start RabbitMQ: %v", err)
	}
	tb.Cleanup(func() {
		if err := b.node.close(); err != nil {
			tb.Errorf("remove the RabbitMQ node in %s: %v", b.node.directory, err)
		}
	})
	return b
}

// sharedBroker stays reachable for as long as the process lives; were it collected, so would be the pipe that keeps it running.
var sharedBroker = sync.OnceValues(func() (*Broker, error) {
	b, err := newBroker()
	if err == nil {
		b.shared = true
	}
	return b, err
})

// Shared is the one broker of this test process, started at first use. Tests run on it side by side, each in a [Broker.VirtualHost] of
// its own; none may harm it. It ends with the process.
func Shared(tb testing.TB) *Broker {
	tb.Helper()
	b, err := sharedBroker()
	if err != nil {
		tb.Fatalf("start the shared RabbitMQ broker: %v", err)
	}
	return b
}

func newBroker() (*Broker, error) {
	n, pid, err := launch()
	if err != nil {
		return nil, err
	}
	return &Broker{node: n, pid: pid}, nil
}

// Address is where the broker listens, 127.0.0.1 and a port. It stays the same when it is started again.
func (b *Broker) Address() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.node.ports.plain))
}

// SecureAddress is where it listens with TLS, with a certificate for 127.0.0.1 and localhost that [CAFile] has signed. It asks for a
// certificate, and accepts a connection without one.
func (b *Broker) SecureAddress() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.node.ports.secure))
}

// File is the path of one of the broker's files for TLS.
func (b *Broker) File(name string) string { return b.node.file(name) }

// Directory holds the node's files.
func (b *Broker) Directory() string { return b.node.directory }

// URL is that of the virtual host "/", for a user who may do everything.
func (b *Broker) URL() string { return "amqp://guest:guest@" + b.Address() + "/" }

// VirtualHost makes an empty virtual host for this test and returns its URL, for a user who may do everything there. It is deleted when
// the test ends.
func (b *Broker) VirtualHost(tb testing.TB) string {
	tb.Helper()
	name := "test-" + strings.ToLower(rand.Text()[:12])
	b.Evaluate(tb, fmt.Sprintf(`rabbit_vhost:add(<<%q>>, <<"test">>)`, name))
	b.Grant(tb, "guest", name, Everything)
	tb.Cleanup(func() {
		if b.running() {
			b.Evaluate(tb, fmt.Sprintf(`rabbit_vhost:delete(<<%q>>, <<"test">>)`, name))
		}
	})
	return b.URL() + name
}

// Permissions are the patterns of what a user may do in a virtual host.
type Permissions struct{ Configure, Write, Read string }

// Everything is what the user of [Broker.URL] may do.
var Everything = Permissions{Configure: ".*", Write: ".*", Read: ".*"}

// AddUser makes a user, who may do nothing yet.
func (b *Broker) AddUser(tb testing.TB, name, password string) {
	tb.Helper()
	b.Evaluate(tb, fmt.Sprintf(`rabbit_auth_backend_internal:add_user(<<%q>>, <<%q>>, <<"test">>)`, name, password))
}

// ChangePassword changes that of a user. Connections of theirs stay.
func (b *Broker) ChangePassword(tb testing.TB, name, password string) {
	tb.Helper()
	b.Evaluate(tb, fmt.Sprintf(`rabbit_auth_backend_internal:change_password(<<%q>>, <<%q>>, <<"test">>)`, name, password))
}

// Grant sets what a user may do in a virtual host.
func (b *Broker) Grant(tb testing.TB, user, virtualHost string, p Permissions) {
	tb.Helper()
	b.Evaluate(tb, fmt.Sprintf(`rabbit_auth_backend_internal:set_permissions(<<%q>>, <<%q>>, <<%q>>, <<%q>>, <<%q>>, <<"test">>)`,
		user, virtualHost, p.Configure, p.Write, p.Read))
}

// As is a URL of the broker for another user, or by another way: an empty address is the same.
func As(tb testing.TB, brokerURL, user, password, address string) string {
	tb.Helper()
	u, err := url.Parse(brokerURL)
	if err != nil {
		tb.Fatal(err)
	}
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	if address != "" {
		u.Host = address
	}
	return u.String()
}

// Alarm sets or clears an alarm, of "memory" or "disk": the broker takes nothing from those who publish while one is on.
func (b *Broker) Alarm(tb testing.TB, resource string, on bool) {
	tb.Helper()
	b.own(tb)
	if on {
		b.Evaluate(tb, fmt.Sprintf("rabbit_alarm:set_alarm({{resource_limit, %s, node()}, []})", resource))
	} else {
		b.Evaluate(tb, fmt.Sprintf("rabbit_alarm:clear_alarm({resource_limit, %s, node()})", resource))
	}
}

// CloseConnections ends all connections to a virtual host, as an operator does, with a reason.
func (b *Broker) CloseConnections(tb testing.TB, virtualHost, reason string) {
	tb.Helper()
	b.Evaluate(tb, fmt.Sprintf("[rabbit_networking:close_connection(Pid, %q) || [{pid, Pid}, {vhost, <<%q>>}] <- "+
		"rabbit_networking:connection_info_all([pid, vhost])]", reason, virtualHost))
}

// Evaluate has the node evaluate an expression of Erlang, on one line, and returns its value as Erlang writes it. These are the
// functions that rabbitmqctl calls, without the seconds that it takes to start.
func (b *Broker) Evaluate(tb testing.TB, expression string) string {
	tb.Helper()
	value, err := b.evaluate(expression)
	if err != nil {
		tb.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (b *Broker) evaluate(expression string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), evaluateTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", b.node.file("control"))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(evaluateTimeout)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, expression+".\n"); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(answer))
	value, ok := strings.CutPrefix(text, "ok ")
	if !ok {
		return "", errors.New(text)
	}
	return value, nil
}

// Kill ends the node as kill -9 does. What RabbitMQ has confirmed is on the disk then, but for one thing that is no test's concern: the
// names of quorum queues are written up to three seconds after their declaration (by dets, as of 3.10), and a queue that has lost its
// name never confirms again. They are written before.
func (b *Broker) Kill(tb testing.TB) {
	tb.Helper()
	if b.running() {
		b.Evaluate(tb, "[dets:sync(Table) || Table <- dets:all()]")
	}
	b.end(tb, "kill")
}

// Stop shuts the node down in good order.
func (b *Broker) Stop(tb testing.TB) {
	tb.Helper()
	b.end(tb, "stop")
}

func (b *Broker) end(tb testing.TB, command string) {
	tb.Helper()
	b.own(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.node.do(command); err != nil {
		tb.Fatalf("%s the RabbitMQ node in %s: %v", command, b.node.directory, err)
	}
	b.pid = 0
}

// Start starts a node that was killed or stopped, with its data, and returns when it accepts connections. Starting a running one does
// nothing.
func (b *Broker) Start(tb testing.TB) {
	tb.Helper()
	b.own(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	pid, err := b.node.start()
	if err != nil {
		tb.Fatalf("start the RabbitMQ node in %s: %v", b.node.directory, err)
	}
	b.pid = pid
}

// Freeze stops the node where it is, as a machine that hangs does: connections stay open, and nothing is ever answered. Thaw lets it go
// on; at the latest it does when the test ends.
func (b *Broker) Freeze(tb testing.TB) {
	tb.Helper()
	tb.Cleanup(func() { b.Thaw(tb) })
	b.signal(tb, syscall.SIGSTOP)
}

// Thaw lets a frozen node go on. Thawing one that is not frozen does nothing.
func (b *Broker) Thaw(tb testing.TB) {
	tb.Helper()
	b.signal(tb, syscall.SIGCONT)
}

func (b *Broker) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	b.own(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pid == 0 {
		return
	}
	if err := syscall.Kill(b.pid, signal); err != nil {
		tb.Fatalf("send %s to the RabbitMQ node in %s: %v", signal, b.node.directory, err)
	}
}

func (b *Broker) running() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pid != 0
}

// own fails a test that would harm a broker that others use.
func (b *Broker) own(tb testing.TB) {
	tb.Helper()
	if b.shared {
		tb.Fatal("other tests use the shared broker")
	}
}
