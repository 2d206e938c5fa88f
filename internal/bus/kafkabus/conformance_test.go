package kafkabus_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/kafkabus/kafkatest"
)

// TestConformance runs the suite on Kafka itself, through proxies, and with kill -9 and restarts.
func TestConformance(t *testing.T) {
	t.Parallel()
	var s subject
	bustest.Run(t, s.harness())
}

// subject is a broker with one topic, for the suite.
type subject struct {
	broker *kafkatest.Broker
	topic  string
}

const (
	partitions = 4
	// maxMessage is the topic's max.message.bytes: more than any event has, and less than the client's own limit.
	maxMessage = "600000"
	tooLarge   = 700_000
)

func (s *subject) harness() bustest.Harness {
	return bustest.Harness{
		Start: s.start,
		Open: func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			return open(tb, kafkabus.Through(s.config(client), client.Address))
		},
		Address:         func(e *bus.Event) string { return string(e.Venue) },
		AttributePrefix: "ce_",
		Headers: func(*bus.Event) map[string]string {
			return map[string]string{"content-type": bus.DataContentType}
		},
		TooLarge:      tooLarge,
		Hints:         true,
		Misconfigured: s.misconfigured(),
		Secrets:       []string{kafkatest.Password},
	}
}

func (s *subject) start(tb testing.TB) bustest.Broker {
	tb.Helper()
	s.broker = kafkatest.Start(tb, kafkatest.Options{})
	s.topic = s.broker.Topic(tb, partitions, map[string]string{"max.message.bytes": maxMessage})
	s.broker.Create(tb, s.topic+".hints", 1, nil)
	return bustest.Broker{
		Address:  s.broker.Address(),
		Messages: s.messages,
		Kill:     s.broker.Kill,
		Restart:  s.broker.Start,
	}
}

func (s *subject) messages(tb testing.TB, venue booking.VenueID) []bustest.Message {
	tb.Helper()
	var messages []bustest.Message
	for _, r := range s.broker.Records(tb, s.topic) {
		if string(r.Key) == string(venue) {
			messages = append(messages, bustest.Message{Address: string(r.Key), Headers: headersOf(r), Body: r.Value})
		}
	}
	return messages
}

func headersOf(r *kgo.Record) map[string]string {
	headers := make(map[string]string, len(r.Headers))
	for _, h := range r.Headers {
		headers[h.Key] = string(h.Value)
	}
	return headers
}

// config is one that fits the broker.
func (s *subject) config(client bustest.Client) kafkabus.Config {
	return kafkabus.Config{
		Brokers: []string{s.broker.Address()}, Topic: s.topic, Partitions: partitions, Replicas: 1, MinInSync: 1, Log: client.Log,
	}
}

func open(tb testing.TB, c kafkabus.Config) *kafkabus.Bus {
	tb.Helper()
	b, err := kafkabus.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = b.Close() })
	return b
}

// misconfigured are the mistakes that any bus has a kind of; more are in mistakes_test.go.
func (s *subject) misconfigured() []bustest.Misconfigured {
	opened := func(change func(tb testing.TB, c *kafkabus.Config)) func(testing.TB, bustest.Broker, bustest.Client) bus.Bus {
		return func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			c := s.config(client)
			change(tb, &c)
			return open(tb, c)
		}
	}
	return []bustest.Misconfigured{
		{Name: "no such topic", Says: []string{"missing-topic", "missing"}, Open: opened(func(_ testing.TB, c *kafkabus.Config) {
			c.Topic = "missing-topic"
		})},
		{Name: "a wrong password", Says: []string{"password"}, Secret: "wrong-password", Open: opened(func(tb testing.TB, c *kafkabus.Config) {
			tb.Helper()
			s.broker.Allow(tb, "known", s.topic, kadm.OpAll)
			c.Brokers = []string{s.broker.SASL()}
			c.Mechanism, c.User, c.Password = "SCRAM-SHA-256", "known", "wrong-password"
		})},
		{Name: "no leave to write", Says: []string{"Write"}, Open: opened(func(tb testing.TB, c *kafkabus.Config) {
			tb.Helper()
			s.broker.Allow(tb, "reader", s.topic, kadm.OpRead, kadm.OpDescribe)
			c.Brokers = []string{s.broker.SASL()}
			c.Mechanism, c.User, c.Password = "SCRAM-SHA-512", "reader", kafkatest.Password
		})},
		{Name: "too few replicas", Says: []string{"replicas"}, Open: opened(func(_ testing.TB, c *kafkabus.Config) {
			c.Replicas = 2
		})},
	}
}
