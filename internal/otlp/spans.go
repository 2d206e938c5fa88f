package otlp

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	api "go.opentelemetry.io/otel/trace"
)

// Request begins the span of a request, within the trace that its traceparent names. End is told the pattern of its address and the
// status. What is traced has neither the address itself nor a query.
func (o *OTLP) Request(r *http.Request) (ctx context.Context, traceID string, end func(route string, status int)) {
	ctx = propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := o.tracer.Start(ctx, "request", api.WithSpanKind(api.SpanKindServer))
	return ctx, span.SpanContext().TraceID().String(), func(route string, status int) {
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", route),
			attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// Span begins a span below that in the context. It is linked to the spans of those for whose sake it is. End is told how it ended.
func (o *OTLP) Span(ctx context.Context, name string, callers ...context.Context) (context.Context, func(error)) {
	options := make([]api.SpanStartOption, 0, 1)
	if len(callers) > 0 {
		links := make([]api.Link, 0, min(len(callers), maxLinks))
		for _, c := range callers[:min(len(callers), maxLinks)] {
			if s := api.SpanContextFromContext(c); s.IsValid() {
				links = append(links, api.Link{SpanContext: s})
			}
		}
		options = append(options, api.WithLinks(links...), api.WithAttributes(attribute.Int("vacancy.commands", len(callers))))
	}
	ctx, span := o.tracer.Start(ctx, name, options...)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}
