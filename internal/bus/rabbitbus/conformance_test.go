package rabbitbus_test

import (
	"strconv"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// TestConformance has a broker of its own, and so have the alarms after it, which stop all who publish there.
func TestConformance(t *testing.T) {
	t.Parallel()
	var broker *rabbittest.Broker
	open := func(change func(*rabbitbus.Config)) func(testing.TB, bustest.Broker, bustest.Client) bus.Bus {
		return func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			c := rabbitbus.Config{
				URL: rabbittest.As(tb, broker.URL(), user, password, client.Address), Declare: true, Queue: "all", Heartbeat: time.Second,
				Log: client.Log,
			}
			if change != nil {
				change(&c)
			}
			return openBus(tb, c)
		}
	}
	bustest.Run(t, bustest.Harness{
		Start: func(tb testing.TB) bustest.Broker {
			tb.Helper()
			broker = rabbittest.Start(tb)
			broker.AddUser(tb, user, password)
			broker.Grant(tb, user, "/", rabbittest.Everything)
			all := consumeAll(tb, broker.URL(), "all")
			return bustest.Broker{
				Address: broker.Address(), Kill: broker.Kill, Restart: broker.Start,
				Messages: func(_ testing.TB, venue booking.VenueID) []bustest.Message { return messagesOf(all, venue) },
			}
		},
		Open:     open(nil),
		Address:  func(e *bus.Event) string { return string(e.Venue) + "." + string(e.Name) },
		Headers:  properties,
		TooLarge: 2 * rabbittest.MaxMessageSize,
		Hints:    true,
		Misconfigured: []bustest.Misconfigured{
			{
				Name: "a wrong password", Secret: "n0t-the-passw0rd", Says: []string{"refuses the login", user, "password"},
				Open: open(func(c *rabbitbus.Config) {
					c.URL = "amqp://" + user + ":n0t-the-passw0rd@" + broker.Address() + "/"
				}),
			},
			{
				Name: "an exchange that is missing", Says: []string{"exchange", "elsewhere", "missing"},
				Open: open(func(c *rabbitbus.Config) { c.Exchange, c.Declare = "elsewhere", false }),
			},
		},
		Secrets: []string{password},
	})
	testAlarm(t, broker, "memory")
	testAlarm(t, broker, "disk")
	testAlarmWithFullBuffers(t, broker)
}

const (
	user     = "relay"
	password = "s3cret/of:the@relay"
)

func openBus(tb testing.TB, c rabbitbus.Config) *rabbitbus.Bus {
	tb.Helper()
	b, err := rabbitbus.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b
}

// properties are those of a message that consumers may rely on.
func properties(e *bus.Event) map[string]string {
	return map[string]string{
		"message-id": e.ID, "type": e.Name.Type(), "timestamp": e.Time.UTC().Truncate(time.Second).Format(time.RFC3339), "delivery-mode": "2",
		"app-id": "vacancy",
	}
}

func messagesOf(c *consumer, venue booking.VenueID) (messages []bustest.Message) {
	for _, d := range c.of(venue) {
		messages = append(messages, bustest.Message{
			Address: d.RoutingKey, Body: d.Body, Headers: map[string]string{
				"content-type": d.ContentType, "message-id": d.MessageId, "type": d.Type, "app-id": d.AppId,
				"timestamp": d.Timestamp.UTC().Format(time.RFC3339), "delivery-mode": strconv.Itoa(int(d.DeliveryMode)),
			},
		})
	}
	return messages
}
