package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"vacancy/client"
)

// fake is a small server that keeps its promises, unless a fault is set: the loads must notice each of them.
type fake struct {
	faults

	mu       sync.Mutex
	capacity map[string]int           // by venue
	bookings map[string][]fakeBooking // by venue
	changed  chan struct{}            // closed at the next change
	requests int

	key    string // for management
	second string // the second node's host
}

type fakeBooking struct {
	client.Booking
	revision int
}

// faults are promises to break.
type faults struct {
	oversell  bool // one place more than there is
	lose      bool // one acknowledged booking of ten is not kept
	lie       bool // availability shows a place more than there is
	skipDelta bool // one live frame of three is not sent
	cutLive   bool // live connections end after the snapshot
	busyEvery int  // answer 503 to every n-th booking
	cutEvery  int  // break the connection at every n-th booking
	chunked   bool // send answers in chunks
	deaf      bool // the second node never hears of bookings
	late      bool // the second node hears of bookings when it is asked to wait for them; no fault
	nodes     int  // no fault: how many nodes there are; 0 is one
}

func newFake(t *testing.T, broken faults) Target {
	t.Helper()
	f := makeFake(broken, "key")
	mux := http.NewServeMux()
	f.routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	// The second node is another address of the same server: it knows it by the host.
	second := httptest.NewServer(mux)
	t.Cleanup(second.Close)
	f.second = strings.TrimPrefix(second.URL, "http://")
	return Target{Nodes: []Node{{URL: server.URL}, {URL: second.URL}}[:max(1, broken.nodes)], Key: "key"}
}

func makeFake(broken faults, key string) *fake {
	return &fake{
		faults: broken, key: key, capacity: make(map[string]int), bookings: make(map[string][]fakeBooking), changed: make(chan struct{}),
	}
}

func (f *fake) routes(mux *http.ServeMux) {
	const venue = "/v1/venues/{venue}"
	empty := func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, struct{}{}) }
	mux.HandleFunc("GET /readyz", empty)
	mux.HandleFunc("GET /v1/venues", empty)
	mux.HandleFunc("PUT "+venue, empty)
	mux.HandleFunc("PUT "+venue+"/services/bench", empty)
	mux.HandleFunc("PUT "+venue+"/resources/bench", f.putResource)
	mux.HandleFunc("POST "+venue+"/bookings", f.book)
	mux.HandleFunc("POST "+venue+"/bookings/{id}/cancel", f.cancel)
	mux.HandleFunc("GET "+venue+"/bookings", f.list)
	mux.HandleFunc("GET "+venue+"/bookings/{id}", f.get)
	mux.HandleFunc("GET "+venue+"/services/bench/availability", f.availability)
	mux.HandleFunc("GET /v1/live", f.live)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "# HELP process_cpu_seconds_total x\nprocess_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 2e+07\n")
	})
}

