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

func now() time.Time { return livetest.FerryNow() }

const query = "/v1/live?venue=ferry&service=trip&from=2000-01-02&to=2000-01-02"

// stage is a node with a handler of events.
type stage struct {
	*livetest.FerryNode

	handler *sse.Handler
}

func newStage(tb testing.TB, clock func() time.Time, edit ...func(*sse.Options)) *stage {
	tb.Helper()
	s := &stage{FerryNode: livetest.NewFerryNode(tb, clock, func(*live.Config) {})}
	options := sse.Options{
		Hub: s.Hub, Fail: fail, Log: slog.New(slog.DiscardHandler),
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
