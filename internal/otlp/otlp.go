package otlp

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

// Config is what is sent, and where. All fields are needed.
type Config struct {
	// URL is the collector's; /v1/traces and /v1/metrics are below it.
	URL string
	// Version is the program's, and Node the machine's name.
	Version, Node string
	// Share is the part of the requests that are traced of those whose callers have not decided that.
	Share float64
	// Metrics are those that are sent.
	Metrics prometheus.Gatherer
	Meter   Meter
	Log     *slog.Logger
}

// Meter is told of each delivery.
type Meter interface {
	// Exported: a batch of "traces" or "metrics" was sent, or was not.
	Exported(signal string, ok bool)
}

// OTLP sends traces and metrics.
type OTLP struct {
	traces  *trace.TracerProvider
	tracer  api.Tracer
	metrics *metric.MeterProvider
}

// New begins to send. The collector need not be there yet.
func New(ctx context.Context, c Config) (*OTLP, error) {
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.URL+"/v1/traces"), otlptracehttp.WithTimeout(exportTimeout))
	if err != nil {
		return nil, err
	}
	figures, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(c.URL+"/v1/metrics"), otlpmetrichttp.WithTimeout(exportTimeout))
	if err != nil {
		return nil, errors.Join(err, spans.Shutdown(ctx))
	}
	server := resource.NewSchemaless(
		attribute.String("service.name", "vacancy"), attribute.String("service.version", c.Version),
		attribute.String("host.name", c.Node), attribute.String("service.instance.id", c.Node))
	o := &OTLP{
		traces: trace.NewTracerProvider(
			trace.WithResource(server), trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(c.Share))),
			trace.WithBatcher(&spanExporter{spans, notes{meter: c.Meter, log: c.Log, signal: "traces"}},
				trace.WithMaxQueueSize(maxQueuedSpans), trace.WithMaxExportBatchSize(maxBatchSpans), trace.WithBatchTimeout(batchInterval),
				trace.WithExportTimeout(exportTimeout))),
		metrics: metric.NewMeterProvider(metric.WithResource(server), metric.WithReader(metric.NewPeriodicReader(
			&metricExporter{figures, notes{meter: c.Meter, log: c.Log, signal: "metrics"}},
			metric.WithInterval(metricsInterval), metric.WithTimeout(exportTimeout),
			metric.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(c.Metrics)))))),
	}
	o.tracer = o.traces.Tracer("vacancy")
	return o, nil
}

// Close sends what waits, for two seconds at most.
func (o *OTLP) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	// What could not be sent was noted by the exporters; that time ran out is of no interest to a server that ends.
	_ = o.traces.Shutdown(ctx)
	_ = o.metrics.Shutdown(ctx)
}

// notes tell of deliveries: the log has the first failure of several, and their end. The SDK would tell a handler that is global.
type notes struct {
	meter   Meter
	log     *slog.Logger
	signal  string
	failing atomic.Bool
}

func (n *notes) note(err error) {
	n.meter.Exported(n.signal, err == nil)
	switch {
	case err != nil && !n.failing.Swap(true):
		n.log.Warn("telemetry cannot be sent to its collector; what waits may be dropped", "signal", n.signal, "error", err)
	case err == nil && n.failing.Swap(false):
		n.log.Info("telemetry is sent to its collector again", "signal", n.signal)
	}
}

type spanExporter struct {
	trace.SpanExporter
	notes notes
}

// ExportSpans implements [trace.SpanExporter].
func (e *spanExporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	e.notes.note(e.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

type metricExporter struct {
	metric.Exporter
	notes notes
}

// Export implements [metric.Exporter].
func (e *metricExporter) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	e.notes.note(e.Exporter.Export(ctx, m))
	return nil
}
