package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// feedServer tells so many events, two a page, and fails now and then.
type feedServer struct {
	events int
	fails  func() bool
	ended  func()
}

func (f feedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.fails() {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"code":"unavailable","status":503}`)
		return
	}
	q := r.URL.Query()
	if r.Header.Get("Authorization") != "Bearer k" || q.Get("wait") != "20" || r.URL.Path != "/v1/venues/v/events" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	at, body := 0, ""
	if after := q.Get("after"); after != "" {
		_, _ = fmt.Sscanf(after, "c%d", &at)
		for range 2 {
			if at == f.events {
				break
			}
			at++
			if body != "" {
				body += ","
			}
			body += fmt.Sprintf(`{"specversion":"1.0","id":"v/e/%d/0","source":"/venues/v","type":"vacancy.booking.held.v1","subject":"bk_%d",`+
				`"time":"2026-11-20T17:04:11.532207Z","datacontenttype":"application/json","epoch":"3-e","term":"3","revision":"%d","index":"0",`+
				`"data":{"booking":{}}}`, at, at, at)
		}
		if body == "" {
			f.ended()
		}
	}
	fmt.Fprintf(w, `{"events":[%s],"cursor":"c%d","at_least":"3-e.%d.0","more":%t}`, body, at, at, at < f.events)
}

// Every event comes once and in order, whatever fails on the way, and nothing is handed out twice.
func TestFeed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(feedServer{7, someTimes(20), cancel})
	defer server.Close()
	c := newTestClient(t, server.URL)
	c.key = "k"
	c.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	var got, want []uint64
	for i := range uint64(7) {
		want = append(want, i+1)
	}
	var cursors []string
	var last error
	for page, err := range c.Feed(ctx, FeedQuery{Venue: "v"}) {
		if last = err; err != nil {
			break
		}
		cursors = append(cursors, page.Cursor)
		for _, e := range page.Events {
			got = append(got, e.Revision)
			if e.Term != 3 || e.Subject != fmt.Sprintf("bk_%d", e.Revision) || string(e.Data) != `{"booking":{}}` || e.Time.Year() != 2026 {
				t.Errorf("%+v", e)
			}
		}
	}
	if !slices.Equal(got, want) || !slices.Equal(cursors, []string{"c0", "c2", "c4", "c6", "c7"}) || !errors.Is(last, context.Canceled) {
		t.Errorf("events %v, cursors %v, %v", got, cursors, last)
	}
}

func TestFeedRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(feedServer{7, func() bool { return false }, func() {}})
	defer server.Close()
	c := newTestClient(t, server.URL)
	c.key = "another"
	n := 0
	for _, err := range c.Feed(t.Context(), FeedQuery{Venue: "v"}) {
		problem, ok := errors.AsType[*Problem](err)
		if n++; !ok || problem.Status != http.StatusForbidden {
			t.Fatalf("without the key: %v", err)
		}
	}
	if n != 1 {
		t.Errorf("it came %d times", n)
	}
}
