package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
	"vacancy/internal/live/wire"
)

const feedPath = "/v1/venues/barber/events"

// events reads a page of the feed.
func (s *server) events(t *testing.T, query string) httpapi.Events {
	t.Helper()
	return decode[httpapi.Events](t, s.do(t, "GET", feedPath+query, "", admin()).want(t, http.StatusOK, ""))
}

func types(page httpapi.Events) []string {
	all := make([]string, len(page.Events))
	for i, e := range page.Events {
		all[i] = e.Type
	}
	return all
}

func expectTypes(t *testing.T, page httpapi.Events, want ...string) {
	t.Helper()
	if got := types(page); !slices.Equal(got, want) {
		t.Errorf("the events are %v, want %v", got, want)
	}
}

// The life of a booking, as another system hears of it.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	begin := s.events(t, "")
	if len(begin.Events) > 0 || begin.Cursor == "" || begin.More {
		t.Fatalf("the feed begins with %+v", begin)
	}
	s.do(t, "GET", free+"&at_least="+begin.AtLeast, "").want(t, http.StatusOK, "")
	const personal = `"customer":{"name":"Ada Lovelace","email":"ada@example.com","phone":"+44 20 5550 1815","note":"A window seat."}`
	held := s.book(t, bookingAt("09:00", `,"resource":"mia","hold":true,`+personal))
	s.do(t, "POST", bookings+"/"+string(held.ID)+"/confirm", `{}`, bearer(held.Token)).want(t, http.StatusOK, "")
	s.do(t, "POST", bookings+"/"+string(held.ID)+"/cancel", `{}`, bearer(held.Token)).want(t, http.StatusOK, "")

	a := s.do(t, "GET", feedPath+"?after="+begin.Cursor, "", admin()).want(t, http.StatusOK, "")
	if a.header.Get("Cache-Control") != "no-store" {
		t.Error("events may be kept by caches")
	}
	page := decode[httpapi.Events](t, a)
	expectTypes(t, page,
		"vacancy.booking.held.v1", "vacancy.booking.confirmed.v1", "vacancy.booking.cancelled.v1", "vacancy.availability.changed.v1")
	for _, secret := range []string{"Lovelace", "ada@", "5550", "window", held.Token, "staff", "admin"} {
		if bytes.Contains(a.body, []byte(secret)) {
			t.Errorf("the events hold %q:\n%s", secret, a.body)
		}
	}
	for i, e := range page.Events[:3] {
		b, _ := e.Data["booking"].(map[string]any)
		if e.Subject != string(held.ID) || b["id"] != string(held.ID) || b["end"] != "2026-11-23T09:30:00+01:00" {
			t.Errorf("event %d is %+v", i, e)
		}
		if previous := e.Data["previous"]; (i == 0) != (previous == nil) {
			t.Errorf("event %d names %v as the one before", i, previous)
		}
	}
	expectTypes(t, s.events(t, "?after="+page.Cursor))
	some := s.events(t, "?limit=1&after="+begin.Cursor)
	if expectTypes(t, some, "vacancy.booking.held.v1", "vacancy.availability.changed.v1"); !some.More {
		t.Error("there is no more")
	}
}

// A slot of an event and of GET are the same JSON, but for when it closes, and so is the revision that they are of.
func TestEventsHaveTheSlotsOfGet(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	begin := s.events(t, "")
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	page := s.events(t, "?after="+begin.Cursor)
	data := page.Events[1].Data
	found := decode[wire.Availability](t, s.do(t, "GET", free+"&at_least="+page.AtLeast, "").want(t, http.StatusOK, ""))
	told, err := json.Marshal(data["values_at"])
	must(t, err)
	got, err := json.Marshal(map[string]any{"epoch": found.ValuesAt.Epoch, "revision": found.ValuesAt.Revision, "term": found.ValuesAt.Term})
	must(t, err)
	if !bytes.Equal(told, got) {
		t.Errorf("the event's values are of %s, and those of GET of %s", told, got)
	}
	slots, _ := data["slots"].([]any)
	if len(slots) == 0 {
		t.Fatalf("no slots: %v", data)
	}
	for _, slot := range slots {
		fields, _ := slot.(map[string]any)
		closes, _ := fields["closes_at"].(string)
		delete(fields, "closes_at")
		i := slices.IndexFunc(found.Days[0].Slots, func(s wire.Slot) bool { return s.Start == fields["start"] })
		if i < 0 || closes == "" {
			t.Fatalf("GET has no slot %v, or it never closes (%q)", fields, closes)
		}
		told, err := json.Marshal(fields)
		must(t, err)
		var other map[string]any
		got, err := json.Marshal(found.Days[0].Slots[i])
		must(t, err)
		must(t, json.Unmarshal(got, &other))
		got, err = json.Marshal(other)
		must(t, err)
		if !bytes.Equal(told, got) {
			t.Errorf("the event has %s, and GET %s", told, got)
		}
	}
}

func TestEventsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, test := range []struct {
		target, field string
		status        int
		code          string
	}{
		{feedPath + "?after=x", "after", 422, "invalid"},
		{feedPath + "?after=", "after", 422, "invalid"},
		{feedPath + "?limit=0", "limit", 422, "invalid"},
		{feedPath + "?limit=1001", "limit", 422, "invalid"},
		{feedPath + "?wait=56", "wait", 422, "invalid"},
		{feedPath + "?wait=-1", "wait", 422, "invalid"},
		{feedPath + "?since=1", "since", 422, "invalid"},
		{"/v1/venues/nowhere/events", "", 404, "not_found"},
		{"/v1/venues/nowhere/events?wait=1", "", 404, "not_found"},
	} {
		var fields []string
		if test.field != "" {
			fields = []string{test.field}
		}
		s.do(t, "GET", test.target, "", admin()).want(t, test.status, test.code, fields...)
	}
	stream := header("Accept", "text/event-stream")
	s.do(t, "GET", "/v1/venues/nowhere/events", "", admin(), stream).want(t, 404, "not_found")
	s.do(t, "GET", feedPath, "", admin(), stream, header("Last-Event-ID", "x")).want(t, 422, "invalid", "Last-Event-ID")
}

