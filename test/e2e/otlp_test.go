package e2e

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	span "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"vacancy/test/proc"
)

// collector is a receiver of OTLP.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []*span.Span
	metrics []string // names
	// hang, if it is set, holds every delivery back until it is closed.
	hang chan struct{}
}

func newCollector(t *testing.T, hang chan struct{}) *collector {
	t.Helper()
	c := &collector{hang: hang}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.hang != nil {
		select {
		case <-c.hang:
		case <-r.Context().Done():
		}
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = c.take(r.URL.Path, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// take decodes a delivery.
func (c *collector) take(path string, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if path == "/v1/traces" {
		var request traces.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &request); err != nil {
			return err
		}
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
		return nil
	}
	var request metrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(body, &request); err != nil {
		return err
	}
	for _, resource := range request.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				c.metrics = append(c.metrics, m.Name)
			}
		}
	}
	return nil
}

// chain is the names of the spans of a trace from the leaf up to the caller's own, if they hang together.
func (c *collector) chain(trace, root, leaf string) (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	byID := make(map[string]*span.Span)
	at := ""
	for _, s := range c.spans {
		if hex.EncodeToString(s.TraceId) == trace {
			byID[hex.EncodeToString(s.SpanId)] = s
			if s.Name == leaf {
				at = hex.EncodeToString(s.SpanId)
			}
		}
	}
	for s := byID[at]; s != nil; s = byID[at] {
		names = append(names, s.Name)
		if at = hex.EncodeToString(s.ParentSpanId); at == root {
			return append(names, "caller")
		}
	}
	return names
}

const (
	callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	callersSpan  = "00f067aa0ba902b7"
)

// book books by a request that is a part of its caller's trace.
func bookTraced(t *testing.T, url string) {
	t.Helper()
	body := `{"service":"class","start":"` + tomorrow().Format(time.RFC3339) + `","party_size":1,` +
		`"customer":{"name":"Ada","email":"a@example.com"}}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/venues/studio/bookings", strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Traceparent", "00-"+callersTrace+"-"+callersSpan+"-01")
	res, err := new(http.Client).Do(r)
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("the booking is answered with %d", res.StatusCode)
	}
}

// A booking is traced from its caller's span down to the commit, and the metrics arrive; nothing of the customer does.
func TestTracesAndMetricsByOTLP(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--otlp", c.URL)
	class(t, server.Client(t), 100)
	bookTraced(t, server.URL)
	must(t, server.Stop(t.Context())) // what waits is sent before the end
	want := []string{"commit", "transaction", "batch", "request", "caller"}
	if got := c.chain(callersTrace, callersSpan, "commit"); !slices.Equal(got, want) {
		t.Errorf("the spans of the booking are %q", got)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{"vacancy_http_request_seconds", "vacancy_desk_transaction_seconds", "vacancy_ready", "go_goroutines"} {
		if !slices.Contains(c.metrics, name) {
			t.Errorf("the metric %s did not arrive, of %d", name, len(c.metrics))
		}
	}
	for _, s := range c.spans {
		if text := s.String(); strings.Contains(text, "Ada") || strings.Contains(text, "studio/bookings") {
			t.Errorf("a span tells of the customer, or of an address: %s", text)
		}
	}
}

// A collector that takes nothing holds nobody up.
func TestCollectorThatHangs(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	c := newCollector(t, hang)
	t.Cleanup(func() { close(hang) })
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--otlp", c.URL)
	class(t, server.Client(t), 20_000)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2_000 { // more spans than wait at most
		if _, err := server.Client(t).Book(ctx, "studio", wish()); err != nil {
			t.Fatal(err)
		}
	}
	stopping, cancelStop := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancelStop()
	must(t, server.Stop(stopping))
}
