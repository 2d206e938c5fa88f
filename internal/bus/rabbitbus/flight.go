package rabbitbus

import (
	"fmt"
	"slices"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/bus"
)

// flight is a batch on its way. Its caller may leave it: nothing more of it is sent then, and its channel is closed.
type flight struct {
	messages []message
	settled  chan struct{} // closed when the two below are known
	receipt  bus.Receipt
	err      error

	mu      sync.Mutex
	stopped bool          // nothing more is to be sent
	sending bool          // sending has begun
	left    chan struct{} // closed when stopped
	quiet   chan struct{} // closed when nothing is being sent, and nothing will be
}

func newFlight(messages []message) *flight {
	return &flight{messages: messages, settled: make(chan struct{}), left: make(chan struct{}), quiet: make(chan struct{})}
}

// stop has nothing more sent, and returns a channel that is closed once that holds.
func (f *flight) stop() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return f.quiet
	}
	f.stopped = true
	close(f.left)
	if !f.sending {
		close(f.quiet)
	}
	return f.quiet
}

// begin tells whether the batch is to be sent. If so, quiet is to be closed when that is done.
func (f *flight) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sending = !f.stopped
	return f.sending
}

func (f *flight) isStopped() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopped
}

// process sends a batch on a channel of its own, and settles it.
func (s *session) process(f *flight) {
	defer func() { <-s.slots }()
	defer close(f.settled)
	ch, err := s.acquire()
	if err != nil {
		f.err = unavailable("RabbitMQ opens no channel: %w", either(s.socket.failure(), err))
		f.stop()
		return
	}
	if f.begin() {
		sent := make(chan *amqp.DeferredConfirmation, len(f.messages))
		s.goroutine.Go(func() { f.send(ch, s.config.Exchange, sent) })
		s.settle(f, ch, sent)
	}
	if f.isStopped() {
		s.discard(ch)
	} else if !ch.IsClosed() {
		s.release(ch)
	}
}

// send writes the messages, and passes on what each will be confirmed by. It ends early if the flight is stopped or the channel is
// closed.
func (f *flight) send(ch *channel, exchange string, sent chan<- *amqp.DeferredConfirmation) {
	defer close(f.quiet)
	defer close(sent)
	for i := range f.messages {
		if f.isStopped() {
			return
		}
		m := &f.messages[i]
		confirmation, err := ch.PublishWithDeferredConfirm(exchange, m.key, true, false, m.publishing)
		if err != nil { // the channel is closed, and says why
			return
		}
		sent <- confirmation
	}
}

// outcome is what RabbitMQ has answered.
type outcome struct {
	acked    []bool // of the messages that were sent, in their order
	unrouted int
}

// settle waits until each message that was sent is confirmed or refused. RabbitMQ returns a message before it confirms it, and the
// library passes both on in that order: when the last is confirmed, all that come back are there.
//
// RabbitMQ may not confirm a message for long, or ever: a quorum queue without a majority waits. When the caller has left, the channel is
// therefore closed, which ends the waiting.
func (s *session) settle(f *flight, ch *channel, sent <-chan *amqp.DeferredConfirmation) {
	var o outcome
	var current *amqp.DeferredConfirmation
	left, returns := f.left, ch.returns
	for sent != nil || current != nil {
		next, done := sent, (<-chan struct{})(nil)
		if current != nil {
			next, done = nil, current.Done()
		}
		select {
		case confirmation, ok := <-next:
			if current = confirmation; !ok {
				sent = nil
			}
		case <-done:
			o.acked = append(o.acked, current.Acked())
			current = nil
		case _, ok := <-returns:
			if !ok {
				returns = nil
				continue
			}
			o.unrouted++
		case <-left:
			left = nil
			s.goroutine.Go(func() {
				<-f.quiet
				s.discard(ch)
			})
		}
	}
	o.unrouted += drain(ch.returns)
	f.receipt, f.err = s.verdict(f, ch, o)
}

// drain counts what waits.
func drain(returns <-chan amqp.Return) (n int) {
	for {
		select {
		case _, ok := <-returns:
			if !ok {
				return n
			}
			n++
		default:
			return n
		}
	}
}

// verdict is what became of a batch.
func (s *session) verdict(f *flight, ch *channel, o outcome) (bus.Receipt, error) {
	if len(o.acked) == len(f.messages) && !slices.Contains(o.acked, false) {
		s.confirmed.Store(true)
		return bus.Receipt{Unrouted: o.unrouted}, nil
	}
	if f.isStopped() {
		return bus.Receipt{}, unavailable("its caller has left") // who has the reason
	}
	if !ch.IsClosed() {
		return bus.Receipt{}, unavailable("a queue in RabbitMQ refuses messages: " +
			"it is full (x-overflow is reject-publish), or cannot store them")
	}
	reply, ok := <-ch.closed // comes at the latest very soon after a write has failed
	switch {
	case !ok || !reply.Server:
		return bus.Receipt{}, unavailable("the connection to RabbitMQ broke before it confirmed: %w", either(s.socket.failure(), amqp.ErrClosed))
	case reply.Code == amqp.PreconditionFailed:
		return bus.Receipt{}, rejected(f.messages, o, reply)
	}
	err := s.publishError(reply)
	if reply.Code == amqp.NotFound {
		s.retire(err)
	}
	return bus.Receipt{}, err
}

// rejected names the message that is too large, which is the only thing that RabbitMQ closes a channel for in this way: of those that it
// has not confirmed, the largest is too large for certain.
func rejected(messages []message, o outcome, reply *amqp.Error) error {
	largest, size := 0, -1
	for i := range messages {
		confirmed := i < len(o.acked) && o.acked[i]
		if body := len(messages[i].publishing.Body); !confirmed && body > size {
			largest, size = i, body
		}
	}
	return &bus.RejectedError{
		Index: largest, Reason: fmt.Sprintf("RabbitMQ takes no message of %d bytes (its max_message_size): %s", size, reply.Reason),
	}
}
