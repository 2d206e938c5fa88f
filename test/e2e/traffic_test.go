package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// traffic books through a proxy all the time, each booking once: what fails is counted and not repeated. Readers watch meanwhile.
type traffic struct {
	proxy string
	// end has the bookers end, and returns when they have.
	end func()

	acknowledged atomic.Int64
	mu           sync.Mutex
	known        map[string]client.BookingStatus
	// failed are the answers that were none of success, by what they were.
	failed  map[string]int
	readers []*reader
}

// reader is what one open page shows.
type reader struct {
	mu    sync.Mutex
	state *client.State
}

func (r *reader) saw(e client.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.State != nil {
		r.state = e.State.Clone()
	}
}

func (r *reader) shows(a client.Availability) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state != nil && r.state.Matches(a)
}

const (
	trafficBookers = 6
	// trafficPace is how often each of them books: a history that is checked after each step stays short.
	trafficPace    = 20 * time.Millisecond
	trafficReaders = 20 // half of them over WebSockets
)

func startTraffic(t *testing.T, proxy string) *traffic {
	t.Helper()
	watching, stopWatching := context.WithCancel(t.Context())
	booking, stopBooking := context.WithCancel(t.Context())
	var readers, bookers sync.WaitGroup
	w := &traffic{
		proxy: proxy, end: func() { stopBooking(); bookers.Wait() },
		known: make(map[string]client.BookingStatus), failed: make(map[string]int),
	}
	through, err := client.New(proxy)
	must(t, err)
	for i := range trafficReaders {
		r := new(reader)
		w.readers = append(w.readers, r)
		readers.Go(func() {
			if i%2 == 0 {
				watchStream(watching, through, r)
			} else {
				watchSockets(watching, through, r)
			}
		})
	}
	direct := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: trafficBookers}}
	for i := range trafficBookers {
		bookers.Go(func() {
			pace := time.NewTicker(trafficPace)
			defer pace.Stop()
			for n := 0; booking.Err() == nil; n++ {
				<-pace.C
				w.book(direct, fmt.Sprintf("booker-%d-%d", i, n))
			}
		})
	}
	t.Cleanup(func() {
		w.end()
		stopWatching()
		readers.Wait()
		direct.CloseIdleConnections()
	})
	return w
}

func watchStream(ctx context.Context, c *client.Client, r *reader) {
	for e, err := range c.Watch(ctx, query()) {
		if err != nil {
			return
		}
		r.saw(e)
	}
}

// watchSockets comes back as pages do, with the position that it has.
func watchSockets(ctx context.Context, c *client.Client, r *reader) {
	pause := time.NewTicker(100 * time.Millisecond)
	defer pause.Stop()
	for ctx.Err() == nil {
		if socket, err := c.Dial(ctx); err == nil {
			if socket.Subscribe("a", query()) == nil {
				for e, err := range socket.Events(ctx) {
					if err != nil {
						break
					}
					r.saw(e)
				}
			}
			_ = socket.Close()
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

func (w *traffic) book(c *http.Client, key string) {
	body, err := json.Marshal(wish())
	if err != nil {
		w.note("", err.Error())
		return
	}
	r, err := http.NewRequest(http.MethodPost, w.proxy+"/v1/venues/studio/bookings", bytes.NewReader(body))
	if err != nil {
		w.note("", err.Error())
		return
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+proc.AdminKey)
	r.Header.Set("Idempotency-Key", key)
	answer, err := c.Do(r)
	if err != nil {
		w.note("", err.Error())
		return
	}
	defer answer.Body.Close()
	var made struct{ ID, Code string }
	said, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(said, &made)
	}
	switch {
	case err != nil:
		w.note("", fmt.Sprintf("%s: %v: %.100s", answer.Status, err, said))
	case answer.StatusCode != http.StatusCreated:
		w.note("", answer.Status+" "+made.Code)
	default:
		w.note(made.ID, "")
	}
}

func (w *traffic) note(booked, failed string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if failed != "" {
		w.failed[failed]++
		return
	}
	w.acknowledged.Add(1)
	w.known[booked] = client.Confirmed
}

// failures are what has failed so far.
func (w *traffic) failures() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprint(w.failed)
}

// some waits until so many more bookings are acknowledged.
func (w *traffic) some(t *testing.T, n int64) {
	t.Helper()
	least := w.acknowledged.Load() + n
	eventually(t, "bookings are acknowledged", func() bool { return w.acknowledged.Load() >= least })
}

// settle ends the bookings, sees every reader show what a GET returns, and compares what is stored with what was acknowledged.
func (w *traffic) settle(t *testing.T, server *proc.Process, database string) {
	t.Helper()
	truth := availability(t, server.Client(t), query())
	for i, r := range w.readers {
		eventually(t, fmt.Sprintf("reader %d shows what is true", i), func() bool {
			if r.shows(truth) {
				return true
			}
			truth = availability(t, server.Client(t), query())
			return r.shows(truth)
		})
	}
	stored := make(map[string]bool)
	for b, err := range server.Client(t).Bookings(t.Context(), "studio", client.BookingsQuery{}) {
		must(t, err)
		stored[b.ID] = true
	}
	for id := range w.known {
		if !stored[id] {
			t.Errorf("%s was acknowledged and is not there", id)
		}
	}
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
	t.Logf("%d bookings were acknowledged; failed: %s", len(w.known), w.failures())
}
