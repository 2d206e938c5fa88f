package kafkatest

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// startTimeout is how long a broker may take to start: three seconds on an idle machine.
const startTimeout = 2 * time.Minute

// Password is that of each user that [Broker.Allow] makes, and of [Stranger].
const Password = "pssst-kafka"

// Stranger is a user whom the broker knows, by SASL PLAIN, and who may do nothing.
const Stranger = "stranger"

// Options are of a broker of a test's own.
type Options struct {
	// Advertise is the address under which [Broker.Address] tells clients to reach it: that of a proxy. Empty is its own.
	Advertise string
	// Port is where [Broker.Listener] listens; zero is one that is free.
	Port int
	// Settings are properties of the broker besides.
	Settings map[string]string
}

// Broker is a Kafka broker that belongs to this process. Its methods may be called by several goroutines, but those that fail a test only
// by the test's own.
type Broker struct {
	directory string
	shared    bool
	options   Options
	authority *Authority
	client    tls.Certificate

	// The listeners' ports: for tests themselves, for what is tested, and so on.
	direct, proxied, sasl, tls, controller int

	// node is its number in its cluster, whose controller is the broker itself or another one.
	node int
	of   *Broker

	mu      sync.Mutex // one command at a time, for the process answers in order
	keeper  *keeper
	running bool
}

// Start starts a broker for this test alone, which ends with the test. That takes seconds: a test that neither stops nor breaks its broker
// is better off with [Shared].
func Start(tb testing.TB, options Options) *Broker {
	tb.Helper()
	b, err := newBroker(tb.Context(), options)
	if err != nil {
		tb.Fatalf("start Kafka: %v", err)
	}
	endWithTest(tb, b)
	return b
}

func endWithTest(tb testing.TB, b *Broker) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := b.keeper.close(); err != nil {
			tb.Errorf("remove the Kafka broker in %s: %v", b.directory, err)
		}
	})
}

// sharedBroker stays reachable for as long as the process lives; were it collected, so would be the pipe that keeps it running.
var sharedBroker = sync.OnceValues(func() (*Broker, error) {
	b, err := newBroker(context.Background(), Options{})
	if err == nil {
		b.shared = true
	}
	return b, err
})

// Shared is the one broker of this test process, started at first use. Tests run on it side by side, each with topics of its own; none
// may stop it. It ends with the process.
func Shared(tb testing.TB) *Broker {
	tb.Helper()
	b, err := sharedBroker()
	if err != nil {
		tb.Fatalf("start the shared Kafka broker: %v", err)
	}
	return b
}

// FreePort is a port that nobody listens on, below those that systems give to outgoing connections and to listeners that leave the choice
// to them.
func FreePort() (int, error) {
	ports, err := freePorts(1)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}

func freePorts(n int) ([]int, error) {
	var (
		ports     []int
		listeners []net.Listener // closed at the end, so that the ports differ
		failed    error
	)
	defer func() {
		for _, l := range listeners {
			_ = l.Close()
		}
	}()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			failed = err
			continue
		}
		listeners = append(listeners, listener)
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no free port: %w", failed)
}

// StartCluster starts several brokers that are one cluster, of which the first is the controller too. They end with the test.
func StartCluster(tb testing.TB, n int) []*Broker {
	tb.Helper()
	// One that is killed is to be missed soon.
	options := Options{Settings: map[string]string{"broker.session.timeout.ms": "3000"}}
	brokers := []*Broker{Start(tb, options)}
	for node := 2; node <= n; node++ {
		b, err := newNode(tb.Context(), options, node, brokers[0])
		if err != nil {
			tb.Fatalf("start broker %d of a cluster: %v", node, err)
		}
		endWithTest(tb, b)
		brokers = append(brokers, b)
	}
	return brokers
}

func newBroker(ctx context.Context, options Options) (*Broker, error) {
	return newNode(ctx, options, 1, nil)
}

// newNode starts a broker, as a node of the cluster of another one if that is not nil.
func newNode(ctx context.Context, options Options, node int, of *Broker) (*Broker, error) {
	authority, err := NewAuthority()
	if err != nil {
		return nil, err
	}
	b := &Broker{options: options, authority: authority, node: node, of: of}
	if b.client, err = authority.Issue("vacancy", time.Now().Add(time.Hour)); err != nil {
		return nil, err
	}
	if b.keeper, b.directory, err = startKeeper(); err != nil {
		return nil, err
	}
	// Another program may take a port between its choice and the start.
	for range 3 {
		if err = b.configure(); err != nil {
			break
		}
		if err = b.start(ctx); err == nil || !strings.Contains(err.Error(), "Address already in use") {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, b.keeper.close())
	}
	return b, nil
}

