package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/live"
	"vacancy/internal/store"
)

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for given, kept := range map[string]bool{
		"abc-123_X.9": true, strings.Repeat("a", 64): true, "": false, strings.Repeat("a", 65): false, "a b": false, "a\"b": false, "ä": false,
	} {
		a := s.do(t, "GET", "/v1/nothing", "", header("X-Request-Id", given)).want(t, 404, "not_found")
		if id := a.header.Get("X-Request-Id"); (id == given) != kept || id == "" || a.problem.RequestID != id {
			t.Errorf("the id %q becomes %q, in the problem %q", given, id, a.problem.RequestID)
		}
	}
	if !strings.Contains(s.log.String(), "request_id=abc-123_X.9") {
		t.Error("the log does not know the request's id")
	}
}

func TestLogHasRoutesAndNoSecrets(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	who := `,"customer":{"name":"Ada Lovelace","email":"ada@example.com","note":"allergic"}`
	b := s.book(t, bookingAt("09:00", who), header("Idempotency-Key", "a-secret-idempotency-key"))
	s.do(t, "GET", bookings+"/"+string(b.ID), "", bearer(b.Token))
	s.do(t, "GET", bookings+"/"+string(b.ID), "", bearer("a-wrong-token"))
	s.do(t, "POST", bookings, `{"customer":{"name":"Ada Lovelace"}}`)
	log := s.log.String()
	for _, secret := range []string{
		b.Token, adminKey, "a-wrong-token", "a-secret-idempotency-key", "Ada", "ada@example.com", "allergic", string(b.ID),
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, line := range []string{
		`method=PUT route="PUT /v1/venues/{venue}/services/{service}" status=201 duration_ms=`,
		`method=GET route="GET /v1/venues/{venue}/bookings/{booking}" status=403 duration_ms=`,
	} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %q", line)
		}
	}
	if strings.Contains(log, "level=INFO") || !strings.Contains(log, "level=DEBUG msg=request ") {
		t.Error("a log of level info is not quiet, or one of level debug is")
	}
	if s.meter.route != "POST /v1/venues/{venue}/bookings" || s.meter.status != 422 {
		t.Errorf("the meter was told %q, %d", s.meter.route, s.meter.status)
	}
	if !slices.Equal(s.meter.problems, []string{"forbidden", "invalid"}) {
		t.Errorf("the meter was told of the problems %q", s.meter.problems)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{venues, free, "/v1/nothing", "/barber", "/docs", "/metrics", "/openapi.yaml"} {
		h := s.do(t, "GET", path, "").header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		if strings.HasPrefix(path, "/v1/venues") && h.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" {
			t.Errorf("%s: Content-Security-Policy %q", path, h.Get("Content-Security-Policy"))
		}
	}
}

func TestWhatElseIsServed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for path, want := range map[string]string{
		"/": "page", "/barber": "page", "/barber/bookings/bk_1": "page", "/assets/x.js": "page", "/docs": "docs",
		"/v1/live": "live", "/healthz": `{"status":"ok"}`, "/readyz": `{"writes":true}`,
	} {
		if a := s.do(t, "GET", path, "").want(t, 200, ""); string(a.body) != want {
			t.Errorf("%s answers %q; want %q", path, a.body, want)
		}
	}
	spec, err := httpapi.Spec()
	must(t, err)
	if a := s.do(t, "GET", "/openapi.yaml", ""); !bytes.Equal(a.body, spec) || a.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("the document is served as %s, %d bytes", a.header.Get("Content-Type"), len(a.body))
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.ready.Store(false)
	a := s.do(t, "GET", "/readyz", "").want(t, 503, "unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	s.do(t, "GET", "/healthz", "").want(t, 200, "")
}

// fails is the desk and the hub, but for requests that are made to fail.
type fails struct {
	httpapi.Desk
	httpapi.Hub
}

type faultKey struct{}

// failing makes a request end in an error, or in a panic with anything else.
func failing(fault any) option {
	return func(r *http.Request) { *r = *r.WithContext(context.WithValue(r.Context(), faultKey{}, fault)) }
}

func fault(ctx context.Context) error {
	switch f := ctx.Value(faultKey{}).(type) {
	case nil:
		return nil
	case error:
		return f
	default:
		panic(f)
	}
}

func (f fails) Book(ctx context.Context, a booking.Actor, r desk.BookRequest) (desk.Outcome, error) {
	if err := fault(ctx); err != nil {
		return desk.Outcome{}, err
	}
	return f.Desk.Book(ctx, a, r)
}

func (f fails) Snapshot(ctx context.Context, q live.Query, atLeast booking.Position) (*live.Frame, error) {
	if err := fault(ctx); err != nil {
		return nil, err
	}
	return f.Hub.Snapshot(ctx, q, atLeast)
}

func canFail(c *httpapi.Config) {
	f := fails{c.Desk, c.Hub}
	c.Desk, c.Hub = f, f
}