// A call that waits is answered by the booking that it waited for.
func TestEventsWait(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	begin := s.events(t, "")
	done := make(chan *answer)
	go func() { done <- s.do(t, "GET", feedPath+"?wait=50&after="+begin.Cursor, "", admin()) }()
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	a := <-done
	expectTypes(t, decode[httpapi.Events](t, a.want(t, 200, "")), "vacancy.booking.confirmed.v1", "vacancy.availability.changed.v1")
	s.feed.Close() // the server stops
	last := decode[httpapi.Events](t, a).Cursor
	expectTypes(t, s.events(t, "?wait=50&after="+last))
}

// eventReader reads server-sent events.
type eventReader struct {
	tb testing.TB
	*bufio.Scanner
}

type serverSentEvent struct{ id, event, data string }

func (r eventReader) next() (e serverSentEvent, ok bool) {
	r.tb.Helper()
	for r.Scan() {
		name, value, _ := strings.Cut(r.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data = value
		case "":
			if e.event != "" {
				return e, true
			}
			e = serverSentEvent{}
		}
	}
	return e, false
}

// openEvents opens a stream of events, with a Last-Event-ID if there is one.
func openEvents(t *testing.T, web *httptest.Server, query, key string, lastID ...string) eventReader {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+feedPath+query, nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Accept", "text/html;q=0.5, text/event-stream")
	if len(lastID) > 0 {
		r.Header.Set("Last-Event-ID", lastID[0])
	}
	res, err := web.Client().Do(r)
	must(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	media, caching := res.Header.Get("Content-Type"), res.Header.Get("Cache-Control")
	if res.StatusCode != http.StatusOK || media != "text/event-stream" || caching != "no-store" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return eventReader{t, lines}
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	web := httptest.NewServer(s)
	defer web.Close()
	open := func(query string, headers ...string) eventReader {
		t.Helper()
		return openEvents(t, web, query, adminKey, headers...)
	}
	stream := open("")
	begin, ok := stream.next()
	if !ok || begin.event != "cursor" || begin.id == "" || !strings.Contains(begin.data, begin.id) {
		t.Fatalf("it begins with %+v", begin)
	}
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	var got []string
	var last string
	for last == "" {
		e, ok := stream.next()
		if !ok {
			t.Fatal("the stream has ended")
		}
		got, last = append(got, e.event), e.id
	}
	want := []string{"vacancy.booking.confirmed.v1", "vacancy.availability.changed.v1", "cursor"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// Whoever comes back gets what it lacks, wherever its address began.
	for query, id := range map[string]string{"": begin.id, "?after=" + last: begin.id, "?after=" + begin.id: ""} {
		var ids []string
		if id != "" {
			ids = []string{id}
		}
		if e, ok := open(query, ids...).next(); !ok || e.event != want[0] {
			t.Errorf("after %q and %q came %+v", query, id, e)
		}
	}
	s.feed.Close()
	if e, ok := stream.next(); ok {
		t.Errorf("after the end came %+v", e)
	}
}

// A key that is replaced ends its stream before the next event. One that stays goes on.
func TestEventStreamEndsWithItsKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	web := httptest.NewServer(s)
	defer web.Close()
	defer s.feed.Close() // which ends the streams
	key, err := s.keys.Issue(t.Context(), "till")
	must(t, err)
	replaced, stays := openEvents(t, web, "", key), openEvents(t, web, "", adminKey)
	for _, stream := range []eventReader{replaced, stays} {
		if e, ok := stream.next(); !ok || e.event != "cursor" {
			t.Fatalf("it begins with %+v", e)
		}
	}
	_, err = s.keys.Issue(t.Context(), "till")
	must(t, err)
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	if e, ok := replaced.next(); ok {
		t.Errorf("a key that was replaced got %+v", e)
	}
	if e, ok := stays.next(); !ok || e.event != "vacancy.booking.confirmed.v1" {
		t.Errorf("the other key got %+v", e)
	}
}

// replacing is a key that is replaced as soon as it was let in.
type replacing struct {
	httpapi.Callers
	replace func()
}

func (c replacing) Actor(ctx context.Context, r *http.Request) (booking.Actor, error) {
	actor, err := c.Callers.Actor(ctx, r)
	if actor.Key == "till" {
		c.replace()
	}
	return actor, err
}

// A key that is replaced while its call waits gets no events for it.
func TestEventsWaitEndsWithItsKey(t *testing.T) {
	t.Parallel()
	var s *server
	s = newServer(t, func(config *httpapi.Config) {
		config.Callers = replacing{config.Callers, func() {
			_, err := s.keys.Issue(t.Context(), "till")
			must(t, err)
		}}
	})
	begin := s.events(t, "")
	s.book(t, bookingAt("09:00", `,"resource":"mia",`+ada))
	key, err := s.keys.Issue(t.Context(), "till")
	must(t, err)
	s.do(t, "GET", feedPath+"?wait=50&after="+begin.Cursor, "", bearer(key)).want(t, http.StatusForbidden, "forbidden")
	s.do(t, "GET", feedPath+"?wait=50&after="+begin.Cursor, "", admin()).want(t, http.StatusOK, "")
}
