package natsbus_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/bus/bustest"
)

// brokerConfig names the configuration of the server that the test binary is to be, instead of running tests.
const brokerConfig = "VACANCY_TEST_NATS_CONFIG"

func TestMain(m *testing.M) {
	if path := os.Getenv(brokerConfig); path != "" {
		if err := serve(path); err != nil {
			panic(err)
		}
		return
	}
	goleak.VerifyTestMain(m, bustest.ProxyLeaks()...)
}

// serve is a NATS server until standard input ends, which it does with the test that started it.
func serve(path string) error {
	options, err := server.ProcessConfigFile(path)
	if err != nil {
		return err
	}
	options.NoSigs = true
	s, err := server.NewServer(options)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		return errors.New("the server is not ready")
	}
	if _, err := fmt.Fprintln(os.Stdout, s.Addr()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	return err
}

// broker is a NATS server in a process of its own.
type broker struct {
	name    string // in a cluster
	dir     string
	config  string // but for the address
	address string
	cmd     *exec.Cmd
	stdin   io.Closer
}

const (
	user     = "vacancy"
	password = "swordfish-of-the-test"
)

// jetStream is the configuration of a server with JetStream and a user.
const jetStream = `
jetstream { store_dir: "$DIR/jetstream", max_file_store: 4GB }
authorization { user: ` + user + `, password: ` + password + ` }
`

// startBroker starts a server until the test ends. $DIR in the configuration is a folder of its own.
func startBroker(tb testing.TB, config string) *broker {
	tb.Helper()
	b := &broker{dir: tb.TempDir(), address: "127.0.0.1:-1"}
	b.config = strings.ReplaceAll(config, "$DIR", b.dir)
	b.start(tb)
	tb.Cleanup(func() { b.kill(tb) })
	return b
}

func (b *broker) start(tb testing.TB) {
	tb.Helper()
	path := filepath.Join(b.dir, "nats.conf")
	if err := os.WriteFile(path, []byte("listen: "+b.address+"\n"+b.config), 0o600); err != nil {
		tb.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), executable)
	cmd.Env = append(os.Environ(), brokerConfig+"="+path)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	b.cmd, b.stdin = cmd, stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("the server did not start: %v", err)
	}
	b.address = strings.TrimSpace(line)
}

// kill ends the server as kill -9 does.
func (b *broker) kill(tb testing.TB) {
	tb.Helper()
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait() // it was killed
	_ = b.stdin.Close()
}

// url leads to an address, which may be a proxy's, with the right credentials.
func url(address string) string { return "nats://" + user + ":" + password + "@" + address }

// messages reads what the stream has of a venue.
func (b *broker) messages(tb testing.TB, venue booking.VenueID) []bustest.Message {
	tb.Helper()
	all, err := b.read(context.WithoutCancel(tb.Context()), venue)
	must(tb, err)
	return all
}

func (b *broker) read(ctx context.Context, venue booking.VenueID) (all []bustest.Message, err error) {
	nc, err := nats.Connect(url(b.address))
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	consumer, err := js.OrderedConsumer(ctx, "VACANCY", jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{"vacancy." + string(venue) + ".>"}, DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return nil, err
	}
	pending := consumer.CachedInfo().NumPending
	if pending == 0 {
		return nil, nil
	}
	batch, err := consumer.Fetch(int(pending), jetstream.FetchMaxWait(10*time.Second))
	if err != nil {
		return nil, err
	}
	for m := range batch.Messages() {
		headers := make(map[string]string)
		for name, values := range m.Headers() {
			headers[name] = values[0]
		}
		all = append(all, bustest.Message{Address: m.Subject(), Headers: headers, Body: m.Data()})
	}
	return all, batch.Error()
}

// freeAddress is one where nobody listens.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
