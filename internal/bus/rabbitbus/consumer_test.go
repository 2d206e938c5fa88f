package rabbitbus_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/booking"
)

// consumer consumes a queue as a careful program does: it connects again by itself, and acknowledges what it has kept. It gets some
// messages more than once, as everybody does.
type consumer struct {
	url, queue string

	mu  sync.Mutex
	all []amqp.Delivery
}

// consumeAll consumes until the test ends.
func consumeAll(tb testing.TB, url, queue string) *consumer {
	tb.Helper()
	c := &consumer{url: url, queue: queue}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			_ = c.consume(ctx) // the broker is away for a while
			pause(ctx, 50*time.Millisecond)
		}
	})
	tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return c
}

func (c *consumer) consume(ctx context.Context) error {
	conn, err := amqp.Dial(c.url)
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	if err := ch.Qos(500, 0, false); err != nil {
		return err
	}
	deliveries, err := ch.Consume(c.queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case d, ok := <-deliveries:
			if !ok {
				return nil
			}
			c.mu.Lock()
			c.all = append(c.all, d)
			c.mu.Unlock()
			if err := d.Ack(false); err != nil {
				return err
			}
		}
	}
}

// of are the messages of a venue so far.
func (c *consumer) of(venue booking.VenueID) (deliveries []amqp.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.all {
		if strings.HasPrefix(d.RoutingKey, string(venue)+".") {
			deliveries = append(deliveries, d)
		}
	}
	return deliveries
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
