package httpapi

import (
	"context"
	"net/http"
	"strings"
)

// traceparentHeader is that of W3C Trace Context.
const traceparentHeader = "Traceparent"

// traceContext is what a caller says of the trace that its request is a part of; empty if it says nothing that can be understood.
type traceContext struct{ traceID, parentID string }

// traceOf reads the traceparent header: "00-", 32 hexadecimal digits of the trace, 16 of the caller's span, and flags. Later versions
// begin the same way and may have more behind.
func traceOf(r *http.Request) traceContext {
	if traced, ok := r.Context().Value(traceKey{}).(traceContext); ok {
		return traced
	}
	values := r.Header[traceparentHeader]
	if len(values) != 1 || len(values[0]) < 55 || len(values[0]) > maxTraceparent {
		return traceContext{}
	}
	parts := strings.Split(values[0], "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || parts[0] == "00" && len(values[0]) != 55 ||
		len(parts[1]) != 32 || len(parts[2]) != 16 || len(parts[3]) != 2 {
		return traceContext{}
	}
	for _, part := range parts[:4] {
		if strings.Trim(part, "0123456789abcdef") != "" {
			return traceContext{}
		}
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return traceContext{}
	}
	return traceContext{traceID: parts[1], parentID: parts[2]}
}

// traceKey is where the trace of a request stands that the server traces itself.
type traceKey struct{}

// trace begins the span of a request. The log tells of its trace, which is the caller's if that names one.
func (a *api) trace(r *http.Request) (*http.Request, func(route string, status int)) {
	parent := traceOf(r)
	ctx, id, end := a.Tracer.Request(r)
	return r.WithContext(context.WithValue(ctx, traceKey{}, traceContext{traceID: id, parentID: parent.parentID})), end
}
