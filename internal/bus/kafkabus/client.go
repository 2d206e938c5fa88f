package kafkabus

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A producer is a client of the library and what it was made for. The library learns the largest batch of a topic and the topic's identity
// once; when they change, another client takes its place. That also gives up the producer's id, with which a sequence could be taken for
// one seen before.
type producer struct {
	client *kgo.Client
	admin  *kadm.Client
	// maxBatch is the largest batch in bytes.
	maxBatch int
	network  *networkErrors
	close    func()
}

func (b *Bus) newProducer(maxBatch int) (*producer, error) {
	network := &networkErrors{disconnected: b.disconnected}
	options := append(b.connecting(network),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		// A caller who has left must not find events sent later. The library then takes another epoch of the producer, so that what is in
		// the network already is refused behind later ones.
		kgo.AllowIdempotentProduceCancellation(),
		kgo.RecordRetries(produceRetries),
		kgo.ProduceRequestTimeout(requestTimeout),
		kgo.ProducerLinger(linger),
		kgo.ProducerBatchMaxBytes(int32(min(max(maxBatch, minBatchBytes), maxBatchBytes))),
		kgo.MaxBufferedBytes(maxBufferedBytes),
		// Every consumer can read it; what is worth compressing is the topic's, by its setting compression.type.
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerOnDataLossDetected(b.dataLost),
	)
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &producer{
		client: client, admin: kadm.NewClient(client), maxBatch: maxBatch, network: network, close: sync.OnceFunc(client.Close),
	}, nil
}

// connecting are the options that all clients share.
func (b *Bus) connecting(network *networkErrors) []kgo.Opt {
	options := []kgo.Opt{
		kgo.ClientID("vacancy"),
		kgo.SeedBrokers(b.config.Brokers...),
		kgo.WithLogger(clientLog{b.log}),
		kgo.WithHooks(network),
		kgo.Dialer(b.dial),
		kgo.RequestTimeoutOverhead(requestOverhead),
		kgo.RequestRetries(2),
		kgo.RetryTimeout(checkTimeout - time.Second),
		kgo.RetryBackoffFn(backoff),
		kgo.MetadataMinAge(metadataMinAge),
		kgo.MetadataMaxAge(metadataMaxAge),
		kgo.DisableClientMetrics(),
	}
	if login, _ := b.config.login(); login != nil { // New has seen that there is no error
		options = append(options, kgo.SASL(login))
	}
	return options
}

func backoff(failures int) time.Duration { return min(minBackoff<<min(failures, 10), maxBackoff) }

// dial connects, and reads the files of TLS each time: certificates may be renewed.
func (b *Bus) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if b.config.through != "" {
		address = b.config.through
	}
	if !b.config.TLS {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	server, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	config, err := b.config.tlsConfig(server)
	if err != nil {
		return nil, err
	}
	return (&tls.Dialer{Config: config}).DialContext(ctx, network, address)
}

// networkErrors remembers the last error of each broker's connection until a request to it succeeds: what the library says of a record
// after some tries does not name the cause.
type networkErrors struct {
	disconnected func()

	mu sync.Mutex
	of map[int32]error // by the id of the broker
}

var (
	_ kgo.HookBrokerConnect    = (*networkErrors)(nil)
	_ kgo.HookBrokerDisconnect = (*networkErrors)(nil)
	_ kgo.HookBrokerE2E        = (*networkErrors)(nil)
)

// OnBrokerConnect is called by the library after each attempt to connect.
func (t *networkErrors) OnBrokerConnect(broker kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		t.set(broker, err)
	}
}

// OnBrokerE2E is called by the library after each request.
func (t *networkErrors) OnBrokerE2E(broker kgo.BrokerMetadata, _ int16, e2e kgo.BrokerE2E) {
	t.set(broker, e2e.Err())
}

// OnBrokerDisconnect is called by the library when a connection has ended.
func (t *networkErrors) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) {
	if t.disconnected != nil {
		t.disconnected()
	}
}

func (t *networkErrors) set(broker kgo.BrokerMetadata, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.of, broker.NodeID)
	if err == nil || errors.Is(err, context.Canceled) { // ours
		return
	}
	if t.of == nil {
		t.of = make(map[int32]error)
	}
	t.of[broker.NodeID] = err
}

func (t *networkErrors) last() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, err := range t.of {
		return err
	}
	return nil
}
