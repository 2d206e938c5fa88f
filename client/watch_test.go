package client

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// liveServer streams a model, and cuts a connection after each answer for which chop says so.
type liveServer struct {
	*model
	chop func() bool
}

func (l liveServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	_, _ = io.WriteString(w, ": ok\n\n")
	_ = http.NewResponseController(w).Flush()
	for position := r.Header.Get("Last-Event-ID"); ; {
		for _, frame := range l.next(position, r.Context().Done()) {
			text := frame.sse()
			if l.chop() {
				_, _ = io.WriteString(w, text[:len(text)/2])
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
			_, _ = io.WriteString(w, text)
			if frame.position != "" {
				position = frame.position
			}
		}
		if r.Context().Err() != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
	}
}

// someTimes is true now and then, n times in all.
func someTimes(n int) func() bool {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(3, 4))
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		if n == 0 || random.IntN(3) > 0 {
			return false
		}
		n--
		return true
	}
}

// A reader that is cut off a hundred times, also within frames, ends with what a fresh answer says.
func TestWatchThroughCuts(t *testing.T) {
	t.Parallel()
	m, random := newModel(), rand.New(rand.NewPCG(1, 2))
	server := httptest.NewServer(liveServer{m, someTimes(100)})
	defer server.Close()
	c := newTestClient(t, server.URL)
	c.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }

	lost, kinds := 0, make(map[EventKind]int)
	var state *State
	for event, err := range c.Watch(t.Context(), Query{Venue: "v", Service: "s"}) {
		if err != nil {
			t.Fatal(err)
		}
		kinds[event.Kind]++
		state = event.State
		if event.Kind == Lost {
			lost++
			continue
		}
		if lost == 100 && event.Kind != Reset {
			break
		}
		for range random.IntN(4) + 1 {
			m.random(random)
		}
		if random.IntN(10) == 0 {
			m.forget()
		}
	}
	if !state.Matches(m.snapshot()) {
		t.Errorf("after %d cuts the state is\n%+v\nnot\n%+v", lost, state.Availability(), m.snapshot())
	}
	for _, kind := range []EventKind{Snapshot, Changed, Reset, Lost} {
		if kinds[kind] == 0 {
			t.Errorf("there was no %s in %v", kind, kinds)
		}
	}
}

func TestWatchEvents(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.set(1, 9)
	first := frameOf("snapshot", m.snapshot())
	m.set(1, 0)
	d, _ := m.since("1")
	stream := strings.Join([]string{
		": ok\n\n", first.sse(), frameOf("delta", d).sse(), "event: novelty\ndata: {}\n\n",
		"event: stale\ndata: {\"as_of\":\"2026-11-24T09:00:00Z\"}\n\n", "event: fresh\ndata: {\"as_of\":\"2026-11-24T09:00:05Z\"}\n\n",
		"event: reset\ndata: {\"reason\":\"schedule_changed\"}\n\n", "event: goodbye\ndata: {\"reconnect_after_ms\":4000}\n\n",
	}, "")
	c, script, pauses := scripted(t, answerWith(200, stream, "Content-Type", "text/event-stream"), answerWith(404, `{"code":"not_found"}`))
	var kinds []EventKind
	for event, err := range c.Watch(t.Context(), Query{"v", "s", "2026-04-04", "2026-04-06", 2, "r", "ignored"}) {
		if err != nil {
			if !IsCode(err, CodeNotFound) {
				t.Errorf("the query is refused with %v", err)
			}
			break
		}
		kinds = append(kinds, event.Kind)
		switch event.Kind { //nolint:exhaustive // the others carry nothing to look at
		case Changed:
			if len(event.Changes) != 1 || event.Changes[0].Status != Full || event.CommittedAt.IsZero() {
				t.Errorf("the delta is %+v", event)
			}
		case Stale, Fresh:
			if a := event.State.Availability(); a.Stale != (event.Kind == Stale) || a.AsOf.IsZero() {
				t.Errorf("%s: %+v", event.Kind, a)
			}
		case Reset:
			if event.Reason != "schedule_changed" {
				t.Errorf("reset because of %q", event.Reason)
			}
		}
	}
	if want := []EventKind{Snapshot, Changed, Stale, Fresh, Reset, Lost}; !slices.Equal(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
	if (*pauses)[0] < 4*time.Second {
		t.Errorf("back after %s, the server asked for 4s", (*pauses)[0])
	}
	asked := script.seen()
	if got := asked[0].RequestURI; got != "/v1/live?from=2026-04-04&party_size=2&resource=r&service=s&to=2026-04-06&venue=v" {
		t.Errorf("asked for %s", got)
	}
	if asked[0].Header.Get("Last-Event-ID") != "" || asked[1].Header.Get("Last-Event-ID") != "2" {
		t.Errorf("resumed from %q", asked[1].Header.Get("Last-Event-ID"))
	}
}

func TestWatchRefusalsThatPass(t *testing.T) {
	t.Parallel()
	c, script, pauses := scripted(t,
		answerWith(503, `{"code":"unavailable"}`, "Retry-After", "5"),
		cut,
		answerWith(200, "<html>", "Content-Type", "text/html"),
		answerWith(200, "event: snapshot\ndata: nonsense\n\n", "Content-Type", "text/event-stream"),
		answerWith(422, `{"code":"invalid"}`))
	lost := 0
	for event, err := range c.Watch(t.Context(), Query{}) {
		if err == nil && event.Kind == Lost && event.Err != nil {
			lost++
		} else if !IsCode(err, CodeInvalid) {
			t.Errorf("%v, %v", event, err)
		}
	}
	if lost != 4 || len(script.seen()) != 5 || (*pauses)[0] < 5*time.Second {
		t.Errorf("lost %d times in %d tries with pauses %v", lost, len(script.seen()), *pauses)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	m := newModel()
	server := httptest.NewServer(liveServer{m, func() bool { return false }})
	defer server.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	defer cancel(nil)
	var last error
	for _, err := range newTestClient(t, server.URL).Watch(ctx, Query{}) {
		last = err
		cancel(enough)
	}
	if !errors.Is(last, enough) {
		t.Errorf("the last error is %v", last)
	}
}

// A connection that says nothing, not even a heartbeat, is given up.
func TestWatchGivesUpASilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c, err := New("http://book.example", WithHTTPClient(&http.Client{Transport: silent{}}))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for event, err := range c.Watch(ctx, Query{}) {
			if err != nil || !errors.Is(event.Err, errSilent) {
				t.Errorf("%v, %v", event, err)
			}
			break
		}
		// One heartbeat after 30 s, and 45 s of nothing after it.
		if waited := time.Since(began); waited != 75*time.Second {
			t.Errorf("given up after %s", waited)
		}
	})
}

// silent answers with a stream that has one heartbeat after 30 s and then nothing.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	go func() {
		_ = pause(r.Context(), 30*time.Second)
		_, _ = io.WriteString(writer, ": ping\n\n")
		<-r.Context().Done()
		_ = writer.CloseWithError(context.Cause(r.Context()))
	}()
	header := http.Header{"Content-Type": {"text/event-stream"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: reader, Request: r}, nil
}
