package sse_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vacancy/internal/limit"
	"vacancy/internal/live/sse"
)

// refusals are not counted here.
type refusals struct{}

func (refusals) Refused(string) {}

func (refusals) Unidentified(string) {}

// withLimits are those of a server behind a proxy on this machine, whose time stands.
func withLimits(o *sse.Options) {
	o.Limits = limit.New(limit.Config{
		Trusted: limit.Loopback(), Now: now, Log: slog.New(slog.DiscardHandler), Meter: refusals{}, Alerts: limit.NoAlerts{},
	})
}

// refused asks for a stream and returns why there is none.
func refused(t *testing.T, server *httptest.Server, target, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", address)
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := make([]byte, 200)
	n, _ := res.Body.Read(body)
	if res.StatusCode != http.StatusTeapot {
		return ""
	}
	return strings.TrimSpace(string(body[:n]))
}

// One client asks for two thousand streams, and gets a hundred. Everybody else is served meanwhile, and so is it once a stream has ended.
func TestStreamsOfOneClient(t *testing.T) {
	t.Parallel()
	s := newStage(t, now, withLimits)
	server := s.serve(t)
	const flooder, other = "X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"
	var last *client
	for range 100 {
		last = dial(t, server, query, flooder)
	}
	for range 1900 {
		if why := refused(t, server, query, "203.0.113.7"); !strings.Contains(why, "live connections") {
			t.Fatalf("one too many is told %q", why)
		}
	}
	for range 20 {
		dial(t, server, query, other)
	}
	for n := range s.Readers {
		if n == 120 {
			break
		}
	}
	_ = last.conn.Close()
	if n := <-s.Readers; n != 119 {
		t.Fatalf("%d readers are left", n)
	}
	dial(t, server, query, flooder)
}

// The days of all streams of a client are counted together.
func TestDaysOfOneClient(t *testing.T) {
	t.Parallel()
	s := newStage(t, now, withLimits)
	server := s.serve(t)
	long := strings.Replace(query, "to=2000-01-02", "to=2000-02-20", 1) // 50 days
	var last *client
	for range 40 {
		last = dial(t, server, long, "X-Forwarded-For: 203.0.113.7")
	}
	if why := refused(t, server, query, "203.0.113.7"); !strings.Contains(why, "watched days") {
		t.Errorf("one day too many is told %q", why)
	}
	dial(t, server, query, "X-Forwarded-For: 203.0.113.8")
	refusals := 1 // a stream that is refused is a reader for a moment: the 41st, too
	for n := range s.Readers {
		if n == 41 {
			if refusals == 0 {
				break
			}
			refusals--
		}
	}
	_ = last.conn.Close()
	if n := <-s.Readers; n != 40 {
		t.Fatalf("%d readers are left", n)
	}
	dial(t, server, fmt.Sprintf("%s&party_size=%d", query, 2), "X-Forwarded-For: 203.0.113.7")
}
