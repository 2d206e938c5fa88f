package bustest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

// Network leads to a broker, and fails as it is told.
type Network struct {
	tb    testing.TB
	proxy *toxiproxy.Proxy

	mu     sync.Mutex
	toxics []string
}

// NewNetwork stands before an address until the test ends.
func NewNetwork(tb testing.TB, address string) *Network {
	tb.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics write to standard error, whatever the logger
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &Network{tb: tb, proxy: toxiproxy.NewProxy(server, "broker", "127.0.0.1:0", address)}
	if err := n.proxy.Start(); err != nil {
		tb.Fatalf("proxy: %v", err)
	}
	tb.Cleanup(func() {
		n.proxy.Toxics.ResetToxics(context.WithoutCancel(tb.Context()))
		n.proxy.Stop()
	})
	return n
}

// Address is where to connect.
func (n *Network) Address() string { return n.proxy.Listen }

// Cut ends all connections and refuses new ones.
func (n *Network) Cut() { n.proxy.Stop() }

// Delay delays what passes, in both directions, by d and at most a third more.
func (n *Network) Delay(d time.Duration) {
	n.add("latency", "upstream", map[string]any{"latency": d.Milliseconds(), "jitter": d.Milliseconds() / 3})
	n.add("latency", "downstream", map[string]any{"latency": d.Milliseconds(), "jitter": d.Milliseconds() / 3})
}

// Silence loses what is sent in both directions, and ends no connection: new ones seem to open.
func (n *Network) Silence() {
	n.add("timeout", "upstream", map[string]any{"timeout": 0})
	n.add("timeout", "downstream", map[string]any{"timeout": 0})
}

// Stall holds what is sent in both directions, until it is healed. Senders find that nothing is taken from them any more.
func (n *Network) Stall() {
	n.add("bandwidth", "upstream", map[string]any{"rate": 0})
	n.add("bandwidth", "downstream", map[string]any{"rate": 0})
}

// LoseAnswers loses what the broker sends, and ends no connection.
func (n *Network) LoseAnswers() { n.add("timeout", "downstream", map[string]any{"timeout": 0}) }

// CutAnswersAfter ends each connection when the broker has sent so many bytes more.
func (n *Network) CutAnswersAfter(size int) {
	n.add("limit_data", "downstream", map[string]any{"bytes": size})
}

// Reset resets each connection when the broker sends something.
func (n *Network) Reset() { n.add("reset_peer", "downstream", map[string]any{"timeout": 0}) }

// DelayClose has each side notice that the other has closed only after d.
func (n *Network) DelayClose(d time.Duration) {
	n.add("slow_close", "upstream", map[string]any{"delay": d.Milliseconds()})
	n.add("slow_close", "downstream", map[string]any{"delay": d.Milliseconds()})
}

// Heal ends all trouble.
func (n *Network) Heal() {
	n.tb.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, name := range n.toxics {
		if err := n.proxy.Toxics.RemoveToxic(n.tb.Context(), name); err != nil {
			n.tb.Errorf("remove toxic: %v", err)
		}
	}
	n.toxics = nil
	if n.proxy.Enabled {
		return
	}
	if err := n.proxy.Start(); err != nil {
		n.tb.Errorf("proxy: %v", err)
	}
}

func (n *Network) add(kind, stream string, attributes map[string]any) {
	n.tb.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	name := fmt.Sprintf("%s %s %d", kind, stream, len(n.toxics))
	text, err := json.Marshal(map[string]any{"name": name, "type": kind, "stream": stream, "attributes": attributes})
	if err != nil {
		n.tb.Fatalf("toxic: %v", err)
	}
	if _, err := n.proxy.Toxics.AddToxicJson(bytes.NewReader(text)); err != nil {
		n.tb.Fatalf("toxic: %v", err)
	}
	n.toxics = append(n.toxics, name)
}

// ProxyLeaks are options for goleak in the tests of an adapter: toxiproxy leaves a goroutine behind when a connection ends that it
// loses bytes of.
func ProxyLeaks() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).write"),
	}
}
