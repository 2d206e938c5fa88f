package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/desk"
	"vacancy/internal/feed"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const adminKey = "correct-horse-battery-staple"

var discard = slog.New(slog.DiscardHandler)

// monday is a Monday morning in Berlin, before the shop opens.
var monday = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// clock is a clock that stands until it is moved.
type clock struct{ unix atomic.Int64 }

func (c *clock) Now() time.Time { return time.Unix(0, c.unix.Load()) }

func (c *clock) Advance(d time.Duration) { c.unix.Add(int64(d)) }

// server is the API on a real desk, view, hub and database.
type server struct {
	http.Handler
	clock    *clock
	store    *sqlite.Store
	desk     *desk.Desk
	keys     *auth.Auth
	feed     *feed.Feed
	webhooks *webhook.Bus
	log      *lockedBuffer
	meter    *meter
	ready    atomic.Bool
	contract *contract
}

// newServer opens a server with a barber (two chairs) and a class of four in Berlin.
func newServer(t *testing.T, change ...func(*httpapi.Config)) *server {
	t.Helper()
	s := &server{clock: new(clock), log: new(lockedBuffer), meter: new(meter), contract: document()}
	s.clock.Advance(time.Duration(monday.UnixNano()))
	s.ready.Store(true)
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	s.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "v.db"), Now: s.clock.Now})
	must(t, err)
	v := view.New(view.Config{Store: s.store, Now: s.clock.Now, Log: log, MaxVenues: 100})
	hub := live.New(live.Config{View: v, Documents: noDocuments{}, Log: log})
	v.Listen(hub)
	d := desk.New(desk.Config{
		Store: s.store, View: v, Log: log, Meter: noMeter{}, Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
	})
	s.desk = d
	d.Start()
	t.Cleanup(func() {
		d.Close()
		hub.Close()
		must(t, s.store.Close())
	})
	keys := auth.New(s.store)
	s.keys = keys
	_, err = keys.EnsureAdmin(t.Context(), adminKey)
	must(t, err)
	events := feed.New(feed.Config{Store: s.store, Pictures: v, Hub: hub})
	s.feed = events
	s.webhooks = webhook.New(webhook.Config{
		Store: s.store, AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Log: log, Now: s.clock.Now,
	})
	t.Cleanup(func() { must(t, s.webhooks.Close()) })
	config := httpapi.Config{
		Desk: d, Catalogue: v, Hub: hub, Events: events, Webhooks: s.webhooks, Callers: keys, State: s, Meter: s.meter, Limits: limit.None(),
		Live: says("live", "text/event-stream"), Metrics: says("metrics", "text/plain"), Docs: says("docs", "text/html"),
		Pages: says("page", "text/html"), Log: log,
	}
	for _, f := range change {
		f(&config)
	}
	s.Handler = httpapi.New(config)
	s.furnish(t)
	return s
}

func (s *server) Ready() bool { return s.ready.Load() }

func (s *server) Writable() bool { return true }

const (
	venueBody = `{"name":"Barber","time_zone":"Europe/Berlin","contact":{"email":"hi@barber.example","phone":"+49 30 5550"},` +
		`"allowed_origins":["https://shop.example"]}`
	week      = `"hours":{"mon":["09:00-12:00","13:00-17:00"],"tue":["09:00-17:00"]}`
	chairBody = `{"name":"Chair","capacity":1,` + week + `}`
	hallBody  = `{"name":"Hall","capacity":4,` + week + `}`
	cutBody   = `{"name":"Haircut","duration_minutes":30,"min_notice_minutes":60,"horizon_days":30,"requires":[{"any_of":["mia","jonas"]}]}`
	yogaBody  = `{"name":"Yoga","duration_minutes":60,"party_size":{"min":1,"max":3},"requires":[{"resource":"hall","per_person":true}]}`
)

func (s *server) furnish(t *testing.T) {
	t.Helper()
	for _, put := range [][2]string{
		{"/v1/venues/barber", venueBody},
		{"/v1/venues/barber/resources/mia", chairBody},
		{"/v1/venues/barber/resources/jonas", chairBody},
		{"/v1/venues/barber/resources/hall", hallBody},
		{"/v1/venues/barber/services/cut", cutBody},
		{"/v1/venues/barber/services/yoga", yogaBody},
	} {
		s.do(t, "PUT", put[0], put[1], admin()).want(t, http.StatusCreated, "")
	}
}

// answer is what the server answered.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	problem httpapi.Problem
	// fault says that the handler was made to fail; closed, that the server closed the connection behind the answer.
	fault, closed bool
}

// option changes a request.
type option func(*http.Request)

func header(name, value string) option { return func(r *http.Request) { r.Header.Set(name, value) } }

func admin() option { return bearer(adminKey) }

func bearer(token string) option { return header("Authorization", "Bearer "+token) }

// afterwards is for requests of a test's cleanup, by when the test's own context has ended.
func afterwards(r *http.Request) { *r = *r.WithContext(context.WithoutCancel(r.Context())) }

// do makes a request and holds the answer against the API's document.
func (s *server) do(t *testing.T, method, target, body string, options ...option) *answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(r)
	}
	probe := r.Clone(r.Context())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := &answer{status: w.Code, header: w.Header(), body: w.Body.Bytes(), fault: r.Context().Value(faultKey{}) != nil}
	s.contract.check(t, probe, a)
	return a
}

// want checks the status and, if it is a problem, the code and the fields that it names.
func (a *answer) want(t *testing.T, status int, code string, fields ...string) *answer {
	t.Helper()
	if a.status != status || a.problem.Code != code {
		t.Fatalf("got %d %s; want %d %s\n%s", a.status, a.problem.Code, status, code, a.body)
	}
	named := make([]string, len(a.problem.Errors))
	for i, e := range a.problem.Errors {
		named[i] = e.Field
		if e.Message == "" {
			t.Errorf("nothing is said about %s", e.Field)
		}
	}
	if !slices.Equal(named, fields) {
		t.Fatalf("the fields named are %q; want %q\n%s", named, fields, a.body)
	}
	return a
}

func decode[T any](t *testing.T, a *answer) (v T) {
	t.Helper()
	must(t, json.Unmarshal(a.body, &v))
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The parts around the API, as the app has them.

type noDocuments struct{}

func (noDocuments) Booking(context.Context, booking.VenueID, booking.BookingID, string) ([]byte, error) {
	return nil, booking.ErrNotFound
}

type noMeter struct{}

func (noMeter) Batch(int, int, time.Duration) {}

// says answers with a word.
func says(word, media string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		_, _ = io.WriteString(w, word)
	})
}

// meter keeps the last request that it was told of.
type meter struct {
	mu       sync.Mutex
	route    string
	status   int
	problems []string
}

func (*meter) Expect(string) {}

func (m *meter) Problem(code string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems = append(m.problems, code)
}

func (m *meter) Request(route string, status int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.route, m.status = route, status
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
