package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/feed"
	"vacancy/internal/limit"
)

// Events is a page of events.
type Events struct {
	Events []Event `json:"events" nullable:"false"`
	EventsCursor
	More bool `json:"more" doc:"There is more at once."`
}

// EventsCursor is how far a reader of events has come.
type EventsCursor struct {
	Cursor  string `json:"cursor" doc:"For after of the next call. Opaque." example:"My1rMgoxNQpiCjIwMjYtMTEtMjQgRXVyb3BlL0Jlcmxpbg"`
	AtLeast string `json:"at_least" doc:"For at_least of a GET that is to hold all that is told up to here." example:"3-k2.15.0"`
}

// Event is a CloudEvent in its JSON format.
type Event struct {
	SpecVersion     string         `json:"specversion" enum:"1.0"`
	ID              string         `json:"id" doc:"The same for each repeat, and another for anything else." example:"fade-house/3-k2/41/0"`
	Source          string         `json:"source" example:"/venues/fade-house"`
	Type            string         `json:"type" example:"vacancy.booking.confirmed.v1"`
	Subject         string         `json:"subject,omitempty" doc:"The booking or the service that it is of." example:"bk_06b3qk6w8r9v1zj5n0a7yd2mfc"`
	Time            string         `json:"time" format:"date-time" example:"2026-11-20T17:04:11.532207Z"`
	DataContentType string         `json:"datacontenttype" enum:"application/json"`
	Epoch           string         `json:"epoch" doc:"The history of the database. Opaque." example:"3-k2"`
	Term            string         `json:"term" doc:"Orders epochs." example:"3"`
	Revision        string         `json:"revision" doc:"The venue's revision." example:"41"`
	Index           string         `json:"index" doc:"Orders the events of a revision." example:"0"`
	Data            map[string]any `json:"data"`
}

func (a *api) addEvents() {
	a.add(&route{
		method: http.MethodGet, path: "/v1/venues/{venue}/events", id: "list-events", tag: tagEvents,
		summary: "What has changed",
		description: "The events that a broker or a webhook would get, by a cursor that the caller keeps. Without one the feed begins now: " +
			"there is nothing yet, and a GET with at_least reads what was before. Ask with wait, and nothing is asked in vain; or take " +
			"text/event-stream, whose events end with one named cursor: its id is the cursor of all before it. A cursor of another " +
			"history of the database gets venue.reset and goes on, and one behind which changes are stored no more gets venue.gap.",
		access: staff,
		params: []string{"after", "events-limit", "wait", "Last-Event-ID"},
		successes: []success{
			{http.StatusOK, "A page of events.", Events{}, "", nil},
			{http.StatusOK, "Or their stream.", "", eventStream, nil},
		},
		errors:  []string{"not_found", "invalid", "busy"},
		handler: noBody((*requestContext).listEvents),
	})
}

const eventStream = "text/event-stream"

func (c *requestContext) listEvents() error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	q, err := c.query("after", "limit", "wait")
	if err != nil {
		return err
	}
	limit := q.number("limit", feed.DefaultPage, 1, maxEventsPage)
	wait := time.Duration(q.number("wait", 0, 0, maxEventsWait)) * time.Second
	streamed := acceptsEventStream(c.r)
	after := q.cursor("after", q.text("after"))
	if id := c.r.Header.Get("Last-Event-ID"); streamed && id != "" {
		after = q.cursor("Last-Event-ID", id)
	}
	if err := q.err(); err != nil {
		return err
	}
	c.w.Header()["Cache-Control"] = noStore
	switch {
	case streamed:
		return c.streamEvents(venue, after, limit)
	case wait > 0:
		return c.waitForEvents(venue, after, limit, wait)
	}
	page, err := c.Events.Read(c.r.Context(), venue, after, limit)
	if err != nil {
		return err
	}
	return c.writeEvents(page)
}

// cursor is a cursor that was sent, or the zero one.
func (q *query) cursor(name, text string) feed.Cursor {
	if text == "" {
		return feed.Cursor{}
	}
	after, err := feed.ParseCursor(text)
	if err != nil {
		q.refuse(name, "is not a cursor of this feed")
	}
	return after
}

// acceptsEventStream tells whether a request asks for a stream.
func acceptsEventStream(r *http.Request) bool {
	for _, accept := range r.Header["Accept"] {
		for media := range strings.SplitSeq(accept, ",") {
			media, _, _ = strings.Cut(media, ";")
			if strings.EqualFold(strings.TrimSpace(media), eventStream) {
				return true
			}
		}
	}
	return false
}

