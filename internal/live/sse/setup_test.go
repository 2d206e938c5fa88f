package sse_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"go.uber.org/goleak"

	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/sse"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is a moment when the ferry has not left yet: a Saturday in Berlin, 01:00.
func now() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

const query = "/v1/live?venue=ferry&service=trip&from=2000-01-02&to=2000-01-02"

// stage is a node with a handler of events.
type stage struct {
	store   *livetest.Store
	node    *livetest.Node
	handler *sse.Handler
	// readers hears how many there are.
	readers chan int
	// faults is how many deltas shall panic as they are handed out.
	faults atomic.Int32
}

func newStage(tb testing.TB, clock func() time.Time, edit ...func(*sse.Options)) *stage {
	tb.Helper()
	s := &stage{store: livetest.NewStore(clock), readers: make(chan int, 10_000)}
	s.store.CommitSettings(livetest.Ferry())
	s.node = livetest.NewNodeWith(tb, s.store, clock, func(c *live.Config) { c.Metrics = counter{s.readers, &s.faults} })
	options := sse.Options{
		Hub: s.node.Hub, Fail: fail, Log: slog.New(slog.DiscardHandler),
		Limits: limit.None(),
	}
	for _, f := range edit {
		f(&options)
	}
	s.handler = sse.New(options)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.handler.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func fail(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusTeapot)
}

// ServeHTTP is the handler behind a middleware that sets a header.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Length", "7") // whoever wraps may not know better
	s.handler.ServeHTTP(w, r)
}

func (s *stage) serve(tb testing.TB) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	return server
}

// book commits a booking of so many on the hour, and tells the node.
func (s *stage) book(tb testing.TB, hour, party int) {
	tb.Helper()
	c, err := s.store.Book("ferry", "trip", "", time.Date(2000, 1, 2, hour-1, 0, 0, 0, time.UTC), party)
	if err != nil {
		tb.Fatal(err)
	}
	s.node.View.Apply(context.Background(), c)
}

// counter is a [live.Metrics] that counts readers.
type counter struct {
	readers chan int
	faults  *atomic.Int32
}

func (c counter) Readers(n int)              { c.readers <- n }
func (counter) Published(time.Duration, int) {}
func (counter) Update(time.Duration)         {}

// Delivered panics for a delta, if the counter is told to.
func (c counter) Delivered(event live.Event) {
	if event == live.EventDelta && c.faults != nil && c.faults.Add(-1) >= 0 {
		panic("injected")
	}
}

func (counter) Reset(live.Reason) {}
func (counter) Panicked()         {}

// event is a block of lines of a stream.
type event struct {
	name, id, data, retry, comment string
}

// read reads one event.
func read(r *bufio.Reader) (e event, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return e, err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return e, nil
		}
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "retry":
			e.retry = value
		case "":
			e.comment = value
		default:
			return e, fmt.Errorf("the line %q", line)
		}
	}
}

// client is a connection that reads events.
type client struct {
	tb   testing.TB
	conn net.Conn
	in   *bufio.Reader
	head textproto.MIMEHeader
}

// dial asks a server for a stream, and reads the head of the answer and the first block.
func dial(tb testing.TB, server *httptest.Server, target string, headers ...string) *client {
	tb.Helper()
	c := connectTo(tb, server)
	c.ask(target, headers...)
	return c
}

// connectTo connects to a server.
func connectTo(tb testing.TB, server *httptest.Server) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return &client{tb: tb, conn: conn, in: bufio.NewReader(conn)}
}

func (c *client) ask(target string, headers ...string) {
	c.tb.Helper()
	c.send(target, headers...)
	c.readHead()
	if e := c.next(); e.comment != "ok" || len(e.retry) != 4 {
		c.tb.Fatalf("the stream begins with %+v", e)
	}
}

// send sends a request.
func (c *client) send(target string, headers ...string) {
	c.tb.Helper()
	request := "GET " + target + " HTTP/1.1\r\nHost: test\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
	if _, err := c.conn.Write([]byte(request)); err != nil {
		c.tb.Fatal(err)
	}
}

// readHead reads the head of an answer whose body ends with the connection.
func (c *client) readHead() {
	c.tb.Helper()
	in := textproto.NewReader(c.in)
	line, err := in.ReadLine()
	if err != nil || line != "HTTP/1.1 200 OK" {
		c.tb.Fatalf("the answer is %q, %v", line, err)
	}
	if c.head, err = in.ReadMIMEHeader(); err != nil || c.head.Get("Connection") != "close" {
		c.tb.Fatalf("the head is %v, %v", c.head, err)
	}
}

func (c *client) next() event {
	c.tb.Helper()
	e, err := read(c.in)
	if err != nil {
		c.tb.Fatal(err)
	}
	return e
}