func say(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func (f *fake) putResource(w http.ResponseWriter, r *http.Request) {
	var resource client.Resource
	if err := json.NewDecoder(r.Body).Decode(&resource); err != nil || r.Header.Get("Authorization") != "Bearer "+f.key {
		say(w, http.StatusBadRequest, map[string]string{"code": "malformed"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.capacity[r.PathValue("venue")] = resource.Capacity
	say(w, http.StatusOK, struct{}{})
}

func (f *fake) book(w http.ResponseWriter, r *http.Request) {
	var wish client.NewBooking
	if err := json.NewDecoder(r.Body).Decode(&wish); err != nil {
		say(w, http.StatusBadRequest, map[string]string{"code": "malformed"})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	venue := r.PathValue("venue")
	f.requests++
	switch room := f.capacity[venue]; {
	case f.cutEvery > 0 && f.requests%f.cutEvery == 0:
		panic(http.ErrAbortHandler)
	case f.busyEvery > 0 && f.requests%f.busyEvery == 0:
		say(w, http.StatusServiceUnavailable, map[string]string{"code": "busy"})
	case f.taken(venue, wish.Start) >= room && (!f.oversell || f.taken(venue, wish.Start) > room):
		say(w, http.StatusConflict, map[string]any{"code": "slot_unavailable", "alternatives": []client.Slot{{}}})
	default:
		b := client.Booking{
			ID: fmt.Sprintf("bk_%d", f.requests), Status: client.Confirmed, Start: wish.Start, ManageToken: "t", Position: "p",
			Claims: []client.Claim{{Resource: "bench", Units: 1}},
		}
		if !f.lose || f.requests%10 != 0 {
			f.bookings[venue] = append(f.bookings[venue], fakeBooking{b, f.requests})
			f.notify()
		}
		say(w, http.StatusCreated, b)
		if f.chunked { // before the handler returns, while the server does not know the length
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// notify wakes whoever waits for a change. The lock is held.
func (f *fake) notify() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fake) taken(venue string, start time.Time) int {
	n := 0
	for _, b := range f.bookings[venue] {
		if b.Start.Equal(start) && b.Status == client.Confirmed {
			n++
		}
	}
	return n
}

func (f *fake) cancel(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	all := f.bookings[r.PathValue("venue")]
	for i, b := range all {
		if b.ID == r.PathValue("id") && r.Header.Get("Authorization") == "Bearer t" {
			all[i].Status, all[i].revision = client.Cancelled, f.requests
			f.notify()
			say(w, http.StatusOK, all[i].Booking)
			return
		}
	}
	say(w, http.StatusNotFound, map[string]string{"code": "not_found"})
}

func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []client.Booking{}
	q := r.URL.Query()
	for _, b := range f.bookings[r.PathValue("venue")] {
		late := q.Get("to") != "" && b.Start.Format(time.DateOnly) > q.Get("to")
		if strings.Contains(q.Get("status"), string(b.Status)) && !late {
			list = append(list, b.Booking)
		}
	}
	say(w, http.StatusOK, map[string]any{"bookings": list})
}

func (f *fake) get(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.bookings[r.PathValue("venue")] {
		if b.ID == r.PathValue("id") && r.Header.Get("Authorization") == "Bearer "+f.key {
			say(w, http.StatusOK, b.Booking)
			return
		}
	}
	say(w, http.StatusNotFound, map[string]string{"code": "not_found"})
}

func (f *fake) availability(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	a := f.picture(r.PathValue("venue"), q.Get("from"), q.Get("to"))
	if r.Host == f.second && (f.deaf || f.late && q.Get("at_least") != "p") {
		for i := range a.Days {
			for j := range a.Days[i].Slots {
				a.Days[i].Slots[j].Remaining = a.Days[i].Slots[j].Capacity
			}
		}
	}
	if f.lie {
		a.Days[0].Slots[0].Remaining++
	}
	say(w, http.StatusOK, a)
}

// picture is the availability of whole days. The lock is held.
func (f *fake) picture(venue, from, to string) client.Availability {
	a := client.Availability{Position: fmt.Sprint(f.requests)}
	first, err1 := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		panic("not a date")
	}
	for date := first; !date.After(last); date = date.AddDate(0, 0, 1) {
		day := client.Day{Date: date.Format(time.DateOnly), Status: client.Available}
		for i := range slotsADay {
			day.Slots = append(day.Slots, f.slot(venue, date.Add(time.Duration(i)*slotLength)))
		}
		a.Days = append(a.Days, day)
	}
	return a
}

func (f *fake) slot(venue string, start time.Time) client.Slot {
	return client.Slot{
		Start: start, End: start.Add(slotLength), Capacity: f.capacity[venue], Remaining: f.capacity[venue] - f.taken(venue, start),
		Status: client.Available,
	}
}

// hangUp tells when the other side is gone.
type hangUp struct {
	gws.BuiltinEventHandler
	cancel func()
}

func (h hangUp) OnClose(*gws.Conn, error) { h.cancel() }

// live serves both transports; send writes a frame.
func (f *fake) live(w http.ResponseWriter, r *http.Request) {
	send := func(kind string, body any) error {
		data, err := json.Marshal(body)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, data)
		}
		if err == nil {
			err = http.NewResponseController(w).Flush()
		}
		return err
	}
	if r.Header.Get("Upgrade") != "" {
		ctx, cancel := context.WithCancel(r.Context())
		conn, err := gws.NewUpgrader(hangUp{cancel: cancel}, nil).Upgrade(w, r)
		if err != nil {
			return
		}
		defer func() { _ = conn.NetConn().Close() }()
		go conn.ReadLoop()
		r = r.WithContext(ctx)
		_ = conn.WritePing(nil)
		send = func(kind string, body any) error {
			data, err := json.Marshal(body)
			if err != nil {
				return err
			}
			return conn.WriteString(`{"type":"` + kind + `","id":"0",` + string(data[1:]))
		}
	} else {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	f.follow(r, send)
}

func (f *fake) follow(r *http.Request, send func(kind string, body any) error) {
	q := r.URL.Query()
	f.mu.Lock()
	seen, changed, picture := f.requests, f.changed, f.picture(q.Get("venue"), q.Get("from"), q.Get("to"))
	f.mu.Unlock()
	if send("snapshot", picture) != nil || f.cutLive {
		return
	}
	for turn := 1; ; turn++ {
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		f.mu.Lock()
		d := client.Delta{Position: fmt.Sprint(f.requests), CommittedAt: time.Now()}
		for _, b := range f.bookings[q.Get("venue")] {
			if b.revision > seen {
				d.Slots = append(d.Slots, f.slot(q.Get("venue"), b.Start))
			}
		}
		seen, changed = f.requests, f.changed
		f.mu.Unlock()
		if f.skipDelta && turn%3 == 0 {
			continue
		}
		if send("delta", d) != nil {
			return
		}
	}
}
