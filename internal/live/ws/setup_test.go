package ws_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/lxzan/gws"
	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/ws"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() time.Time { return livetest.FerryNow() }

const (
	query     = "?venue=ferry&service=trip&from=2000-01-02&to=2000-01-02"
	subscribe = `{"type":"subscribe","id":"a","venue":"ferry","service":"trip","from":"2000-01-02","to":"2000-01-02"}`
)

// stage is a node with a handler of WebSockets.
type stage struct {
	*livetest.FerryNode

	handler *ws.Handler
}

func newStage(tb testing.TB, clock func() time.Time, edit ...func(*ws.Options)) *stage {
	tb.Helper()
	s := &stage{FerryNode: livetest.NewFerryNode(tb, clock, func(c *live.Config) { c.Documents = documents{} })}
	options := ws.Options{
		Limits: limit.None(),
		Hub:    s.Hub, Fail: fail, Explain: explain, Log: slog.New(slog.DiscardHandler),
		Origin: func(r *http.Request) ws.Origin { return pageOrigin(r.Header.Get("Origin")) },
		IsKey:  func(_ context.Context, token string) (bool, error) { return token == "key", nil },
	}
	for _, f := range edit {
		f(&options)
	}
	s.handler = ws.New(options)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.handler.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// pageOrigin is the origin of a page, "" for none. That of the ferry may ask for the ferry.
type pageOrigin string

func (o pageOrigin) Foreign() bool { return o != "" }

func (o pageOrigin) Allowed(_ context.Context, venue string) bool {
	return o == "" || o == "https://ferry.example" && venue == "ferry"
}

func fail(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusTeapot)
}

func explain(err error) (code, detail string) {
	var invalid *booking.Invalid
	var exceeded *limit.Exceeded
	switch {
	case errors.As(err, &invalid):
		return "invalid", invalid.Error()
	case errors.As(err, &exceeded):
		return "too_many", exceeded.Limit
	case errors.Is(err, booking.ErrUnauthenticated):
		return "unauthenticated", "no"
	case errors.Is(err, booking.ErrForbidden):
		return "forbidden", "no"
	case errors.Is(err, booking.ErrNotFound):
		return "not_found", "no"
	}
	return "internal", err.Error()
}

// documents know one token, and one management key.
type documents struct{}

func (documents) Booking(_ context.Context, _ booking.VenueID, id booking.BookingID, token string) ([]byte, error) {
	if token != "secret" && token != "key" {
		return nil, booking.ErrForbidden
	}
	return []byte(`{"id":"` + string(id) + `"}`), nil
}

// client is a connection.
type connection struct {
	gws.BuiltinEventHandler

	tb       testing.TB
	socket   *gws.Conn
	messages chan string
	pings    chan struct{}
	closed   chan error
	answers  bool // pings with pongs
}

func newConnection(tb testing.TB) *connection {
	return &connection{
		tb: tb, messages: make(chan string, 1000), pings: make(chan struct{}, 1000), closed: make(chan error, 1), answers: true,
	}
}

func (c *connection) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	c.messages <- m.Data.String()
}

func (c *connection) OnPing(socket *gws.Conn, payload []byte) {
	c.pings <- struct{}{}
	if c.answers {
		_ = socket.WritePong(payload)
	}
}

func (c *connection) OnClose(_ *gws.Conn, err error) {
	c.closed <- err
	close(c.messages)
}

// dial connects over loopback.
func (s *stage) dial(tb testing.TB, query string) *connection {
	tb.Helper()
	c, err := s.dialWith(tb, query, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// dialWith connects over loopback with further headers. The error says that the connection was refused.
func (s *stage) dialWith(tb testing.TB, query string, header http.Header) (*connection, error) {
	tb.Helper()
	server := httptest.NewServer(s.handler)
	tb.Cleanup(server.Close)
	c := newConnection(tb)
	//nolint:bodyclose // an answer that switches protocols has no body
	socket, _, err := gws.NewClient(c, &gws.ClientOption{
		Addr: "ws" + strings.TrimPrefix(server.URL, "http") + "/v1/live" + query, RequestHeader: header,
	})
	if err != nil {
		return nil, err
	}
	return c.run(socket), nil
}

func (c *connection) run(socket *gws.Conn) *connection {
	c.socket = socket
	done := make(chan struct{})
	go func() {
		socket.ReadLoop()
		close(done)
	}()
	c.tb.Cleanup(func() {
		_ = socket.NetConn().Close()
		<-done
	})
	return c
}

// connect connects over a pipe, which has no buffer: what is not read is not written.
func (s *stage) connect(t *testing.T, query string, edit func(c *connection)) *connection {
	t.Helper()
	server, conn := net.Pipe()
	c := newConnection(t)
	edit(c)
	go func() {
		request, err := http.ReadRequest(newReader(server))
		if err != nil {
			t.Error(err)
			return
		}
		s.handler.ServeHTTP(hijacked{httptest.NewRecorder(), server}, request)
	}()
	//nolint:bodyclose // an answer that switches protocols has no body
	socket, _, err := gws.NewClientFromConn(c, &gws.ClientOption{Addr: "ws://test/v1/live" + query}, conn)
	if err != nil {
		t.Fatal(err)
	}
	return c.run(socket)
}

func (c *connection) say(message string) {
	c.tb.Helper()
	if err := c.socket.WriteString(message); err != nil {
		c.tb.Fatal(err)
	}
}

// next is the next message.
func (c *connection) next() string {
	c.tb.Helper()
	m, ok := <-c.messages
	if !ok {
		c.tb.Fatalf("the connection was closed: %v", <-c.closed)
	}
	if !json.Valid([]byte(m)) {
		c.tb.Errorf("not JSON: %s", m)
	}
	return m
}

// gets fails unless messages that begin like these come next.
func (c *connection) gets(want ...string) {
	c.tb.Helper()
	for _, w := range want {
		if got := c.next(); !strings.HasPrefix(got, w) {
			c.tb.Fatalf("the message is\n%s\nand not\n%s", got, w)
		}
	}
}

// ends fails unless the server closes the connection, with that code if it is not 0. What came before is passed over.
func (c *connection) ends(code uint16) {
	c.tb.Helper()
	for range c.messages {
	}
	var closed *gws.CloseError
	if err := <-c.closed; code != 0 && (!errors.As(err, &closed) || closed.Code != code) {
		c.tb.Errorf("it ended with %v, and not %d", err, code)
	}
}