func TestErrorsByMeaning(t *testing.T) {
	t.Parallel()
	s := newServer(t, canFail)
	for _, test := range []struct {
		err    error
		status int
		code   string
		retry  string
	}{
		{booking.ErrBusy, 503, "busy", "1"},
		{live.ErrFull, 503, "busy", "1"},
		{fmt.Errorf("%w: I/O error 1", booking.ErrUnavailable), 503, "unavailable", "2"},
		{fmt.Errorf("I/O error 2: %w", context.DeadlineExceeded), 503, "unavailable", "2"},
		{context.Canceled, 503, "unavailable", "2"},
		{fmt.Errorf("I/O error 3: %w", booking.ErrNotFound), 404, "not_found", ""},
		{errors.New("I/O error 4"), 500, "internal", ""},
	} {
		for _, a := range []*answer{
			s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), failing(test.err)),
			s.do(t, "GET", free, "", failing(test.err)),
		} {
			a.want(t, test.status, test.code)
			if a.header.Get("Retry-After") != test.retry {
				t.Errorf("%v: Retry-After is %q; want %q", test.err, a.header.Get("Retry-After"), test.retry)
			}
			if strings.Contains(string(a.body), "I/O") {
				t.Errorf("the caller is told what only the log should have: %s", a.body)
			}
		}
	}
	// The second outage is within a second of the first, and so is not worth a line of its own.
	for text, logged := range map[string]bool{"I/O error 1": true, "I/O error 3": false, "I/O error 4": true} {
		if strings.Contains(s.log.String(), text) != logged {
			t.Errorf("the log has %s: %v", text, !logged)
		}
	}
}

// Every request that writes to a venue of a later version is refused, for as long as this one runs: the operator reads of it, with the
// venue, and once. An outage beside it has a line of its own.
func TestVenueThatNeedsANewerVersionIsLogged(t *testing.T) {
	t.Parallel()
	s := newServer(t, canFail)
	s.do(t, "GET", free, "", failing(fmt.Errorf("%w: out of order", booking.ErrUnavailable))).want(t, 503, "unavailable")
	for range 20 {
		s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada),
			failing(fmt.Errorf("%w: venue barber needs level 9", booking.ErrNeedsNewer))).want(t, 503, "needs_newer")
	}
	for _, text := range []string{"venue barber needs level 9", "out of order"} {
		lines := 0
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, text) {
				lines++
				if !strings.Contains(line, "level=WARN") {
					t.Errorf("it is no warning: %s", line)
				}
			}
		}
		if lines != 1 {
			t.Errorf("the log tells of %q %d times; want once", text, lines)
		}
	}
}

func TestPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	s := newServer(t, canFail)
	a := s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), failing("a secret of the code"), header("X-Request-Id", "panicking"))
	a.want(t, 500, "internal")
	if strings.Contains(string(a.body), "secret") {
		t.Errorf("the caller is told %s", a.body)
	}
	for _, want := range []string{"a secret of the code", "panicking", "server_test.go", "level=INFO msg=request ", "status=500"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

// An answer that has begun cannot become a problem. The connection is cut, so that nobody takes half of it for the whole.
func TestPanicInTheMiddleOfAnAnswerCutsTheConnection(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]any{"a panic": "boom", "an abort": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(c *httpapi.Config) {
				c.Pages = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, "half of")
					_ = http.NewResponseController(w).Flush()
					panic(fault)
				})
			})
			srv := serve(t, s)
			res, err := srv.Client().Get(srv.URL + "/barber")
			must(t, err)
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err == nil {
				t.Errorf("the reader takes %q for all of it", body)
			}
			if logged := strings.Contains(s.log.String(), "boom"); logged != (fault == "boom") {
				t.Errorf("logged: %v", logged)
			}
		})
	}
}

// Live connections take over the connection, or flush as they go; neither may be lost on the way through the API.
func TestLiveConnectionsGetThrough(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *httpapi.Config) {
		c.Live = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") == "" {
				flusher, ok := w.(http.Flusher)
				if !ok {
					panic("no flusher")
				}
				flusher.Flush()
				return
			}
			hijacker, ok := w.(http.Hijacker)
			if !ok {
				panic("no hijacker")
			}
			conn, rw, err := hijacker.Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\nhello")
			_ = rw.Flush()
		})
	})
	ended := make(chan struct{}, 2) // the log is written behind the answer
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		ended <- struct{}{}
	}))
	defer srv.Close()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /v1/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	must(t, err)
	if got, err := io.ReadAll(bufio.NewReader(conn)); err != nil || !strings.HasSuffix(string(got), "hello") {
		t.Errorf("got %q, %v", got, err)
	}
	res, err := srv.Client().Get(srv.URL + "/v1/live")
	must(t, err)
	must(t, res.Body.Close())
	<-ended
	<-ended
	for _, want := range []string{"status=101", "status=200"} {
		if !strings.Contains(s.log.String(), `route="GET /v1/live" `+want) {
			t.Errorf("the log lacks %s of /v1/live:\n%s", want, s.log.String())
		}
	}
}

