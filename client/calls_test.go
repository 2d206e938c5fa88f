package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each method sends the request that the API wants.
func TestCalls(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("", 3600))
	five := 5
	for _, test := range []struct {
		want string // method, path, body
		call func(ctx context.Context, c *Client) error
	}{
		{"GET /v1/venues ", func(ctx context.Context, c *Client) error { _, err := c.Venues(ctx); return err }},
		{"GET /v1/venues/a%2Fb ", func(ctx context.Context, c *Client) error { _, err := c.Venue(ctx, "a/b"); return err }},
		{
			`PUT /v1/venues/v {"name":"V","time_zone":"Asia/Kolkata","contact":{"phone":"1"},"allowed_origins":["https://v.example"]}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.PutVenue(ctx, Venue{
					ID: "v", Name: "V", TimeZone: "Asia/Kolkata", Contact: Contact{Phone: "1"},
					AllowedOrigins: []string{"https://v.example"}, Revision: 4,
				})
				return err
			},
		},
		{"DELETE /v1/venues/v ", func(ctx context.Context, c *Client) error { return c.DeleteVenue(ctx, "v") }},
		{"GET /v1/venues/v/resources ", func(ctx context.Context, c *Client) error { _, err := c.Resources(ctx, "v"); return err }},
		{"GET /v1/venues/v/resources/r ", func(ctx context.Context, c *Client) error { _, err := c.Resource(ctx, "v", "r"); return err }},
		{
			`PUT /v1/venues/v/resources/r {"name":"R","capacity":2,"hours":{"mon":["09:00-17:00"]},` +
				`"exceptions":[{"date":"2026-12-25","closed":true}]}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.PutResource(ctx, "v", Resource{
					ID: "r", Name: "R", Capacity: 2, Hours: map[string][]string{"mon": {"09:00-17:00"}},
					Exceptions: []Exception{{Date: "2026-12-25", Closed: true}}, Revision: 4,
				})
				return err
			},
		},
		{"DELETE /v1/venues/v/resources/r ", func(ctx context.Context, c *Client) error { return c.DeleteResource(ctx, "v", "r") }},
		{
			"GET /v1/venues/v/events?after=c%2F1&limit=5&wait=9 ", func(ctx context.Context, c *Client) error {
				_, err := c.Events(ctx, FeedQuery{Venue: "v", After: "c/1", Limit: 5, Wait: 9 * time.Second})
				return err
			},
		},
		{
			"GET /v1/venues/v/events ",
			func(ctx context.Context, c *Client) error { _, err := c.Events(ctx, FeedQuery{Venue: "v"}); return err },
		},
		{"GET /v1/venues/v/webhooks ", func(ctx context.Context, c *Client) error { _, err := c.Webhooks(ctx, "v"); return err }},
		{"GET /v1/venues/v/webhooks/w ", func(ctx context.Context, c *Client) error { _, err := c.Webhook(ctx, "v", "w"); return err }},
		{
			`PUT /v1/venues/v/webhooks/w {"url":"https://a.example","events":["booking.held"],"enabled":true}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.PutWebhook(ctx, "v", "w", WebhookSettings{URL: "https://a.example", Events: []string{"booking.held"}})
				return err
			},
		},
		{
			`PUT /v1/venues/v/webhooks/w {"url":"https://a.example","enabled":false}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.PutWebhook(ctx, "v", "w", WebhookSettings{URL: "https://a.example", Disabled: true})
				return err
			},
		},
		{"DELETE /v1/venues/v/webhooks/w ", func(ctx context.Context, c *Client) error { return c.DeleteWebhook(ctx, "v", "w") }},
		{
			"POST /v1/venues/v/webhooks/w/rotate_secret ",
			func(ctx context.Context, c *Client) error { _, err := c.RotateWebhookSecret(ctx, "v", "w"); return err },
		},
		{
			"POST /v1/venues/v/webhooks/w/test ",
			func(ctx context.Context, c *Client) error { _, err := c.TestWebhook(ctx, "v", "w"); return err },
		},
		{
			"GET /v1/venues/v/webhooks/w/deliveries ",
			func(ctx context.Context, c *Client) error { _, err := c.WebhookDeliveries(ctx, "v", "w"); return err },
		},
		{
			"POST /v1/venues/v/webhooks/w/deliveries/7/redeliver ",
			func(ctx context.Context, c *Client) error {
				_, err := c.RedeliverWebhook(ctx, "v", "w", "7")
				return err
			},
		},
		{"GET /v1/venues/v/services ", func(ctx context.Context, c *Client) error { _, err := c.Services(ctx, "v"); return err }},
		{"GET /v1/venues/v/services/s ", func(ctx context.Context, c *Client) error { _, err := c.Service(ctx, "v", "s"); return err }},
		{
			`PUT /v1/venues/v/services/s {"name":"S","duration_minutes":30,"step_minutes":15,"party_size":{"min":1,"max":4},"limited_below":5,` +
				`"requires":[{"any_of":["a","b"],"units":1,"per_person":true}]}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.PutService(ctx, "v", Service{
					ID: "s", Name: "S", DurationMinutes: 30, StepMinutes: 15, PartySize: PartySize{1, 4}, LimitedBelow: &five,
					Requires: []Requirement{{AnyOf: []string{"a", "b"}, Units: 1, PerPerson: true}}, Revision: 4,
				})
				return err
			},
		},
		{"DELETE /v1/venues/v/services/s ", func(ctx context.Context, c *Client) error { return c.DeleteService(ctx, "v", "s") }},
		{
			"GET /v1/venues/v/services/s/availability?at_least=e.1.0&from=2026-11-24&party_size=2&resource=r&to=2026-11-30 ",
			func(ctx context.Context, c *Client) error {
				_, err := c.Availability(ctx, Query{"v", "s", "2026-11-24", "2026-11-30", 2, "r", "e.1.0"})
				return err
			},
		},
		{
			`POST /v1/venues/v/bookings {"service":"s","start":"2026-11-24T09:00:00+01:00","party_size":2,` +
				`"customer":{"name":"Ada","phone":"1"},"hold":false}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.Book(ctx, "v", NewBooking{Service: "s", Start: start, PartySize: 2, Customer: &Customer{Name: "Ada", Phone: "1"}})
				return err
			},
		},
		{
			`POST /v1/venues/v/bookings {"service":"s","start":"2026-11-24T09:00:00+01:00","resource":"r","hold":true}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.Hold(ctx, "v", NewBooking{Service: "s", Start: start, Resource: "r"})
				return err
			},
		},
		{"GET /v1/venues/v/bookings/b ", func(ctx context.Context, c *Client) error { _, err := c.Booking(ctx, "v", "b"); return err }},
		{
			`POST /v1/venues/v/bookings/b/confirm {"customer":{"name":"Ada"}}`,
			func(ctx context.Context, c *Client) error {
				_, err := c.Confirm(ctx, "v", "b", &Customer{Name: "Ada"})
				return err
			},
		},
		{
			`POST /v1/venues/v/bookings/b/confirm {}`,
			func(ctx context.Context, c *Client) error { _, err := c.Confirm(ctx, "v", "b", nil); return err },
		},
		{`POST /v1/venues/v/bookings/b/extend {}`, func(ctx context.Context, c *Client) error { _, err := c.Extend(ctx, "v", "b"); return err }},
		{`POST /v1/venues/v/bookings/b/cancel {}`, func(ctx context.Context, c *Client) error { _, err := c.Cancel(ctx, "v", "b"); return err }},
	} {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			var got string
			c, _, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got = r.Method + " " + r.RequestURI + " " + string(body)
				if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("the body is %q", r.Header.Get("Content-Type"))
				}
				if (r.Header.Get("Idempotency-Key") != "") != (r.Method == http.MethodPost) {
					t.Errorf("%s with the idempotency key %q", r.Method, r.Header.Get("Idempotency-Key"))
				}
				_, _ = w.Write([]byte("{}"))
			})
			if err := test.call(t.Context(), c); err != nil {
				t.Error(err)
			}
			if got != test.want {
				t.Errorf("sent %s", got)
			}
		})
	}
}

func TestCallOptions(t *testing.T) {
	t.Parallel()
	c, script, _ := scripted(t, answerWith(200, `{}`))
	ctx := t.Context()
	for _, test := range []struct {
		name, header, want string
		call               func() error
	}{
		{"key", "Authorization", "Bearer k", func() error { _, err := c.Booking(ctx, "v", "b"); return err }},
		{"token", "Authorization", "Bearer t", func() error { _, err := c.Booking(ctx, "v", "b", Token("t")); return err }},
		{"idempotency", "Idempotency-Key", "i", func() error { _, err := c.Cancel(ctx, "v", "b", IdempotencyKey("i")); return err }},
		{"match", "If-Match", `"7"`, func() error { _, err := c.PutVenue(ctx, Venue{ID: "v"}, IfMatch(7)); return err }},
		{"absent", "If-None-Match", "*", func() error { _, err := c.PutVenue(ctx, Venue{ID: "v"}, IfAbsent()); return err }},
		{"etag", "If-None-Match", `W/"p"`, func() error { _, err := c.Availability(ctx, Query{}, IfNoneMatch(`W/"p"`)); return err }},
		{"no etag", "If-None-Match", "", func() error { _, err := c.Availability(ctx, Query{}, IfNoneMatch("")); return err }},
	} {
		if err := test.call(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		requests := script.seen()
		if got := requests[len(requests)-1].Header.Get(test.header); got != test.want {
			t.Errorf("%s: %s is %q, want %q", test.name, test.header, got, test.want)
		}
	}
}

func TestAvailabilityUnchanged(t *testing.T) {
	t.Parallel()
	c, _, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"e.1.0"`)
		if r.Header.Get("If-None-Match") == `W/"e.1.0"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(`{"position":"e.1.0","days":[{"date":"2026-11-24","status":"available","slots":[
			{"start":"2026-11-24T09:00:00+01:00","end":"2026-11-24T09:30:00+01:00","remaining":3,"capacity":4,"status":"available"}]}]}`))
	})
	a, err := c.Availability(t.Context(), Query{Venue: "v", Service: "s"})
	if err != nil || a.ETag != `W/"e.1.0"` || len(a.Days) != 1 || a.Days[0].Slots[0].Remaining != 3 {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err := c.Availability(t.Context(), Query{Venue: "v", Service: "s"}, IfNoneMatch(a.ETag)); !errors.Is(err, ErrNotModified) {
		t.Errorf("unchanged: %v", err)
	}
}

func TestNewRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "book.example", "ftp://book.example", "http://", "http://a/?q", "http://u@a", "http://a#f", "http://%",
	} {
		if _, err := New(address); err == nil {
			t.Errorf("New(%q) accepts it", address)
		}
	}
	for _, address := range []string{"https://book.example/", "http://[::1]:8080", "https://a.example/booking/"} {
		c, err := New(address)
		if err != nil || strings.HasSuffix(c.BaseURL(), "/") {
			t.Errorf("New(%q): %v", address, err)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"not JSON":   answerWith(200, `<html>`),
		"wrong type": answerWith(200, `{"name":7}`),
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for range maxBody/1_000_000 + 1 {
				_, _ = w.Write(make([]byte, 1_000_000))
			}
		},
	} {
		c, _, _ := scripted(t, answer)
		c.pause = func(context.Context, time.Duration) error { return context.Canceled }
		if _, err := c.Venue(t.Context(), "v"); err == nil {
			t.Errorf("%s is taken for a venue", name)
		}
	}
}
