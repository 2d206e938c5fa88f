package httpapi_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// A line for each request has what an operator asks of it, and never the address, a query, a token or anything of the customer.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	var lines lockedBuffer
	s := newServer(t, func(c *httpapi.Config) {
		c.AccessLog = slog.New(slog.NewJSONHandler(&lines, nil))
	})
	b := s.book(t, bookingAt("09:00", `,"customer":{"name":"Ada Lovelace","email":"ada@example.com"}`), func(r *http.Request) {
		r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		r.Header.Set("X-Request-Id", "from-the-proxy")
		r.RemoteAddr = "203.0.113.7:4711"
	})
	s.do(t, "GET", bookings+"/"+string(b.ID), "", bearer(b.Token))
	s.do(t, "GET", bookings+"/"+string(b.ID), "", bearer("a-wrong-token"))
	s.do(t, "GET", bookings, "", bearer(adminKey), func(r *http.Request) { r.RemoteAddr = "[2001:db8:1:2:3::4]:99" })
	s.do(t, "GET", "/any-page?secret=in-the-query", "")
	all := lines.String()
	for _, secret := range []string{b.Token, adminKey, "a-wrong-token", "in-the-query", "Ada", "ada@example.com", string(b.ID), "any-page"} {
		if strings.Contains(all, secret) {
			t.Errorf("the lines hold %q:\n%s", secret, all)
		}
	}
	type line struct {
		Level, Msg, Method, Route, Client, Actor, Key, Venue, Problem string

		Status   int
		Duration *float64 `json:"duration_ms"`
		Bytes    int
		ID       string `json:"request_id"`
		Trace    string `json:"trace_id"`
		Parent   string `json:"parent_id"`
	}
	var got []line
	for text := range strings.SplitSeq(strings.TrimSpace(all), "\n") {
		var l line
		must(t, json.Unmarshal([]byte(text), &l))
		if l.Level != "INFO" || l.Msg != "request" || l.Duration == nil || l.Bytes == 0 || l.ID == "" {
			t.Errorf("a line lacks something: %s", text)
		}
		l.Duration, l.Bytes, l.Level, l.Msg = nil, 0, "", ""
		if l.ID != "from-the-proxy" {
			l.ID = ""
		}
		got = append(got, l)
	}
	const one = "GET /v1/venues/{venue}/bookings/{booking}"
	got = got[len(got)-5:] // before come those that furnish the venue
	for i, want := range []line{
		{
			Method: "POST", Route: "POST /v1/venues/{venue}/bookings", Client: "203.0.113.7", Actor: "public", Venue: "barber", Status: 201,
			ID: "from-the-proxy", Trace: "4bf92f3577b34da6a3ce929d0e0e4736", Parent: "00f067aa0ba902b7",
		},
		{Method: "GET", Route: one, Client: "192.0.2.1", Actor: "token", Venue: "barber", Status: 200},
		{Method: "GET", Route: one, Client: "192.0.2.1", Actor: "token", Venue: "barber", Status: 403, Problem: "forbidden"},
		{
			Method: "GET", Route: "GET /v1/venues/{venue}/bookings", Client: "2001:db8:1:2::/64", Actor: "staff", Key: "admin",
			Venue: "barber", Status: 200,
		},
		{Method: "GET", Route: "/", Client: "192.0.2.1", Actor: "public", Status: 200},
	} {
		if got[i] != want {
			t.Errorf("line %d is\n%+v, want\n%+v", i, got[i], want)
		}
	}
}
