package ws

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// Options are what a handler needs. All must be set.
type Options struct {
	Hub *live.Hub
	// Limits says how many sockets and watched days a client may have, and how many subscriptions and wrong tokens it may send.
	Limits *limit.Limiter
	// Fail answers a request that cannot be upgraded.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	// Explain gives the stable code and the text of an error, for a message.
	Explain func(err error) (code, detail string)
	// Origin tells where the page that sends a request comes from.
	Origin func(r *http.Request) Origin
	// IsKey tells whether a token is a management key.
	IsKey func(ctx context.Context, token string) (bool, error)
	// Events reads the events of venues.
	Events Events
	Log    *slog.Logger
}

// Handler serves WebSocket upgrades.
type Handler struct {
	options  Options
	upgrader *gws.Upgrader
	// ctx ends when the handler is closed. Subscriptions are made under it, because their requests end with the upgrade.
	ctx     context.Context //nolint:containedctx // it is the handler's life, which no call's context is
	stop    context.CancelFunc
	clients live.Connections
}

// New makes a handler. Close ends it.
func New(options Options) *Handler {
	h := &Handler{options: options}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.upgrader = gws.NewUpgrader(events{}, &gws.ServerOption{
		CheckUtf8Enabled:   true,
		ReadMaxPayloadSize: maxMessage,
		ParallelGolimit:    1,
		Logger:             noLog{},
		NewSession:         func() gws.SessionStorage { return new(session) },
	})
	return h
}

// Wanted tells whether the request asks for an upgrade to a WebSocket.
func Wanted(r *http.Request) bool {
	return r.ProtoMajor == 1 && has(r.Header, "Connection", "upgrade") && has(r.Header, "Upgrade", "websocket")
}

// has tells whether a header lists a word.
func has(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), word) {
				return true
			}
		}
	}
	return false
}

// ServeHTTP upgrades the request. If its address carries a live query, that becomes the subscription "0".
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	origin := h.options.Origin(r)
	if err := h.check(r, origin); err != nil {
		h.options.Fail(w, r, err)
		return
	}
	identity := h.options.Limits.Identify(r.RemoteAddr, r.Header["X-Forwarded-For"])
	leave, err := h.admit(identity)
	if err != nil {
		h.options.Fail(w, r, err)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		leave()
		h.options.Fail(w, r, err)
		return
	}
	c := newConnection(h, identity, origin, leave)
	if c.socket, err = h.upgrade(conn, buffered.Reader, r); err != nil {
		h.options.Log.Debug("a WebSocket was lost at the start", "error", err)
		leave()
		return
	}
	if query := r.URL.Query(); len(query) > 0 {
		// Here and not in the connection's own goroutine, whose stack stays small.
		c.add(addressSubscriptionID, func(ctx context.Context) (*feed, error) { return c.openFirst(ctx, query) })
	}
	h.serve(c)
}

// admit counts one more reader of the client and of the node, until release is called.
func (h *Handler) admit(client limit.Client) (release func(), err error) {
	return h.options.Hub.Admit(func() (func(), error) { return h.options.Limits.Acquire(client, limit.LiveConnections, 1) })
}

// check tells whether the request may be upgraded, and has what the protocol wants.
func (h *Handler) check(r *http.Request, origin Origin) error {
	switch {
	case !origin.Allowed(r.Context(), r.URL.Query().Get("venue")):
		return wire.ErrOrigin
	case r.Method != http.MethodGet || !Wanted(r):
		return wire.Malformed("Upgrade", "must be a GET that asks for websocket")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return wire.Malformed("Sec-WebSocket-Version", "must be 13")
	case r.Header.Get("Sec-WebSocket-Key") == "":
		return wire.Malformed("Sec-WebSocket-Key", "is missing")
	}
	return nil
}

// upgrade finishes the handshake. The reader gets a small buffer of its own, because the server's would keep the server's state of
// the connection in memory.
func (h *Handler) upgrade(conn net.Conn, buffered *bufio.Reader, r *http.Request) (*gws.Conn, error) {
	early, err := buffered.Peek(buffered.Buffered())
	if err == nil {
		err = conn.SetDeadline(time.Time{}) // the server may have set some
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	var in io.Reader = conn
	if len(early) > 0 {
		in = io.MultiReader(strings.NewReader(string(early)), conn)
	}
	return h.upgrader.UpgradeFromConn(deadlineConn{conn, h.options.Hub.Backlog()}, bufio.NewReaderSize(&frameLengths{in: in}, readBuffer), r)
}

// serve serves a connection in a goroutine of its own, until the reader has gone or the handler is closed.
func (h *Handler) serve(c *connection) {
	h.clients.Add(c)
	go func() {
		defer h.clients.Remove(c)
		c.run()
	}()
}

// Drain says goodbye to the readers one after the other, within a period: see [live.Connections.Drain].
func (h *Handler) Drain(ctx context.Context, period time.Duration) { h.clients.Drain(ctx, period) }

// Close says goodbye to every reader, also to those who come later, and waits until they are gone. When ctx ends, their connections
// are cut, and its error is returned.
func (h *Handler) Close(ctx context.Context) error {
	defer h.stop()
	return h.clients.Close(ctx)
}

// deadlineConn gives up writing to a connection only when it takes nothing for a while.
type deadlineConn struct {
	net.Conn
	backlog *live.Backlog
}

func (c deadlineConn) Write(b []byte) (int, error) { return c.backlog.Write(c.Conn, b, nil) }

// noLog drops what gws would log. What matters shows in errors.
type noLog struct{}

func (noLog) Error(...any) {}
