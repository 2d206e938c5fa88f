package rabbitbus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// A message of hints is a JSON object: the revision of each venue. It goes to a fanout exchange, and from there to a queue of each node,
// which goes with the connection.

// Announce is [bus.Hinter]'s.
func (b *Bus) Announce(venue booking.VenueID, revision booking.Revision) {
	b.hints.Add(venue, revision)
}

// announce sends what was announced until ctx ends. What cannot be sent now is lost.
func (b *Bus) announce(ctx context.Context) {
	var to hintChannel
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.hints.Ready():
		}
		hints := b.hints.Take()
		b.mu.Lock()
		s := b.state.session
		b.mu.Unlock()
		if s == nil || s.obstruction() != nil {
			continue
		}
		if err := to.send(s, hints); err != nil {
			b.log.noHints(err)
		}
		wait(ctx, hintsInterval)
	}
}

// hintChannel is what hints are sent on: a channel of a session, or nothing for a while after an error.
type hintChannel struct {
	session *session
	channel *amqp.Channel // nil if there is none
	pause   time.Time     // until when none is opened
}

func (c *hintChannel) send(s *session, hints map[booking.VenueID]booking.Revision) error {
	if c.session != s {
		*c = hintChannel{session: s}
	}
	if c.channel == nil || c.channel.IsClosed() {
		if time.Now().Before(c.pause) {
			return nil
		}
		c.pause = time.Now().Add(hintsRetry)
		if err := c.open(); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(hints)), hintsPerMessage) {
		revisions := make(map[booking.VenueID]booking.Revision, len(part))
		for _, venue := range part {
			revisions[venue] = hints[venue]
		}
		body, err := json.Marshal(revisions)
		if err != nil {
			return err
		}
		if err := c.channel.PublishWithContext(context.Background(), s.hintsExchange(), "", false, false, amqp.Publishing{
			ContentType: bus.DataContentType, DeliveryMode: amqp.Transient, Expiration: hintsExpiration, AppId: appID, Body: body,
		}); err != nil {
			return unavailable("send hints: %w", err)
		}
	}
	return nil
}

func (c *hintChannel) open() (err error) {
	if err = c.session.exchange(c.session.hintsExchange(), amqp.ExchangeFanout); err == nil {
		c.channel, err = c.session.conn.Channel()
	}
	return err
}

func (s *session) hintsExchange() string { return s.config.Exchange + hintsSuffix }

// Watch is [bus.Hinter]'s.
func (b *Bus) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	for {
		s, err := b.connection(ctx, nil)
		if err != nil {
			return err
		}
		if err := s.watch(ctx, hint); err != nil && ctx.Err() == nil && !s.hasEnded() {
			b.log.noHints(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Another connection, or the same after a while.
		retry, cancel := context.WithTimeout(ctx, hintsRetry)
		_, err = b.connection(retry, s)
		cancel()
		if errors.Is(err, errClosed) {
			return err
		}
	}
}

// connection waits for a session other than the given one.
func (b *Bus) connection(ctx context.Context, other *session) (*session, error) {
	for {
		b.mu.Lock()
		now, changed := b.state, b.changed
		b.mu.Unlock()
		switch {
		case now.session != nil && now.session != other:
			return now.session, nil
		case errors.Is(now.err, errClosed):
			return nil, errClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// watch calls hint until ctx or the session ends, or with an error. What waits for RabbitMQ's answers knows no context, so it has a
// goroutine of its own.
func (s *session) watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	g := &gate{hint: hint, open: true}
	defer g.close()
	done := make(chan error, 1)
	if !s.spawn(func() { done <- s.consumeHints(ctx, g) }) {
		return nil
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gate passes hints on until it is closed.
type gate struct {
	hint func(booking.VenueID, booking.Revision)

	mu   sync.Mutex
	open bool
}

func (g *gate) pass(hints map[booking.VenueID]booking.Revision) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return
	}
	for venue, revision := range hints {
		g.hint(venue, revision)
	}
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = false
}

func (s *session) consumeHints(ctx context.Context, g *gate) error {
	exchange := s.hintsExchange()
	if err := s.exchange(exchange, amqp.ExchangeFanout); err != nil {
		return err
	}
	ch, err := s.conn.Channel()
	if err != nil {
		return unavailable("watch hints: %w", err)
	}
	deliveries, err := consume(ch, exchange)
	if err != nil {
		return s.topologyError(err, "queue", exchange+".*", "of this connection")
	}
	for {
		select {
		case <-ctx.Done():
			return ch.Close()
		case d, ok := <-deliveries:
			if !ok {
				return unavailable("watch hints: RabbitMQ has ended it")
			}
			var hints map[booking.VenueID]booking.Revision
			if json.Unmarshal(d.Body, &hints) == nil { // somebody else may write there
				g.pass(hints)
			}
		}
	}
}

// consume makes a queue that goes with the connection, and reads it. Its name begins as the exchange's does, for the sake of
// permissions.
func consume(ch *amqp.Channel, exchange string) (<-chan amqp.Delivery, error) {
	queue, err := ch.QueueDeclare(exchange+"."+rand.Text(), false, true, true, false, amqp.Table{amqp.QueueMaxLenArg: hintsQueueLimit})
	if err != nil {
		return nil, err
	}
	if err := ch.QueueBind(queue.Name, "", exchange, false, nil); err != nil {
		return nil, err
	}
	return ch.Consume(queue.Name, "", true, true, false, false, nil)
}
