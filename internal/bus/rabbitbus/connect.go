package rabbitbus

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/bus"
)

// run keeps one connection until ctx ends.
func (b *Bus) run(ctx context.Context) {
	defer b.setState(state{err: errClosed})
	for backoff := time.Duration(0); ctx.Err() == nil; {
		s, err := b.connect(ctx)
		if err == nil {
			b.log.connected(b.endpoint)
			b.setState(state{session: s})
			err = s.serve(ctx)
			if s.worked() && ctx.Err() == nil {
				b.log.lost(err)
				b.setState(state{}) // the next attempt is at once, and is waited for
				backoff = 0
				continue
			}
		}
		if ctx.Err() != nil {
			return
		}
		b.log.unconnected(err)
		b.setState(state{err: err})
		backoff = min(max(2*backoff, minBackoff), maxBackoff)
		wait(ctx, interval(err, backoff))
	}
}

// interval is how long to wait after an attempt that failed.
func interval(err error, backoff time.Duration) time.Duration {
	if errors.Is(err, bus.ErrMisconfigured) {
		backoff = misconfiguredBackoff
	}
	return backoff - rand.N(backoff/4)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// connect makes a connection with all that is needed to publish.
func (b *Bus) connect(ctx context.Context) (*session, error) {
	certificates, err := b.endpoint.tlsConfig()
	if err != nil {
		return nil, misconfigured("%w", err)
	}
	conn, err := b.endpoint.dial(ctx, certificates, b.log.log)
	if err != nil {
		return nil, b.endpoint.connectError(err, nil)
	}
	// Closing the socket is what ends all that follows, which knows no context.
	giveUp := time.AfterFunc(setUpTimeout, func() { _ = conn.Close() })
	defer giveUp.Stop()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	properties := amqp.Table{"product": appID, "connection_name": b.config.Name}
	connection, err := amqp.Open(conn, amqp.Config{
		SASL: []amqp.Authentication{&login{Authentication: b.endpoint.login, properties: properties}}, Properties: properties,
		Vhost: b.endpoint.virtualHost, Heartbeat: b.config.Heartbeat, Locale: "en_US",
	})
	if err != nil {
		_ = conn.Close() // the error says more
		return nil, b.endpoint.connectError(err, conn.failure())
	}
	s := newSession(b.config, b.endpoint, b.log, conn, connection)
	if err := s.setUp(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// login asks RabbitMQ to say so when it refuses a login. Otherwise it closes the connection without a word, as a network does, and the
// library does not ask: it sets the capabilities itself, before it calls Response and sends both.
type login struct {
	amqp.Authentication
	properties amqp.Table
}

func (l *login) Response() string {
	if capabilities, ok := l.properties["capabilities"].(amqp.Table); ok {
		capabilities["authentication_failure_close"] = true
	}
	return l.Authentication.Response()
}
