package rabbitbus

import (
	"errors"

	amqp "github.com/rabbitmq/amqp091-go"
)

// setUp declares the exchange and the queue, or checks that they are there.
func (s *session) setUp() error {
	if err := s.exchange(s.config.Exchange, amqp.ExchangeTopic); err != nil {
		return err
	}
	if s.config.Queue == "" {
		return nil
	}
	return s.queue()
}

// exchange declares a durable exchange, or checks that it is there: what it is cannot be asked for.
func (s *session) exchange(name, kind string) error {
	err := s.onChannel(func(ch *amqp.Channel) error {
		if s.config.Declare {
			return ch.ExchangeDeclare(name, kind, true, false, false, false, nil)
		}
		return ch.ExchangeDeclarePassive(name, kind, true, false, false, false, nil)
	})
	return s.topologyError(err, "exchange", name, "durable and of type "+kind)
}

// queue declares the queue for all events, or checks that it is there. Quorum queues are replicated, and flushed before they confirm. A
// full one refuses what comes rather than dropping what is there: the events then wait in our database.
func (s *session) queue() error {
	name := s.config.Queue
	err := s.onChannel(func(ch *amqp.Channel) error {
		if !s.config.Declare {
			_, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
			return err
		}
		if _, err := ch.QueueDeclare(name, true, false, false, false, amqp.Table{
			amqp.QueueTypeArg: amqp.QueueTypeQuorum, amqp.QueueMaxLenArg: s.config.QueueLimit,
			amqp.QueueOverflowArg: amqp.QueueOverflowRejectPublish,
		}); err != nil {
			return err
		}
		return ch.QueueBind(name, "#", s.config.Exchange, false, nil)
	})
	return s.topologyError(err, "queue", name, "a quorum queue with this limit that refuses what is beyond it")
}

// onChannel calls f with a channel of its own, since an error closes it.
func (s *session) onChannel(f func(*amqp.Channel) error) error {
	ch, err := s.conn.Channel()
	if err != nil {
		return err
	}
	if err := f(ch); err != nil {
		return err
	}
	return ch.Close()
}

func (s *session) topologyError(err error, what, name, wanted string) error {
	var reply *amqp.Error
	if !errors.As(err, &reply) || !reply.Server {
		if err == nil {
			return nil
		}
		return unavailable("set up the %s %q in RabbitMQ: %w", what, name, either(s.socket.failure(), err))
	}
	switch reply.Code {
	case amqp.NotFound:
		return misconfigured("the %s %q is missing in RabbitMQ's virtual host %q, and is not to be declared from here: %w",
			what, name, s.endpoint.virtualHost, reply)
	case amqp.AccessRefused:
		return misconfigured("user %q has no permission to configure the %s %q in RabbitMQ's virtual host %q "+
			"(a queue also needs write on it, and read on the exchange): %w", s.endpoint.user, what, name, s.endpoint.virtualHost, reply)
	case amqp.PreconditionFailed, amqp.ResourceLocked:
		return misconfigured("the %s %q is there, and is not %s: delete it, or use another name, or do not declare it from here: %w",
			what, name, wanted, reply)
	default:
		return unavailable("RabbitMQ does not set up the %s %q: %w", what, name, reply)
	}
}
