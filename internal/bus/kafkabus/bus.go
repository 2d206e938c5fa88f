package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Bus publishes to Kafka.
type Bus struct {
	config Config
	log    *slog.Logger
	// partition is Kafka's own choice by the key, among so many partitions.
	partition kgo.TopicPartitioner
	lanes     []lane

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	producer atomic.Pointer[producer] // replaced by the supervisor alone
	// checkRequested asks the supervisor for a check.
	checkRequested chan struct{}
	// adviceLogged is what the supervisor has advised already, and connected whether it has once found nothing wrong with the topic.
	adviceLogged map[string]struct{}
	connected    bool

	mu     sync.Mutex
	closed bool
	health health

	hints *bus.Hints
	// hintsPrepared is the supervisor's.
	hintsPrepared bool
}

var (
	_ bus.Bus    = (*Bus)(nil)
	_ bus.Hinter = (*Bus)(nil)
)

// New makes a bus. It does not need the brokers: they are connected to behind it.
func New(c Config) (*Bus, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	b := &Bus{
		config: c, log: c.Log,
		partition:      kgo.StickyKeyPartitioner(nil).ForTopic(c.Topic),
		lanes:          make([]lane, c.Partitions),
		checkRequested: make(chan struct{}, 1),
		adviceLogged:   make(map[string]struct{}),
		hints:          bus.NewHints(),
	}
	b.health.checkDone = make(chan struct{})
	b.health.refusal = unavailable("not connected yet")
	b.ctx, b.cancel = context.WithCancel(context.Background())
	first, err := b.newProducer(defaultBatchBytes)
	if err != nil {
		b.cancel()
		return nil, fmt.Errorf("kafka: %w", err)
	}
	b.producer.Store(first)
	if c.Mechanism == "PLAIN" && !c.TLS {
		b.log.Warn("Kafka: the password is sent in plain text; use TLS, or SCRAM")
	}
	b.running.Go(b.supervise)
	b.running.Go(b.announce)
	return b, nil
}

// Publish sends the events of one venue, as [bus.Bus] says.
func (b *Bus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if len(events) == 0 {
		return bus.Receipt{}, nil
	}
	if err := b.ready(ctx); err != nil {
		return bus.Receipt{}, err
	}
	partition := b.partitionOf(venue)
	records, size, err := newRecords(b.config.Topic, int32(partition), venue, events, b.producer.Load().maxBatch)
	if err != nil {
		return bus.Receipt{}, err
	}
	c := &call{ctx: ctx, records: records, size: size, result: make(chan error, 1)}
	if err := b.enqueue(&b.lanes[partition], c); err != nil {
		return bus.Receipt{}, err
	}
	begun := time.Now()
	select {
	case err = <-c.result:
	case <-ctx.Done():
		err = b.callerError(context.Cause(ctx))
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && time.Since(begun) >= requestTimeout {
			b.failed(err)
		} else { // the caller was in a hurry, or has left
			b.requestCheck()
		}
	}
	if err != nil && b.ctx.Err() != nil {
		err = errClosed
	}
	return bus.Receipt{}, b.callerError(err)
}

// callerError is an error of package bus for the end of a caller's context, or of another's in the same group.
func (b *Bus) callerError(err error) error {
	if err == nil {
		return nil
	}
	return classify(b.config.Topic, err, b.producer.Load().network.last())
}

// partitionOf is where the venue's events go, for ever.
func (b *Bus) partitionOf(venue booking.VenueID) int {
	return b.partition.Partition(&kgo.Record{Key: []byte(venue)}, b.config.Partitions)
}

func (b *Bus) enqueue(l *lane, c *call) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	if l.enqueue(c) {
		b.running.Go(func() { l.run(b) })
	}
	return nil
}

// ready waits until the topic was checked, if the last check or call failed, and returns why nothing can be published.
func (b *Bus) ready(ctx context.Context) error {
	b.mu.Lock()
	closed, checked, checkDone := b.closed, b.health.checked, b.health.checkDone
	b.mu.Unlock()
	switch {
	case closed:
		return errClosed
	case ctx.Err() != nil:
		return b.callerError(context.Cause(ctx))
	case checked:
		return nil
	}
	b.requestCheck()
	select {
	case <-checkDone:
	case <-ctx.Done():
		return b.callerError(context.Cause(ctx))
	case <-b.ctx.Done():
		return errClosed
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.health.refusal
}

// Health says whether events can be published, as far as is known.
func (b *Bus) Health() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := &b.health
	switch {
	case b.closed:
		return errClosed
	case h.publishing != nil:
		return h.publishing
	case h.refusal != nil:
		return h.refusal
	default:
		return h.warning
	}
}

// Close ends everything, as [bus.Bus] says.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.producer.Load().close() // frees the calls under way
	b.running.Wait()
	b.producer.Load().close() // the supervisor may have made another
	return nil
}
