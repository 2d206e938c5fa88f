package httpapi

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"vacancy/internal/booking"
)

// One line for each request, for operators who ask for it. It has the pattern of the address and never the address itself: neither a
// query, nor the id of a booking, nor a token.

// attributes are those of a request's line.
func (a *api) attributes(w *responseWriter, r *http.Request, status int, took time.Duration) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("request_id", w.Header().Get(requestIDHeader)), slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.Int("status", status), slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int64("bytes", w.bytes),
		slog.String("client", a.clientName(r)), slog.String("actor", string(w.actorKind())),
	}
	for _, optional := range []slog.Attr{
		slog.String("key", w.actor.Key), slog.String("venue", venueOfPath(r)), slog.String("problem", w.problem),
		slog.String("trace_id", traceOf(r).traceID), slog.String("parent_id", traceOf(r).parentID),
	} {
		if optional.Value.String() != "" {
			attributes = append(attributes, optional)
		}
	}
	return attributes
}

// clientName is who the limits count by address: the one behind trusted proxies, of IPv6 its /64. Where that is nobody in particular, it
// is the other end of the connection.
func (a *api) clientName(r *http.Request) string {
	if client := a.Limits.ClientOf(r.RemoteAddr, r.Header["X-Forwarded-For"]).String(); client != "" {
		return client
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return peer.Addr().Unmap().String()
	}
	return ""
}

// actorKind is who made the request, as far as it was looked at.
func (w *responseWriter) actorKind() booking.ActorKind {
	if w.actor.Kind == "" {
		return booking.Public
	}
	return w.actor.Kind
}

// venueOfPath is the venue that the address names, if it can be one.
func venueOfPath(r *http.Request) string {
	if id := r.PathValue("venue"); booking.ValidID(id) {
		return id
	}
	return ""
}
