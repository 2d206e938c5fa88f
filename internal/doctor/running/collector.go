package running

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"vacancy/internal/doctor/facts"
)

const (
	// timeout is how long a server may take to answer: its metrics are in memory.
	timeout = 2 * time.Second
	// maxAnswer bounds what is read, in bytes: several times the metrics of a busy server.
	maxAnswer = 8 << 20
)

// Collector asks one server.
type Collector struct {
	// URL is where its metrics are, as in http://127.0.0.1:9090/metrics; empty asks nobody.
	URL string
}

var _ facts.Collector = Collector{}

// Collect asks the server. Where none runs, or another program answers, nothing is added: an installation may be looked at while no server
// runs, and from a machine that has none.
func (c Collector) Collect(ctx context.Context, into *facts.Facts) error {
	if c.URL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if families, err := c.metrics(ctx); err == nil && families["vacancy_ready"] != nil {
		into.Server = serverFacts(c.URL, families)
	}
	return nil
}

func (c Collector) metrics(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, //nolint:gosec // this machine's own listener, by an address that its certificate is not for
		},
	}
	client := http.Client{
		Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", answer.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(io.LimitReader(answer.Body, maxAnswer))
}

func serverFacts(url string, families map[string]*dto.MetricFamily) *facts.Server {
	found := &facts.Server{
		URL: url, Ready: gauge(families, "vacancy_ready") > 0, Writable: gauge(families, "vacancy_database_writable") > 0,
		Term: int64(gauge(families, "vacancy_database_term")),
	}
	for _, m := range families["vacancy_limit_unidentified_peers"].GetMetric() {
		if label(m, "reason") == "untrusted_peer" {
			found.UntrustedPeers = int(m.GetGauge().GetValue())
		}
	}
	for _, m := range families["vacancy_alert_active"].GetMetric() {
		if m.GetGauge().GetValue() > 0 {
			found.Alerts = append(found.Alerts, facts.Alert{Key: label(m, "key"), Critical: label(m, "severity") == "critical"})
		}
	}
	return found
}

// gauge is the value of a metric without labels, 0 if it is not there.
func gauge(families map[string]*dto.MetricFamily, name string) (value float64) {
	for _, m := range families[name].GetMetric() {
		value = m.GetGauge().GetValue()
	}
	return value
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
