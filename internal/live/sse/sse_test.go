package sse_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

func TestStream(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c := dial(t, s.serve(t), query+"&party_size=2")
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
		"Access-Control-Allow-Origin": "*", "Content-Length": "",
	} {
		if got := c.head.Get(name); got != want {
			t.Errorf("%s is %q, and not %q", name, got, want)
		}
	}
	first := c.next()
	if first.name != "snapshot" || first.id != "e1.1.fj1rs0" || !strings.HasPrefix(first.data, `{"venue":"ferry","service":"trip",`) {
		t.Fatalf("the first event is %+v", first)
	}
	s.Book(t, 10, 3)
	want := event{name: "delta", id: "e1.2.fj1rs0", data: `{"position":"e1.2.fj1rs0","committed_at":"2000-01-01T00:00:00.000000Z",` +
		`"slots":[{"start":"2000-01-02T10:00:00+01:00","end":"2000-01-02T11:00:00+01:00","remaining":9,"capacity":12,"status":"available"}],` +
		`"days":[{"date":"2000-01-02","status":"available"}]}`}
	if got := c.next(); got != want {
		t.Errorf("the delta is\n%+v\nand not\n%+v", got, want)
	}
}

// The bytes on the wire, from the status line to the first event.
func TestWire(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server, client := pipe(t)
	go s.handler.ServeHTTP(hijacked{httptest.NewRecorder(), server}, httptest.NewRequest(http.MethodGet, query+"&position=lost", nil))
	var got strings.Builder
	in := bufio.NewReader(client)
	for !strings.Contains(got.String(), "event: snapshot") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(line)
	}
	wire := regexp.MustCompile(`Date: [^\r]*|retry: \d+`).ReplaceAllString(got.String(), "*")
	const want = "HTTP/1.1 200 OK\r\nConnection: close\r\n*\r\nCache-Control: no-store\r\nContent-Type: text/event-stream\r\n" +
		"Vary: Accept-Encoding\r\nX-Accel-Buffering: no\r\n\r\n" +
		": ok\n*\n\nevent: reset\ndata: {\"reason\":\"position_unknown\"}\n\nevent: snapshot\n"
	if wire != want {
		t.Errorf("the wire has\n%q\nand not\n%q", wire, want)
	}
}

// A reader comes back with the position of its last event, which counts for more than the one in the address.
func TestLastEventID(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := s.serve(t)
	c := dial(t, server, query)
	position := c.next().id
	_ = c.conn.Close()
	s.Book(t, 10, 3)
	tests := map[string]struct {
		target, header, want string
	}{
		"as a browser does":   {query + "&position=lost", "Last-Event-ID: " + position, "delta"},
		"in the address":      {query + "&position=" + position, "X: y", "delta"},
		"neither":             {query, "X: y", "snapshot"},
		"of another database": {query, "Last-Event-ID: e9.1.0", "reset"},
	}
	for name, test := range tests {
		if got := dial(t, server, test.target, test.header).next(); got.name != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What cannot be served is answered before anything is streamed.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := s.serve(t)
	for target, want := range map[string]string{
		"/v1/live": "from: ",
		"/v1/live?venue=zoo&service=trip&from=2000-01-02&to=2000-01-02": booking.ErrNotFound.Error(),
		query + "&party_size=6": "party_size: ",
	} {
		response, err := server.Client().Get(server.URL + target)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusTeapot || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s, %v", target, response.StatusCode, body, err)
		}
	}
	if len(s.Readers) > 0 && <-s.Readers == 1 && <-s.Readers != 0 {
		t.Error("a reader was counted that was refused")
	}
}

// A reader that goes is noticed at once, and not at the next ping.
func TestReaderGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c := dial(t, s.serve(t), query)
	c.next()
	if n := <-s.Readers; n != 1 {
		t.Fatalf("%d readers", n)
	}
	_ = c.conn.Close()
	if n := <-s.Readers; n != 0 {
		t.Errorf("%d readers", n)
	}
}

// A reader has nothing to say. One that says much is sent away.
func TestReaderTalks(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c := dial(t, s.serve(t), query)
	c.next()
	if _, err := c.conn.Write(make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	if e, err := read(c.in); err == nil {
		t.Errorf("it got %+v", e)
	}
}

// A server that stops says goodbye, to each reader with a delay of its own, and to whoever comes late.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := s.serve(t)
	clients := make([]*client, 5)
	for i := range clients {
		clients[i] = dial(t, server, query)
		clients[i].next()
	}
	if err := s.handler.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	delays := make(map[string]bool)
	for _, c := range slices.Concat(clients, []*client{dial(t, server, query)}) {
		e := c.next()
		if e.name != "goodbye" || e.data != `{"reconnect_after_ms":`+e.retry+`}` {
			t.Errorf("the last event is %+v", e)
		}
		delays[e.retry] = true
		if _, err := c.in.ReadByte(); err == nil {
			t.Error("something came after the goodbye")
		}
	}
	if len(delays) < 2 {
		t.Errorf("the delays are %v", delays)
	}
}

// Over HTTP/2 there is no connection to take; the same events come.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.handler.ServeHTTP))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the answer is %v", response)
	}
	in := bufio.NewReader(response.Body)
	var names []string
	for range 4 {
		e, err := read(in)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, e.name)
		switch len(names) {
		case 2:
			s.Book(t, 10, 1)
		case 3:
			go func() { _ = s.handler.Close(context.Background()) }()
		}
	}
	if got := strings.Join(names, ","); got != ",snapshot,delta,goodbye" {
		t.Errorf("the events are %s", got)
	}
	// It is compressed, and has no checksum.
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream ends with %v", err)
	}
}

// Over TLS the connection is taken as well.
func TestTLS(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	response, err := server.Client().Get(server.URL + query)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	in := bufio.NewReader(response.Body)
	for _, want := range []string{"", "snapshot"} {
		if e, err := read(in); err != nil || e.name != want {
			t.Errorf("%+v, %v", e, err)
		}
	}
	s.Book(t, 10, 1)
	if e, err := read(in); err != nil || e.name != string(live.EventDelta) {
		t.Errorf("%+v, %v", e, err)
	}
	if n := <-s.Readers; n != 1 {
		t.Errorf("%d readers", n)
	}
	_ = response.Body.Close()
	if n := <-s.Readers; n != 0 {
		t.Errorf("%d readers", n)
	}
}
