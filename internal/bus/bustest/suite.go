package bustest

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Harness is how the suite gets at buses of one kind, and at their broker.
type Harness struct {
	// Start starts an empty broker that runs until the test ends.
	Start func(tb testing.TB) Broker
	// Open opens a bus, and leaves it to Cleanup to close it. Every connection that it makes goes to [Client.Address], whatever other address
	// the broker may name; Open does not wait for one.
	Open func(tb testing.TB, broker Broker, client Client) bus.Bus
	// Address is where the broker has an event: its subject, routing key or record key.
	Address func(e *bus.Event) string
	// Headers are those that a message has besides the ones of CloudEvents; nil if there are none.
	Headers func(e *bus.Event) map[string]string
	// AttributePrefix begins the headers that hold attributes, such as "ce_"; empty if events are sent in the structured mode.
	AttributePrefix string
	// TooLarge is a size of data, in bytes, that the broker refuses; 0 if it takes all.
	TooLarge int
	// Hints says that the buses are each a [bus.Hinter].
	Hints bool
	// Misconfigured are ways to set a bus up wrongly.
	Misconfigured []Misconfigured
	// Secrets are never to be seen in an error or in the log.
	Secrets []string

	// timeout is confirmTimeout, or less where failure is expected.
	timeout time.Duration
}

// Broker is what buses publish to.
type Broker struct {
	// Address is the host and port where it listens, the same after a restart; empty if there is no network between it and a bus, and then
	// the checks of networks are left out.
	Address string
	// Messages reads all messages of a venue that the broker has, in its order. It does not consume them.
	Messages func(tb testing.TB, venue booking.VenueID) []Message
	// Kill ends the broker as kill -9 does, and Restart starts it again with its data at the same address, and returns when it listens.
	// Both are nil if it cannot be killed, and then the checks of crashes are left out.
	Kill, Restart func(tb testing.TB)
}

// Client says how one bus is to be opened.
type Client struct {
	// Address is where to connect, which may be a proxy's; empty if the broker's is.
	Address string
	Log     *slog.Logger
}

// Message is what the broker has of an event.
type Message struct {
	Address string
	Headers map[string]string
	Body    []byte
}

// Misconfigured is a bus that is set up wrongly, so that Publish fails with [bus.ErrMisconfigured] though the broker is there.
type Misconfigured struct {
	Name string
	// Open is as in [Harness].
	Open func(tb testing.TB, broker Broker, client Client) bus.Bus
	// Says are parts of the reason that the operator reads in the error, and in Health.
	Says []string
	// Secret is not to be seen in either, nor in the log; empty if there is none.
	Secret string
}

// check is one test of the suite. The bus it is run on may be one that must fail it.
type check struct {
	name string
	run  func(f *fixture)
	// needs says what it cannot do without.
	needs need
	// alone says that no other check is run at the same time.
	alone bool
}

// need is what a check cannot do without.
type need int

const (
	nothing need = iota
	network
	crashes
	tooLarge
	hints
	hintsOverNetwork
	misconfigured
)

func (n need) met(h Harness, b Broker) bool {
	switch n {
	case network:
		return b.Address != ""
	case crashes:
		return b.Address != "" && b.Kill != nil
	case tooLarge:
		return h.TooLarge > 0
	case hints:
		return h.Hints
	case hintsOverNetwork:
		return h.Hints && b.Address != ""
	case misconfigured:
		return len(h.Misconfigured) > 0
	case nothing:
	}
	return true
}

var checks = slices.Concat(
	deliveryChecks, limitChecks, contextChecks, networkChecks, healthChecks, closeChecks, setupChecks, hintChecks, leakChecks, crashChecks,
)

// Run runs every check of the suite that the harness has what is needed for.
func Run(t *testing.T, h Harness) {
	t.Helper()
	broker := h.Start(t)
	t.Run("together", func(t *testing.T) { // returns when its parallel subtests have ended
		for _, c := range checks {
			if !c.alone && c.needs.met(h, broker) {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(newFixture(t, h, broker))
				})
			}
		}
	})
	for _, c := range checks {
		if c.alone && c.needs.met(h, broker) {
			t.Run(c.name, func(t *testing.T) { c.run(newFixture(t, h, broker)) })
		}
	}
}
