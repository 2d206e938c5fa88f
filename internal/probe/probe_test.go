package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"vacancy/internal/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server answers the probe, in the test's bubble of time.
type server struct {
	mu    sync.Mutex
	asked []string
	// answer is what the next holds are answered with, once each; then 201. hang has a request wait for its caller to leave.
	answer []int
	hang   bool
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.asked = append(s.asked, strings.Join([]string{
		r.Host, r.Header.Get("Vacancy-Probe"), r.Header.Get("Authorization"), r.URL.Path, string(body),
	}, " "))
	status, answer := http.StatusOK, `{}`
	if !strings.HasSuffix(r.URL.Path, "/cancel") {
		status, answer = http.StatusCreated, `{"id":"b1","manage_token":"t1"}`
	}
	if len(s.answer) > 0 {
		status, s.answer, answer = s.answer[0], s.answer[1:], `{"code":"unavailable"}`
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}}, nil
}

// requests are those that were made until now.
func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// witness is the meter and the alerts of a probe.
type witness struct {
	mu sync.Mutex
	facts
}

// facts are what a witness has seen.
type facts struct {
	ok, failed int
	alert      string
	raised     int
	prepared   int
	prepareErr error
}

// seen is what there was to see until now. The probe goes on.
func (w *witness) seen() facts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.facts
}

func (w *witness) Probe(ok bool, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ok {
		w.ok++
	} else {
		w.failed++
	}
}

func (w *witness) Critical(key, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alert, w.raised = key+": "+text, w.raised+1
}

func (w *witness) Resolve(string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alert = ""
}

func (w *witness) prepare(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prepared++
	return w.prepareErr
}

// inBubble runs a probe at a server, every five seconds.
func inBubble(t *testing.T, s *server, test func(w *witness, log *lines)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var log lines
		w := new(witness)
		p := probe.New(probe.Config{
			URL: "http://127.0.0.1:8080", Host: "book.example.com", Client: &http.Client{Transport: s},
			Header: "Vacancy-Probe", Token: "secret", Venue: "_probe", Service: "probe", Step: 5 * time.Minute, Prepare: w.prepare,
			Interval: 5 * time.Second, Meter: w, Alerts: w, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			p.Run(ctx)
			close(ended)
		}()
		test(w, &log)
		cancel()
		<-ended
	})
}

// pass lets time pass, and everything happen that is due then.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestRounds(t *testing.T) {
	t.Parallel()
	s := new(server)
	inBubble(t, s, func(w *witness, log *lines) {
		pass(26 * time.Second)
		if seen := w.seen(); seen.ok != 5 || seen.failed != 0 || seen.prepared != 1 || seen.raised != 0 || log.String() != "" {
			t.Errorf("%+v, log: %s", seen, log)
		}
		requests := s.requests()
		if len(requests) != 10 {
			t.Fatalf("it asked %q", requests)
		}
		hold, body, _ := strings.Cut(requests[0], "/bookings ")
		if hold != "book.example.com secret  /v1/venues/_probe" {
			t.Errorf("the first request is %q", requests[0])
		}
		var asked struct {
			Service   string
			Start     time.Time
			PartySize int `json:"party_size"`
			Hold      bool
		}
		if err := json.Unmarshal([]byte(body), &asked); err != nil || asked.Service != "probe" || asked.PartySize != 1 || !asked.Hold {
			t.Errorf("it asks for %+v, %v", asked, err)
		}
		if ahead := time.Until(asked.Start); asked.Start.Minute()%5 != 0 || asked.Start.Second() != 0 || ahead < 50*time.Minute {
			t.Errorf("it holds at %s, %s ahead", asked.Start, ahead)
		}
		if requests[1] != "book.example.com secret Bearer t1 /v1/venues/_probe/bookings/b1/cancel {}" {
			t.Errorf("the second request is %q", requests[1])
		}
	})
}

func TestThreeFailuresAreAnAlert(t *testing.T) {
	t.Parallel()
	inBubble(t, &server{answer: []int{503, 503, 503, 503}}, func(w *witness, log *lines) {
		pass(12 * time.Second)
		if seen := w.seen(); seen.failed != 2 || seen.alert != "" {
			t.Errorf("after two failures: %+v", seen)
		}
		pass(5 * time.Second)
		alert := w.seen().alert
		if !strings.HasPrefix(alert, "probe_failing: ") || !strings.Contains(alert, "503 unavailable") || strings.Contains(alert, "secret") {
			t.Errorf("after three failures: %s", alert)
		}
		pass(10 * time.Second)
		if seen := w.seen(); seen.ok != 1 || seen.failed != 4 || seen.alert != "" || seen.prepared != 1 {
			t.Errorf("when it books again: %+v", seen)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d lines of the log for one outage:\n%s", n, log)
		}
	})
}

// A venue that is not there any more, as in a database that was restored, is made again.
func TestVenueIsMadeAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, &server{answer: []int{404}}, func(w *witness, _ *lines) {
		pass(11 * time.Second)
		if seen := w.seen(); seen.ok != 1 || seen.failed != 1 || seen.prepared != 2 {
			t.Errorf("%+v", seen)
		}
	})
}

func TestVenueThatCannotBeMade(t *testing.T) {
	t.Parallel()
	s := new(server)
	inBubble(t, s, func(w *witness, _ *lines) {
		w.mu.Lock()
		w.prepareErr = errors.New("the database is away")
		w.mu.Unlock()
		pass(16 * time.Second)
		if seen := w.seen(); seen.failed != 3 || seen.prepared != 3 || seen.alert == "" || len(s.requests()) != 0 {
			t.Errorf("%+v, asked: %q", seen, s.requests())
		}
	})
}

func TestAServerThatHangs(t *testing.T) {
	t.Parallel()
	inBubble(t, &server{hang: true}, func(w *witness, _ *lines) {
		pass(time.Minute)
		if seen := w.seen(); seen.failed < 3 || seen.alert == "" || !strings.Contains(seen.alert, "deadline") {
			t.Errorf("%+v", seen)
		}
	})
}

// A server that stops while the probe asks is no failure.
func TestStopIsNoFailure(t *testing.T) {
	t.Parallel()
	var last *witness
	inBubble(t, &server{hang: true}, func(w *witness, _ *lines) {
		pass(7 * time.Second) // in the middle of the first round
		last = w
	})
	if seen := last.seen(); seen.failed != 0 {
		t.Errorf("%+v", seen)
	}
}
