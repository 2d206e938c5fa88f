package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"time"
)

var errSilent = errors.New("the server has been silent for too long")

// Watch follows availability over server-sent events, for as long as the caller ranges on:
//
//	for event, err := range c.Watch(ctx, query) {
//		if err != nil {
//			return err // the server refused the query, or ctx is done
//		}
//		draw(event.State.Availability())
//	}
//
// When the connection breaks there is an event of kind [Lost], and Watch connects again, a little later each time, going on from
// the state's position: nothing in between is lost. It ends with an error if the server refuses the query, or when the context
// is done. The work is done on the caller's goroutine; a slow caller gets fewer events, with the latest values.
func (c *Client) Watch(ctx context.Context, q Query) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := &watcher{client: c, query: q, state: new(State), yield: yield}
		if err := w.run(ctx); err != nil && !errors.Is(err, errBreak) {
			yield(Event{}, err)
		}
	}
}

// errBreak means that the caller has left the loop.
var errBreak = errors.New("the caller stopped")

// watcher is one Watch on its way.
type watcher struct {
	client   *Client
	query    Query
	state    *State
	yield    func(Event, error) bool
	failures int           // connections in a row that the server did not take
	wait     time.Duration // what the server asked for before the next connection
}

// run connects again and again. It returns why there is no use in going on.
func (w *watcher) run(ctx context.Context) error {
	for {
		err := w.connect(ctx)
		switch problem, refused := errors.AsType[*Problem](err); {
		case errors.Is(err, errBreak):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case refused && !temporary(problem.Status):
			return err
		case refused:
			w.wait = problem.RetryAfter
		}
		if !w.yield(Event{Kind: Lost, State: w.state, Err: err}, nil) {
			return errBreak
		}
		w.failures++
		if err := w.client.pause(ctx, max(w.wait, backoff(w.failures))); err != nil {
			return err
		}
		w.wait = 0
	}
}

// temporary tells whether the same query may be accepted later.
func temporary(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// connect follows one connection to its end, and returns why it ended.
func (w *watcher) connect(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	alarm := time.AfterFunc(maxSilence, func() { cancel(errSilent) })
	defer alarm.Stop()

	body, err := w.openStream(ctx)
	if err != nil {
		return because(ctx, err)
	}
	defer func() { _ = body.Close() }()
	w.failures = 0 // a server that takes readers is well, even if it has no news
	frames := NewFrameReader(heard{body, alarm})
	for {
		frame, err := frames.Next()
		if err != nil {
			return because(ctx, err)
		}
		if err := w.applyFrame(frame); err != nil {
			return err
		}
	}
}

// because prefers the reason why the connection was given up to the error that this made.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (w *watcher) applyFrame(frame Frame) error {
	if frame.Kind == "goodbye" {
		var bye goodbye
		if json.Unmarshal(frame.Data, &bye) == nil {
			w.wait = time.Duration(bye.ReconnectAfterMS) * time.Millisecond
		}
		return errGoodbye
	}
	event, err := apply(w.state, frame.Kind, frame.Data)
	if err != nil || event == nil {
		return err
	}
	if !w.yield(*event, nil) {
		return errBreak
	}
	return nil
}

// openStream starts a stream at the state's position.
func (w *watcher) openStream(ctx context.Context) (io.ReadCloser, error) {
	request, err := w.client.request(ctx, newCall(http.MethodGet, "/v1/live?"+w.query.live().Encode(), nil))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream, application/problem+json")
	if position := w.state.Position(); position != "" {
		request.Header.Set("Last-Event-ID", position)
	}
	stream := *w.client.http
	stream.Timeout = 0
	response, err := stream.Do(request)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		return nil, refuse(response)
	}
	return response.Body, nil
}

// refuse reads an answer that is no stream, and closes it.
func refuse(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return newProblem(response, body)
	}
	return fmt.Errorf("the server answered %s with %q instead of a stream", response.Status, response.Header.Get("Content-Type"))
}

// live are the parameters of the query for a live stream.
func (q Query) live() url.Values {
	values := q.values()
	values.Set("venue", q.Venue)
	values.Set("service", q.Service)
	return values
}

// heard puts the alarm off whenever the server says something.
type heard struct {
	io.Reader
	alarm *time.Timer
}

func (h heard) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if n > 0 {
		h.alarm.Reset(maxSilence)
	}
	return n, err
}
