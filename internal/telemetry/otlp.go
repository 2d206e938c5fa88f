package telemetry

import "github.com/prometheus/client_golang/prometheus"

// OTLP counts what is sent to a collector.
type OTLP struct{ exports *prometheus.CounterVec }

func newOTLP(d *definitions) OTLP {
	s := d.section("OpenTelemetry")
	signals, deliveries := []string{"traces", "metrics"}, []string{"sent", "failed"}
	return OTLP{exports: fromZero(s.counters("vacancy_otlp_exports_total",
		"Batches of traces and metrics that were sent to a collector (`--otlp`), or were not.",
		Label{"signal", listed(signals)}, Label{"outcome", listed(deliveries)}), signals, deliveries)}
}

// Exported counts a batch.
func (o OTLP) Exported(signal string, ok bool) {
	outcome := "failed"
	if ok {
		outcome = "sent"
	}
	o.exports.WithLabelValues(signal, outcome).Inc()
}

// Gatherer has all metrics, for who sends them elsewhere.
func (t *Telemetry) Gatherer() prometheus.Gatherer { return t.definitions.registry }
