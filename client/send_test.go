package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// script answers one request after the other, and remembers what was asked.
type script struct {
	mu       sync.Mutex
	answers  []http.HandlerFunc
	requests []*http.Request
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	i := min(len(s.requests), len(s.answers)-1)
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	s.answers[i](w, r)
}

func (s *script) seen() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// scripted is a client of a server that follows the script, and the pauses that the client made.
func scripted(t *testing.T, answers ...http.HandlerFunc) (*Client, *script, *[]time.Duration) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := newTestClient(t, server.URL)
	pauses := new([]time.Duration)
	c.pause = func(ctx context.Context, d time.Duration) error {
		*pauses = append(*pauses, d)
		return ctx.Err()
	}
	return c, s, pauses
}

func newTestClient(t *testing.T, url string) *Client {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true} // on a used connection, it would try again by itself
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(url, WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Minute}), WithKey("k"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cut breaks the connection instead of answering.
func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func answerWith(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	busy := answerWith(503, `{"code":"busy","title":"Busy"}`, "Retry-After", "2")
	patient := answerWith(503, `{"code":"unavailable","title":"Gone"}`, "Retry-After", "60")
	done := answerWith(200, `{}`)
	book := func(c *Client, ctx context.Context) error { _, err := c.Book(ctx, "v", NewBooking{}); return err }
	put := func(c *Client, ctx context.Context) error { _, err := c.PutVenue(ctx, Venue{ID: "v"}); return err }
	edit := func(c *Client, ctx context.Context) error {
		_, err := c.PutVenue(ctx, Venue{ID: "v"}, IfMatch(3))
		return err
	}
	archive := func(c *Client, ctx context.Context) error { return c.DeleteVenue(ctx, "v") }
	for _, test := range []struct {
		name    string
		call    func(*Client, context.Context) error
		answers []http.HandlerFunc
		tries   int
		code    string // of the problem; "" if it went well, "?" for an error that is no problem
	}{
		{"lost booking", book, []http.HandlerFunc{cut, cut, done}, 3, ""},
		{"busy booking", book, []http.HandlerFunc{busy, done}, 2, ""},
		{"lost for good", book, []http.HandlerFunc{cut}, maxTries, "?"},
		{"busy for good", book, []http.HandlerFunc{busy}, maxTries, CodeBusy},
		{"too long a wait", book, []http.HandlerFunc{patient, done}, 1, CodeUnavailable},
		{"refused", book, []http.HandlerFunc{answerWith(409, `{"code":"slot_unavailable"}`), done}, 1, CodeSlotUnavailable},
		{"broken server", book, []http.HandlerFunc{answerWith(500, `oh`), done}, 1, CodeInternal},
		{"lost replacement", put, []http.HandlerFunc{cut, done}, 2, ""},
		{"lost conditional edit", edit, []http.HandlerFunc{cut, done}, 1, "?"},
		{"busy conditional edit", edit, []http.HandlerFunc{busy, done}, 1, CodeBusy},
		{"lost removal", archive, []http.HandlerFunc{cut, done}, 1, "?"},
		{"cut within the answer", book, []http.HandlerFunc{answerWith(200, `{`, "Content-Length", "99"), done}, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, script, pauses := scripted(t, test.answers...)
			err := test.call(c, t.Context())
			if problem, ok := errors.AsType[*Problem](err); ok && problem.Code != test.code || !ok && (err != nil) != (test.code == "?") {
				t.Errorf("error %v, want %q", err, test.code)
			}
			requests := script.seen()
			if len(requests) != test.tries || len(*pauses) != test.tries-1 {
				t.Errorf("%d tries and %d pauses, want %d tries", len(requests), len(*pauses), test.tries)
			}
			for _, r := range requests {
				if r.Header.Get("Idempotency-Key") != requests[0].Header.Get("Idempotency-Key") {
					t.Error("the second try has another idempotency key")
				}
			}
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	c, _, pauses := scripted(t, answerWith(503, `{"code":"busy"}`, "Retry-After", "7"), answerWith(200, `{}`))
	if _, err := c.Venue(t.Context(), "v"); err != nil {
		t.Fatal(err)
	}
	if (*pauses)[0] < 7*time.Second {
		t.Errorf("the client waited %s, the server asked for 7s", (*pauses)[0])
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	c, script, _ := scripted(t, cut)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	c.pause = func(ctx context.Context, _ time.Duration) error {
		cancel(enough)
		return pause(ctx, time.Hour)
	}
	if _, err := c.Venues(ctx); !errors.Is(err, enough) {
		t.Errorf("the error is %v, want why the context ended", err)
	}
	if n := len(script.seen()); n != 1 {
		t.Errorf("%d tries, want 1", n)
	}
}

func TestNothingListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, tries := newTestClient(t, server.URL), 1
	c.pause = func(context.Context, time.Duration) error { tries++; return nil }
	if err := c.DeleteVenue(t.Context(), "v"); err == nil || tries != maxTries {
		t.Errorf("%d tries, error %v; a removal that was never sent can be repeated", tries, err)
	}
}

func TestBackoffGrowsToABound(t *testing.T) {
	t.Parallel()
	for failures := 1; failures < 100; failures++ {
		for range 100 {
			d := backoff(failures)
			if d < 50*time.Millisecond || d > 10*time.Second {
				t.Fatalf("backoff(%d) = %s", failures, d)
			}
			if failures == 1 && d > 200*time.Millisecond {
				t.Fatalf("backoff(1) = %s", d)
			}
		}
	}
}
