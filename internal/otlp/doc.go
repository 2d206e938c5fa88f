// Package otlp sends traces and metrics to a collector, by OpenTelemetry's protocol over HTTP, where the operator asks for it.
//
//	o, err := otlp.New(ctx, otlp.Config{URL: "http://127.0.0.1:4318", Version: version, Share: 1, Metrics: gatherer, ...})
//	defer o.Close(ctx)
//
// A request is one span, within the trace that its caller names; the batch that decides it, the transaction and the commit are below it.
// Nothing of it stands in the way of a request: spans are put into a bounded queue, and dropped when that is full. The metrics are those
// of Prometheus.
//
// It imports no other room, and nothing of it is global: two servers may live in one process.
package otlp
