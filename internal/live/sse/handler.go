package sse

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// Options are what a handler needs. All must be set.
type Options struct {
	Hub *live.Hub
	// Limits says how many streams and watched days a client may have.
	Limits *limit.Limiter
	// Fail answers a request that cannot be served, before any event was sent.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	Log  *slog.Logger
}

// Handler serves requests whose query is a live query, see [wire.ParseQuery].
type Handler struct {
	options Options
	streams live.Connections
}

// New makes a handler. Close ends it.
func New(options Options) *Handler { return &Handler{options: options} }

// ServeHTTP answers a GET with a stream of events. The reader's position is the Last-Event-ID that a browser sends when it comes back,
// or else the parameter position.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := h.subscribe(r)
	if err != nil {
		h.options.Fail(w, r, err)
		return
	}
	head := w.Header()
	head.Del("Content-Length") // of whoever wraps us and knows no better
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Add("Vary", "Accept-Encoding")
	if s.gzip {
		head.Set("Content-Encoding", "gzip")
	}
	head.Set("X-Accel-Buffering", "no") // nginx would hold events back
	if r.ProtoMajor == 1 {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			h.serveHijacked(s, conn, head)
			return
		}
		if !errors.Is(err, http.ErrNotSupported) {
			h.options.Log.Debug("a reader was lost before its first event", "error", err)
			h.end(s)
			return
		}
	}
	defer h.end(s)
	s.serveUnhijacked(w, r)
}

// subscribe begins a stream. It ends with end.
func (h *Handler) subscribe(r *http.Request) (*stream, error) {
	query, position, err := wire.ParseQuery(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		position = id
	}
	s := newStream(h.options.Hub, wire.AcceptsGzip(r.Header["Accept-Encoding"]))
	client := h.options.Limits.Identify(r.RemoteAddr, r.Header["X-Forwarded-For"])
	if s.release, err = h.admit(client); err != nil {
		return nil, err
	}
	permits := h.options.Limits.Permits(client, limit.WatchedDays)
	if s.sub, err = h.options.Hub.Subscribe(r.Context(), query, position, permits, s); err != nil {
		s.release()
		return nil, err
	}
	h.streams.Add(s)
	return s, nil
}

// admit counts one more reader of the client and of the node, until release is called.
func (h *Handler) admit(client limit.Client) (release func(), err error) {
	return h.options.Hub.Admit(func() (func(), error) { return h.options.Limits.Acquire(client, limit.LiveConnections, 1) })
}

// end gives back what a stream has. Its connection must be closed, or the request's own.
func (h *Handler) end(s *stream) {
	defer h.streams.Remove(s)
	defer s.release()
	s.writer.Stop()
	s.sub.Close()
}

// Drain says goodbye to the readers one after the other, within a period: see [live.Connections.Drain].
func (h *Handler) Drain(ctx context.Context, period time.Duration) { h.streams.Drain(ctx, period) }

// Close says goodbye to every reader, also to those who come later, and waits until they are gone. When ctx ends, their connections
// are cut, and its error is returned.
func (h *Handler) Close(ctx context.Context) error { return h.streams.Close(ctx) }
