package natsbus_test

import (
	"cmp"
	"testing"

	"github.com/nats-io/nats.go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	bustest.Run(t, harness(t))
}

func TestMutants(t *testing.T) {
	t.Parallel()
	bustest.RunMutants(t, harness(t))
}

// open opens a bus and leaves it to Cleanup to close it.
func open(tb testing.TB, c natsbus.Config) bus.Bus {
	tb.Helper()
	b, err := natsbus.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = b.Close() })
	return b
}

func harness(t *testing.T) bustest.Harness {
	t.Helper()
	return bustest.Harness{
		Start: func(tb testing.TB) bustest.Broker {
			tb.Helper()
			b := startBroker(tb, jetStream)
			return bustest.Broker{
				Address: b.address,
				Messages: func(tb testing.TB, venue booking.VenueID) []bustest.Message {
					tb.Helper()
					return b.messages(tb, venue)
				},
				Kill: b.kill, Restart: b.start,
			}
		},
		Open: func(tb testing.TB, broker bustest.Broker, c bustest.Client) bus.Bus {
			tb.Helper()
			return open(tb, natsbus.Config{URL: url(cmp.Or(c.Address, broker.Address)), Declare: true, Log: c.Log})
		},
		Address:  func(e *bus.Event) string { return "vacancy." + string(e.Venue) + "." + string(e.Name) },
		Headers:  func(e *bus.Event) map[string]string { return map[string]string{nats.MsgIdHdr: e.ID} },
		TooLarge: 1 << 20,
		Hints:    true,
		Secrets:  []string{password},

		Misconfigured: misconfigured(t),
	}
}
