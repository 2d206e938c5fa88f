package rabbitbus

import (
	"context"
	"errors"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Bus is a [bus.Bus] and a [bus.Hinter].
type Bus struct {
	config   Config
	endpoint *endpoint
	log      *throttledLog
	hints    *bus.Hints

	cancel context.CancelFunc // ends the tasks
	tasks  sync.WaitGroup

	mu      sync.Mutex
	state   state
	changed chan struct{} // closed and replaced when state changes
	refused error         // of the last batch that RabbitMQ refused for a reason that a person must mend; nil after one that it took
}

// state is one of three: there is a connection, there is a reason why there is none, or, with neither, the first attempt to make one is
// under way.
type state struct {
	session *session
	err     error
}

// New makes a bus, which connects by itself, and goes on trying. An error is of the configuration.
func New(c Config) (*Bus, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	e, err := parseEndpoint(&c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &Bus{
		config: c, endpoint: e, log: newThrottledLog(c.Log), hints: bus.NewHints(), cancel: cancel, changed: make(chan struct{}),
	}
	b.tasks.Go(func() { b.run(ctx) })
	b.tasks.Go(func() { b.announce(ctx) })
	return b, nil
}

// Publish is [bus.Bus]'s. While RabbitMQ cannot be reached it fails at once.
func (b *Bus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if len(events) == 0 {
		return bus.Receipt{}, nil
	}
	messages, err := encode(venue, events)
	if err != nil {
		return bus.Receipt{}, err
	}
	s, err := b.session(ctx)
	if err != nil {
		return bus.Receipt{}, err
	}
	receipt, err := s.publish(ctx, messages)
	b.note(err)
	if receipt.Unrouted > 0 {
		b.log.unrouted(b.config.Exchange, messages[0].key, receipt.Unrouted)
	}
	return receipt, err
}

// note remembers for Health what became of a batch.
func (b *Bus) note(err error) {
	switch {
	case errors.Is(err, bus.ErrMisconfigured):
		b.log.refused(err)
	case err == nil:
	default:
		return // of the connection or the caller, which say it themselves
	}
	b.mu.Lock()
	b.refused = err
	b.mu.Unlock()
}

// session is the connection, which is waited for while the first attempt to make it is under way, or when one has just ended.
func (b *Bus) session(ctx context.Context) (*session, error) {
	for {
		b.mu.Lock()
		now, changed := b.state, b.changed
		b.mu.Unlock()
		if now.err != nil || now.session != nil && !now.session.hasEnded() {
			return now.session, now.err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, unavailable("there is no connection to RabbitMQ yet: %w", ctx.Err())
		}
	}
}

func (b *Bus) setState(s state) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = s
	close(b.changed)
	b.changed = make(chan struct{})
}

// Health is [bus.Bus]'s.
func (b *Bus) Health() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state.err != nil:
		return b.state.err
	case b.state.session == nil:
		return unavailable("there is no connection to RabbitMQ yet")
	case b.state.session.obstruction() != nil:
		return b.state.session.obstruction()
	default:
		return b.refused
	}
}

// Close is [bus.Bus]'s. RabbitMQ has a second to say goodbye.
func (b *Bus) Close() error {
	b.cancel()
	b.tasks.Wait()
	return nil
}