// openEvents is a reader that waits. It is counted as a live connection of its client.
func (c *requestContext) openEvents(venue booking.VenueID) (*feed.Reader, error) {
	return c.Events.Open(c.r.Context(), venue, func() (func(), error) {
		return c.Limits.Acquire(c.client, limit.LiveConnections, 1)
	})
}

func (c *requestContext) waitForEvents(venue booking.VenueID, after feed.Cursor, limit int, wait time.Duration) error {
	reader, err := c.openEvents(venue)
	if err != nil {
		return err
	}
	defer reader.Close()
	// The server's own deadline is for answers that are made at once.
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(wait + eventsWriteTimeout))
	page, err := reader.Next(c.r.Context(), after, limit, wait)
	if err == nil {
		err = c.checkKey()
	}
	if err != nil {
		return err
	}
	return c.writeEvents(page)
}

// checkKey tells whether the caller's management key is one still: it may have been replaced while the caller waited.
func (c *requestContext) checkKey() error {
	actor, err := c.Callers.Actor(c.r.Context(), c.r)
	if err == nil && actor.Kind != booking.Staff {
		return booking.ErrForbidden
	}
	return err
}

func (c *requestContext) writeEvents(page feed.Page) error {
	list, err := eventsOf(page)
	if err != nil {
		return err
	}
	return c.compressibleJSON(list)
}

// eventsPage is an [Events] whose events are encoded.
type eventsPage struct {
	Events []json.RawMessage `json:"events"`
	EventsCursor
	More bool `json:"more"`
}

func eventsOf(page feed.Page) (eventsPage, error) {
	list := eventsPage{Events: make([]json.RawMessage, len(page.Events)), EventsCursor: cursorOf(page), More: page.More}
	for i, e := range page.Events {
		var err error
		if list.Events[i], err = e.Structured(); err != nil {
			return list, err
		}
	}
	return list, nil
}

// EventsDocument is a page of events as GET answers it.
func EventsDocument(page feed.Page) ([]byte, error) {
	list, err := eventsOf(page)
	if err != nil {
		return nil, err
	}
	return json.Marshal(list)
}

func cursorOf(page feed.Page) EventsCursor {
	return EventsCursor{Cursor: page.Cursor.String(), AtLeast: page.Position().String()}
}

// streamEvents sends events until the caller has gone, its key is replaced, the server stops, or something fails. What fails before the
// first event is answered as a problem; later the stream ends, and the caller gets the problem when it comes back.
func (c *requestContext) streamEvents(venue booking.VenueID, after feed.Cursor, limit int) error {
	reader, err := c.openEvents(venue)
	if err != nil {
		return err
	}
	defer reader.Close()
	page, err := reader.Next(c.r.Context(), after, limit, 0)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	c.w.WriteHeader(http.StatusOK)
	out := eventWriter{c.w, http.NewResponseController(c.w)}
	b := append(strconv.AppendInt([]byte("retry: "), reconnectMillis, 10), "\n\n"...)
	for {
		if b, err = appendPage(b, page, after); err != nil {
			return nil // after the answer has begun
		}
		if c.streams.WriteStream(out, b, nil) != nil || reader.Ended() {
			return nil
		}
		after, b = page.Cursor, b[:0]
		if page, err = reader.Next(c.r.Context(), after, limit, pingSeconds*time.Second); err == nil {
			err = c.checkKey()
		}
		if err != nil {
			if !errors.Is(err, c.r.Context().Err()) {
				c.Log.DebugContext(c.r.Context(), "a stream of events ends", "venue", venue, "error", err)
			}
			return nil
		}
	}
}

// appendPage appends the events of a page, and its cursor if it is another than the last; or a comment.
func appendPage(b []byte, page feed.Page, last feed.Cursor) ([]byte, error) {
	for _, e := range page.Events {
		text, err := e.Structured()
		if err != nil {
			return b, err
		}
		b = append(append(b, "event: "...), e.Name.Type()...)
		b = append(append(b, "\ndata: "...), text...)
		b = append(b, "\n\n"...)
	}
	if page.Cursor == last {
		return append(b, ": ping\n\n"...), nil
	}
	cursor := cursorOf(page)
	data, err := json.Marshal(cursor)
	b = append(append(b, "id: "...), cursor.Cursor...)
	b = append(append(b, "\nevent: cursor\ndata: "...), data...)
	return append(b, "\n\n"...), err
}

// eventWriter is the answer that a stream is written to.
type eventWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Flush implements [live.Stream].
func (w eventWriter) Flush() error { return w.control.Flush() }

// SetWriteDeadline implements [live.Stream].
func (w eventWriter) SetWriteDeadline(deadline time.Time) error {
	return w.control.SetWriteDeadline(deadline)
}
