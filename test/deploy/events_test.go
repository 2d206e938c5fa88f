package deploy

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/outbox"
	"vacancy/internal/telemetry"
	"vacancy/test/proc"
)

// eventFigures are the metrics of a server that publishes to a broker with which everything goes wrong that can: the figures are made by
// what makes them in a server, and what happens is made up.
type eventFigures struct {
	telemetry *telemetry.Telemetry
	bus       telemetry.OutboxBus
}

func newEventFigures() eventFigures {
	t := telemetry.New()
	t.Outbox.Read(func() []telemetry.OutboxState {
		return []telemetry.OutboxState{{
			Bus: "rabbitmq", Venues: 3, Changes: 40, Most: 30, Delayed: 1, Oldest: 2 * time.Minute, Failing: true, Misconfigured: true, Leases: 63,
		}}
	})
	t.Webhooks.Begin(texts(webhook.Outcomes()))
	return eventFigures{t, t.Outbox.Of("rabbitmq", texts(outbox.FailureKinds), texts(outbox.GapReasons))}
}

func texts[T ~string](all []T) (texts []string) {
	for _, one := range all {
		texts = append(texts, string(one))
	}
	return texts
}

// page is what Prometheus is shown: of events alone, since a real server has to show everything else.
func (f eventFigures) page() string {
	all := httptest.NewRecorder()
	f.telemetry.Handler().ServeHTTP(all, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var page strings.Builder
	for line := range strings.Lines(all.Body.String()) {
		if strings.HasPrefix(line, "vacancy_outbox_") || strings.HasPrefix(line, "vacancy_webhook_attempts_total") {
			page.WriteString(line)
		}
	}
	return page.String()
}

// ServeHTTP shows the page.
func (f eventFigures) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, f.page())
}

// happen has everything happen once.
func (f eventFigures) happen() {
	f.bus.Published(string(bus.BookingConfirmed), 2)
	f.bus.Confirmed(20 * time.Millisecond)
	f.bus.Unrouted(1)
	f.bus.Rejected(string(bus.AvailabilityChanged))
	for _, reason := range outbox.GapReasons {
		f.bus.LeftOut(string(reason), 1)
	}
	for _, kind := range outbox.FailureKinds {
		f.bus.Failed(string(kind))
	}
	for _, outcome := range webhook.Outcomes() {
		f.telemetry.Webhooks.Attempt(string(outcome), time.Second)
	}
	f.bus.Reset()
	f.bus.TakenOver(1)
	f.bus.Lost(1)
}

// serveEventFigures has Prometheus shown figures in which everything happens over and over, until the test ends.
func serveEventFigures(t *testing.T) (url string) {
	t.Helper()
	f := newEventFigures()
	server := httptest.NewServer(f)
	ctx, stop := context.WithCancel(t.Context())
	var happening sync.WaitGroup
	happening.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f.happen()
			}
		}
	})
	t.Cleanup(func() {
		stop()
		happening.Wait()
		server.Close()
	})
	return server.URL
}

// A server shows its leases of a broker, and none of webhooks while no venue has one: there is nothing to be sent then, and nobody to miss.
func TestLeasesAreOfWhatIsSent(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--probe-interval", "1h", "--bus", "nats://"+freeAddress(t))
	eventually(t, time.Minute, "the broker's leases are not shown", func() bool {
		shown := metricsOf(t, server.URL)
		if strings.Contains(shown, `vacancy_outbox_leases{bus="webhooks"}`) ||
			!strings.Contains(shown, `vacancy_outbox_bus_failing{bus="webhooks"}`) {
			t.Fatalf("of the webhooks of a server without any is shown:\n%s", shown)
		}
		return strings.Contains(shown, `vacancy_outbox_leases{bus="nats"} 64`)
	})
}

// metricsOf is the page of a server.
func metricsOf(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	must(t, err)
	res, err := new(http.Client).Do(r)
	must(t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	must(t, err)
	return string(page)
}