// What lost the outcome of a write may be an error with a meaning of its own: that nothing was done. It must not be told.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	s := newServer(t, canFail)
	for _, cause := range []error{context.DeadlineExceeded, booking.ErrUnavailable, errors.New("I/O error")} {
		a := s.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), failing(fmt.Errorf("%w: %w", booking.ErrOutcomeUnknown, cause)))
		a.want(t, 503, "outcome_unknown")
		if a.header.Get("Retry-After") != "2" || !strings.Contains(a.problem.Detail, "Idempotency-Key") {
			t.Errorf("%v: the caller is not told how to go on: Retry-After %q, %s", cause, a.header.Get("Retry-After"), a.body)
		}
	}
}

// Handlers that are mounted into the API fail as it does.
func TestFailAndExplain(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "r1")
	httpapi.Fail(discard)(w, httptest.NewRequest(http.MethodGet, "/v1/live", nil), booking.NewInvalid("from", "must be a date"))
	a := &answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	for _, breach := range s.contract.problemBreaches(a) {
		t.Error(breach)
	}
	a.want(t, 422, "invalid", "from")
	for err, want := range map[error]string{
		booking.ErrForbidden:                           "forbidden",
		booking.NewInvalid("from", "must be a date"):   "invalid",
		errors.New("disk I/O error"):                   "internal",
		fmt.Errorf("%w: full", booking.ErrUnavailable): "unavailable",
		booking.ErrOutcomeUnknown:                      "outcome_unknown",
	} {
		code, detail := httpapi.Explain(err)
		if code != want || detail == "" || strings.Contains(detail, "disk") {
			t.Errorf("%v is explained as %s: %s", err, code, detail)
		}
	}
}

// With the database gone, what is in memory is still served, and the rest is turned away as what it is.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.book(t, bookingAt("09:00", `,`+ada))
	must(t, s.store.Close())
	for _, path := range []string{venues, venues + "/services", venues + "/resources/mia", free} {
		s.do(t, "GET", path, "").want(t, 200, "")
	}
	s.do(t, "POST", bookings, bookingAt("10:00", `,`+ada)).want(t, 503, "unavailable")
	at := bookings + "/" + string(b.ID)
	s.do(t, "POST", at+"/cancel", "", bearer(b.Token)).want(t, 503, "unavailable")
	s.do(t, "PUT", venues, venueBody, admin()).want(t, 503, "unavailable")
	for _, read := range []string{at, bookings, "/v1/venues"} {
		a := s.do(t, "GET", read, "", admin()).want(t, 503, "unavailable")
		if a.header.Get("Retry-After") == "" {
			t.Errorf("GET %s does not say when to come back", read)
		}
	}
	if !strings.Contains(s.log.String(), "requests are turned away") {
		t.Error("the log does not say why")
	}
}

// down is a store that cannot be reached, and says so in its own words.
type down struct{ desk.Store }

func (down) Venues(context.Context, booking.VenueID, int) ([]booking.Venue, error) {
	return nil, store.ErrUnavailable
}

func (down) Booking(context.Context, booking.VenueID, booking.BookingID) (booking.Booking, error) {
	return booking.Booking{}, store.ErrUnavailable
}

// A store's own error means the same to callers as the domain's.
func TestUnavailableStore(t *testing.T) {
	t.Parallel()
	config := stubConfig()
	config.Desk = desk.New(desk.Config{Store: down{}})
	s := &server{Handler: httpapi.New(config), contract: document()}
	for _, read := range []string{"/v1/venues", bookings + "/bk_1"} {
		a := s.do(t, "GET", read, "", admin()).want(t, 503, "unavailable")
		if a.header.Get("Retry-After") == "" {
			t.Errorf("GET %s does not say when to come back", read)
		}
	}
}

// A body that ends too early, or is cut off in the middle, is the caller's mistake.
func TestCutOffBody(t *testing.T) {
	t.Parallel()
	srv := serve(t, newServer(t))
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST "+bookings+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Content-Length: 100\r\n\r\n{\"service\":")
	must(t, err)
	tcp, _ := conn.(*net.TCPConn)
	must(t, tcp.CloseWrite())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"field":"body"`) {
		t.Errorf("got %d: %s", res.StatusCode, body)
	}
}

// A body that is too large is not read to its end: the connection is closed behind the answer.
func TestLargeBodyClosesTheConnection(t *testing.T) {
	t.Parallel()
	srv := serve(t, newServer(t))
	a := srv.post(t, bookings, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`, func(r *http.Request) { r.ContentLength = -1 })
	if a.status != 413 || a.problem.Code != "too_large" || !a.closed {
		t.Errorf("got %d %s, closed: %v", a.status, a.problem.Code, a.closed)
	}
}