// configure chooses the ports and writes what the broker reads.
func (b *Broker) configure() error {
	ports, err := freePorts(5)
	if err != nil {
		return err
	}
	b.direct, b.proxied, b.sasl, b.tls, b.controller = ports[0], ports[1], ports[2], ports[3], ports[4]
	if b.options.Port != 0 {
		b.proxied = b.options.Port
	}
	server, err := b.authority.Issue("kafka", time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	keys, err := pemOf(server)
	if err != nil {
		return err
	}
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.authority.certificate.Raw})
	for name, content := range map[string][]byte{
		"server.properties": []byte(strings.Join(b.properties(), "\n") + "\n"), "server.pem": keys, "authority.pem": trusted,
	} {
		if err := os.WriteFile(filepath.Join(b.directory, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// properties are what this broker has besides what all have.
func (b *Broker) properties() []string {
	listeners := []string{
		"PLAINTEXT://" + address(b.direct), "PROXIED://" + address(b.proxied), "SASL://" + address(b.sasl), "TLS://" + address(b.tls),
	}
	advertised := slices.Clone(listeners)
	advertised[1] = "PROXIED://" + b.Address()
	roles, controller := "broker", b.of
	if controller == nil {
		controller = b
		roles += ",controller"
		listeners = append(listeners, "CONTROLLER://"+address(b.controller))
	}
	settings := make([]string, 0, len(b.options.Settings))
	for name, value := range b.options.Settings {
		settings = append(settings, name+"="+value)
	}
	const module = "org.apache.kafka.common.security."
	return append([]string{
		"node.id=" + strconv.Itoa(b.node),
		"process.roles=" + roles,
		"listeners=" + strings.Join(listeners, ","),
		"advertised.listeners=" + strings.Join(advertised, ","),
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT",
		"controller.quorum.voters=1@" + address(controller.controller),
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		"super.users=User:ANONYMOUS;User:CN=vacancy",
		"listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		"listener.name.sasl.plain.sasl.jaas.config=" + module + `plain.PlainLoginModule required user_` + Stranger + `="` + Password + `";`,
		"listener.name.sasl.scram-sha-256.sasl.jaas.config=" + module + "scram.ScramLoginModule required;",
		"listener.name.sasl.scram-sha-512.sasl.jaas.config=" + module + "scram.ScramLoginModule required;",
		"listener.name.tls.ssl.client.auth=required",
		"listener.name.tls.ssl.keystore.type=PEM",
		"listener.name.tls.ssl.keystore.location=" + filepath.Join(b.directory, "server.pem"),
		"listener.name.tls.ssl.truststore.type=PEM",
		"listener.name.tls.ssl.truststore.location=" + filepath.Join(b.directory, "authority.pem"),
	}, settings...)
}

func address(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// Direct is an address for the test's own clients, which no proxy is before.
func (b *Broker) Direct() string { return address(b.direct) }

// Listener is where a proxy finds the broker.
func (b *Broker) Listener() string { return address(b.proxied) }

// Address is where clients reach the broker, by its proxy if it has one.
func (b *Broker) Address() string {
	if b.options.Advertise != "" {
		return b.options.Advertise
	}
	return b.Listener()
}

// SASL is the address of the listener that asks for a name and a password.
func (b *Broker) SASL() string { return address(b.sasl) }

// TLS is the address of the listener with TLS, which asks for a certificate of [Broker.Authority].
func (b *Broker) TLS() string { return address(b.tls) }

// Authority has signed the broker's certificate, and signs those that the broker accepts.
func (b *Broker) Authority() *Authority { return b.authority }

// ClientCertificate is one that the broker accepts; its holder may do everything.
func (b *Broker) ClientCertificate() tls.Certificate { return b.client }

// Directory holds the broker's files: what it has stored in data, and its log in log.
func (b *Broker) Directory() string { return b.directory }

// Start starts a stopped or killed broker again, on the same ports and with what it has stored, and returns when it serves.
func (b *Broker) Start(tb testing.TB) {
	tb.Helper()
	b.mine(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running {
		return
	}
	if err := b.start(tb.Context()); err != nil {
		tb.Fatalf("start the Kafka broker in %s: %v", b.directory, err)
	}
}

// Kill ends the broker at once, as kill -9 does. What it has confirmed and not yet flushed is safe: the machine goes on.
func (b *Broker) Kill(tb testing.TB) {
	tb.Helper()
	b.end(tb, "kill")
}

// Stop shuts the broker down in good order.
func (b *Broker) Stop(tb testing.TB) {
	tb.Helper()
	b.end(tb, "stop")
}

func (b *Broker) end(tb testing.TB, command string) {
	tb.Helper()
	b.command(tb, command)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = false
}

// Freeze stops the broker where it is, as a machine that hangs does: connections stay open, new ones are accepted by the kernel, and
// nothing is ever answered. Thaw lets it go on.
func (b *Broker) Freeze(tb testing.TB) {
	tb.Helper()
	b.command(tb, "freeze")
}

// Thaw lets a frozen broker go on.
func (b *Broker) Thaw(tb testing.TB) {
	tb.Helper()
	b.command(tb, "thaw")
}

func (b *Broker) command(tb testing.TB, command string) {
	tb.Helper()
	b.mine(tb)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.keeper.do(command); err != nil {
		tb.Fatalf("%s the Kafka broker in %s: %v", command, b.directory, err)
	}
}

func (b *Broker) mine(tb testing.TB) {
	tb.Helper()
	if b.shared {
		tb.Fatal("other tests use the shared broker")
	}
}

// start starts the broker and waits until it serves. The caller has the mutex, or the only reference.
func (b *Broker) start(ctx context.Context) error {
	if err := b.keeper.do("start"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if err := b.serves(ctx); err == nil {
			b.running = true
			return nil
		}
		if err := b.keeper.do("alive"); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not serve: %w", ctx.Err())
		case <-again.C:
		}
	}
}

// serves is nil once the broker knows itself as the one who leads.
func (b *Broker) serves(ctx context.Context) error {
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", b.Direct())
	if err != nil {
		return err
	}
	_ = connection.Close()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Direct()), kgo.RequestRetries(0), kgo.RetryTimeout(time.Second))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{} // none; nil is all
	metadata, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if metadata.ControllerID < 0 || !slices.ContainsFunc(metadata.Brokers, func(other kmsg.MetadataResponseBroker) bool {
		return int(other.NodeID) == b.node
	}) {
		return errors.New("it is not registered yet")
	}
	return nil
}
