package rabbitbus

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/bus"
)

// session is one connection to RabbitMQ, from login to its end. It is not made again.
type session struct {
	config   Config
	endpoint *endpoint
	log      *throttledLog
	socket   *socket
	conn     *amqp.Connection
	closes   chan *amqp.Error
	blocks   chan amqp.Blocking

	slots     chan struct{} // one for each batch under way
	goroutine sync.WaitGroup
	retired   chan error // why the connection is to be made anew
	confirmed atomic.Bool

	mu      sync.Mutex
	ended   bool // no batch begins any more
	idle    []*channel
	blocked *blockage // that is, or is to come
}

// blockage is a time in which RabbitMQ takes nothing.
type blockage struct {
	on     chan struct{} // closed when it begins
	reason error         // set then
}

func newBlockage() *blockage { return &blockage{on: make(chan struct{})} }

// channel is a channel in confirm mode. One batch at a time uses it.
type channel struct {
	*amqp.Channel
	returns chan amqp.Return
	closed  chan *amqp.Error
}

func newSession(c Config, e *endpoint, log *throttledLog, socket *socket, conn *amqp.Connection) *session {
	return &session{
		config: c, endpoint: e, log: log, socket: socket, conn: conn,
		closes: conn.NotifyClose(make(chan *amqp.Error, 1)), blocks: conn.NotifyBlocked(make(chan amqp.Blocking, 1)),
		slots: make(chan struct{}, c.Channels), retired: make(chan error, 1), blocked: newBlockage(),
	}
}

// serve returns when the connection has ended and nothing of it is left, with the reason. It ends it when ctx does.
func (s *session) serve(ctx context.Context) (reason error) {
	defer s.goroutine.Wait()
	defer s.close()
	for {
		select {
		case <-ctx.Done():
			return errClosed
		case reason := <-s.retired:
			return reason
		case reply, ok := <-s.closes:
			if !ok {
				reply = amqp.ErrClosed
			}
			return s.lostError(reply)
		case b, ok := <-s.blocks:
			if !ok {
				s.blocks = nil
				continue
			}
			s.setBlocked(b)
		}
	}
}

// lostError says why the connection ended by itself.
func (s *session) lostError(reply *amqp.Error) error {
	if reply.Server {
		return unavailable("RabbitMQ at %s closed the connection: %w", s.endpoint.address, reply)
	}
	return unavailable("the connection to RabbitMQ at %s broke: %w", s.endpoint.address, either(s.socket.failure(), reply))
}

// close ends the connection. What writes or waits then returns.
func (s *session) close() {
	s.refuse()
	late := time.AfterFunc(closeTimeout, func() { _ = s.socket.Close() })
	_ = s.conn.Close() // it may have ended before
	late.Stop()
	_ = s.socket.Close()
}

// refuse has no more batches begin.
func (s *session) refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}

// retire ends the connection soon, so that exchange and queue are set up anew.
func (s *session) retire(reason error) {
	s.refuse()
	select {
	case s.retired <- reason:
	default:
	}
}

// worked tells whether something was confirmed.
func (s *session) worked() bool { return s.confirmed.Load() }

func (s *session) setBlocked(b amqp.Blocking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case b.Active && s.blocked.reason == nil:
		s.blocked.reason = unavailable("RabbitMQ at %s takes no messages while an alarm of its is on: %s", s.endpoint.address, b.Reason)
		close(s.blocked.on)
		s.log.blocked(s.endpoint, b.Reason)
	case !b.Active && s.blocked.reason != nil:
		s.blocked = newBlockage()
		s.log.unblocked(s.endpoint)
	}
}

// obstruction is why RabbitMQ takes nothing on this connection now, or nil.
func (s *session) obstruction() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked.reason
}

func (s *session) blockage() *blockage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked
}

func (s *session) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// spawn runs f in a goroutine that serve waits for, unless the connection has ended.
func (s *session) spawn(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.goroutine.Go(f)
	}
	return !s.ended
}

// publish sends a batch and waits until it is confirmed.
func (s *session) publish(ctx context.Context, messages []message) (bus.Receipt, error) {
	blocked := s.blockage()
	select {
	case <-blocked.on:
		return bus.Receipt{}, blocked.reason
	default:
	}
	select {
	case s.slots <- struct{}{}:
	case <-blocked.on:
		return bus.Receipt{}, blocked.reason
	case <-ctx.Done():
		return bus.Receipt{}, unavailable("RabbitMQ has not confirmed earlier batches yet: %w", ctx.Err())
	}
	f := newFlight(messages)
	if !s.spawn(func() { s.process(f) }) {
		<-s.slots
		return bus.Receipt{}, unavailable("the connection to RabbitMQ has ended")
	}
	var reason error
	select {
	case <-f.settled:
		return f.receipt, f.err
	case <-blocked.on:
		reason = blocked.reason
	case <-ctx.Done():
		reason = unavailable("RabbitMQ did not confirm in time: %w", ctx.Err())
	}
	s.abandon(ctx, f)
	return bus.Receipt{}, reason
}

// abandon returns when nothing more of a batch is being written. If a write hangs, the connection is given up.
func (s *session) abandon(ctx context.Context, f *flight) {
	quiet := f.stop()
	select {
	case <-quiet:
		return
	case <-ctx.Done():
	}
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-quiet:
	case <-timeout.C:
		_ = s.socket.Close()
		<-quiet
	}
}

// acquire takes an idle channel or opens one. RabbitMQ answers that, so it may take long.
func (s *session) acquire() (*channel, error) {
	if ch := s.takeIdle(); ch != nil {
		return ch, nil
	}
	opened, err := s.conn.Channel()
	if err != nil {
		return nil, err
	}
	ch := &channel{Channel: opened}
	ch.closed = opened.NotifyClose(make(chan *amqp.Error, 1))
	ch.returns = opened.NotifyReturn(make(chan amqp.Return, returnsBuffer))
	return ch, opened.Confirm(false)
}

// takeIdle is an idle channel, or nil.
func (s *session) takeIdle() *channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := len(s.idle); n > 0; n = len(s.idle) {
		ch := s.idle[n-1]
		s.idle = s.idle[:n-1]
		if !ch.IsClosed() {
			return ch
		}
	}
	return nil
}

// discard closes a channel that RabbitMQ may not have settled. One that waits for a queue does not even close; the connection is then
// made anew, unless it is that which waits.
func (s *session) discard(ch *channel) {
	closed := make(chan struct{})
	s.goroutine.Go(func() {
		defer close(closed)
		_ = ch.Close() // it may be closed already
	})
	overdue := time.NewTicker(channelTimeout)
	defer overdue.Stop()
	for {
		select {
		case <-closed:
			return
		case <-overdue.C:
			if s.obstruction() == nil {
				s.retire(unavailable("RabbitMQ neither confirms messages nor closes their channel: a queue does not answer"))
				return
			}
		}
	}
}

func (s *session) release(ch *channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, ch)
}
