package bench

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestWireReads(t *testing.T) {
	t.Parallel()
	const first = "HTTP/1.1 201 Created\r\ncontent-length: 5\r\nX: y\r\n\r\nhello"
	const second = "HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
		"5;x=y\r\nhello\r\nA\r\n, everyone\r\n0\r\n\r\n"
	const third = "HTTP/1.1 204 No Content\r\n\r\n"
	for _, reader := range []io.Reader{
		strings.NewReader(first + second + third), iotest.OneByteReader(strings.NewReader(first + second + third)),
	} {
		w := &wire{r: bufio.NewReader(reader)}
		for _, want := range []reply{
			{status: 201, body: []byte("hello")},
			{status: 503, body: []byte("hello, everyone"), retryAfter: 2 * time.Second, last: true},
			{status: 204},
		} {
			got, err := w.read()
			if err != nil || got.status != want.status || !bytes.Equal(got.body, want.body) || got.retryAfter != want.retryAfter ||
				got.last != want.last {
				t.Errorf("read %+v %q, %v; want %+v", got, got.body, err, want)
			}
		}
	}
}

func TestWireRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "garbage that goes on\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
	} {
		if a, err := (&wire{r: bufio.NewReader(strings.NewReader(text))}).read(); !errors.Is(err, errReply) {
			t.Errorf("%q is read as %+v, %v", text, a, err)
		}
	}
	const whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
	for i := range len(whole) {
		if a, err := (&wire{r: bufio.NewReader(strings.NewReader(whole[:i]))}).read(); err == nil {
			t.Errorf("%q is read as %+v", whole[:i], a)
		}
	}
}

func TestTextOf(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"bk_1","code":"x","empty":"","n":1,"cut":"of`)
	for name, want := range map[string]string{"id": "bk_1", "code": "x", "empty": "", "n": "", "none": "", "cut": "of"} {
		if got := textOf(body, name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

// What one request of 32 side by side costs, the server's share included: that is the same for both, and the difference is what
// the load generator takes of the machine.
func BenchmarkClients(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(make([]byte, 400))
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	p, err := prepare(base, "/v1/venues/v/bookings", "", bookingOf(time.Now()), true)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("wire", func(b *testing.B) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			c := &caller{base: base, deadline: time.Now().Add(time.Hour)}
			defer c.close()
			var buffer []byte
			for pb.Next() {
				buffer = p.request(buffer, 0, 0)
				if _, err := c.do(b.Context(), buffer); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("net/http", func(b *testing.B) {
		transport := &http.Transport{DisableCompression: true, WriteBufferSize: 1024, ReadBufferSize: 2048, MaxIdleConnsPerHost: 64}
		defer transport.CloseIdleConnections()
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				roundTrip(b, transport, server.URL+"/v1/venues/v/bookings", p.after[4:])
			}
		})
	})
}

func roundTrip(b *testing.B, transport *http.Transport, address string, body []byte) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
}
