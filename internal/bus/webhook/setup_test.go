package webhook_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is what an operator allows who has a receiver on this machine.
var loopback = netip.MustParsePrefix("127.0.0.0/8")

const (
	barber = booking.VenueID("barber")
	door   = store.WebhookID("door")
)

// node is a bus on a store, with what it tells.
type node struct {
	*webhook.Bus
	store  *memory.Store
	clock  *storetest.Clock
	log    *lockedBuffer
	meter  *meter
	alerts *alerts
}

// newNode is a node on a database of its own, with a venue.
func newNode(t *testing.T, change ...func(*webhook.Config)) *node {
	t.Helper()
	data, clock := memory.NewData(), storetest.NewClock()
	n := nodeOn(t, data, clock, change...)
	n.addVenue(t, barber)
	return n
}

// nodeOn is a node on a database that others may be on.
func nodeOn(t *testing.T, data *memory.Data, clock *storetest.Clock, change ...func(*webhook.Config)) *node {
	t.Helper()
	n := &node{
		store: memory.Open(memory.Config{Data: data, Now: clock.Now}), clock: clock, log: new(lockedBuffer),
		meter: new(meter), alerts: new(alerts),
	}
	config := webhook.Config{
		Store: n.store, AllowedNetworks: []netip.Prefix{loopback}, Meter: n.meter, Alerts: n.alerts, Now: clock.Now,
		Log: slog.New(slog.NewTextHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&config)
	}
	n.Bus = webhook.New(config)
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the log:\n%.4000s", n.log)
		}
	})
	return n
}

func (n *node) addVenue(t *testing.T, venue booking.VenueID) {
	t.Helper()
	must(t, storetest.TryChange(t.Context(), n.store, store.Need{Venue: venue}, func(d *storetest.Draft) error {
		d.PutCatalogue()
		return nil
	}))
}

// put creates an enabled endpoint, and returns its secret.
func (n *node) putEndpoint(t *testing.T, url string, names ...bus.Name) string {
	t.Helper()
	_, secret, _, err := n.PutEndpoint(t.Context(), barber, door, webhook.Settings{URL: url, Events: names, Enabled: true})
	must(t, err)
	return secret
}

func (n *node) publish(t *testing.T, events ...bus.Event) {
	t.Helper()
	_, err := n.Publish(t.Context(), barber, events)
	must(t, err)
}

// later moves the clock and makes the attempts that are due then.
func (n *node) later(t *testing.T, d time.Duration) {
	t.Helper()
	n.clock.Advance(d)
	must(t, n.RetryDue(t.Context()))
}

// stopAfterThree has the node stop once the attempts that were made, and three more, are over.
func (n *node) stopAfterThree(stop func(), really bool) {
	n.meter.mu.Lock()
	defer n.meter.mu.Unlock()
	if really {
		n.meter.stop, n.meter.stopAfter = stop, n.meter.attempts+3
	}
}

func (n *node) endpoint(t *testing.T) webhook.Endpoint {
	t.Helper()
	e, err := n.Endpoint(t.Context(), barber, door)
	must(t, err)
	return e
}

func (n *node) deliveries(t *testing.T) []webhook.Delivery {
	t.Helper()
	list, err := n.Deliveries(t.Context(), barber, door)
	must(t, err)
	return list
}

// event is the i-th event of the venue.
func event(i int) bus.Event {
	e := bus.Event{
		Venue: barber, Name: bus.BookingConfirmed, Subject: fmt.Sprintf("bk_%d", i), Time: storetest.Morning, Epoch: "3-k2",
		Revision: booking.Revision(i + 1), Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)),
	}
	e.ID = fmt.Sprintf("%s/%s/%d/0", barber, e.Epoch, e.Revision)
	return e
}

func events(from, to int) (list []bus.Event) {
	for i := from; i < to; i++ {
		list = append(list, event(i))
	}
	return list
}

// request is one that a receiver got.
type request struct {
	header http.Header
	body   []byte
	n      int // of the event
}

// receiver takes events, or not.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
	answer   func(w http.ResponseWriter, r *http.Request, n int)
}

// newReceiver starts a receiver that takes everything.
func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.handle))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(r.Close)
	return r
}

// answers has the receiver answer so from now on; nil: 200.
func (r *receiver) answers(f func(w http.ResponseWriter, r *http.Request, n int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func status(code int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
}

func (r *receiver) handle(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var e struct {
		Data struct {
			N int `json:"n"`
		} `json:"data"`
	}
	_ = json.Unmarshal(body, &e)
	r.mu.Lock()
	r.requests = append(r.requests, request{header: req.Header, body: body, n: e.Data.N})
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req, e.Data.N)
	}
}

// got are the requests since the last call.
func (r *receiver) got() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.requests
	r.requests = nil
	return all
}

// numbers are the events of the requests since the last call, with an exclamation mark behind those that were marked late.
func (r *receiver) numbers() string {
	var b bytes.Buffer
	for _, req := range r.got() {
		b.WriteString(" " + strconv.Itoa(req.n))
		if req.header.Get("Vacancy-Late") == "true" {
			b.WriteString("!")
		}
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

func wantNumbers(t *testing.T, r *receiver, what, want string) {
	t.Helper()
	if got := r.numbers(); got != want {
		t.Errorf("%s: it got %q, want %q", what, got, want)
	}
}

// meter counts.
type meter struct {
	mu       sync.Mutex
	outcomes map[webhook.Outcome]int
	disabled int
	waiting  int
	dropped  int
	attempts int
	// stop is called after so many attempts.
	stop      func()
	stopAfter int
}

func (m *meter) Attempt(o webhook.Outcome, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.attempts++; m.stop != nil && m.attempts == m.stopAfter {
		m.stop()
	}
	if m.outcomes == nil {
		m.outcomes = make(map[webhook.Outcome]int)
	}
	m.outcomes[o]++
}

func (m *meter) Backlog(waiting int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = waiting
}

func (m *meter) Disabled() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disabled++
}

func (m *meter) LogDropped(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropped += n
}

func (m *meter) count(o webhook.Outcome) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outcomes[o]
}

// alerts are what people were told.
type alerts struct {
	mu  sync.Mutex
	all []string
}

func (a *alerts) WebhookDisabled(venue booking.VenueID, id store.WebhookID, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, string(venue)+"/"+string(id)+": "+reason)
}

func (a *alerts) told() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// within ends the test if f takes too long.
func within(t *testing.T, bound time.Duration, what string, f func()) {
	t.Helper()
	began := time.Now()
	f()
	if took := time.Since(began); took > cmp.Or(bound, time.Second) {
		t.Errorf("%s took %s", what, took)
	}
}
