package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/test/proc"
)

// outsider is a caller as the proxy on the machine passes them on.
type outsider struct {
	t       *testing.T
	base    string
	address string
}

func (o outsider) as(address string) outsider {
	o.address = address
	return o
}

// call makes a request, and returns the status and the code of a problem.
func (o outsider) call(method, path, body string, headers ...string) (status int, code string, header http.Header) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.base+path, strings.NewReader(body))
	if err != nil {
		o.t.Error(err)
		return 0, "", nil
	}
	r.Header.Set("X-Forwarded-For", o.address)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		o.t.Error(err)
		return 0, "", nil
	}
	defer res.Body.Close()
	var problem struct{ Code string }
	if res.StatusCode >= http.StatusBadRequest {
		err = json.NewDecoder(res.Body).Decode(&problem)
	} else {
		_, err = io.Copy(io.Discard, res.Body)
	}
	if err != nil {
		o.t.Error(err)
	}
	return res.StatusCode, problem.Code, res.Header
}

// stream opens a live stream and leaves it open. It returns the status.
func (o outsider) stream(query string) int {
	o.t.Helper()
	u, err := url.Parse(o.base)
	must(o.t, err)
	conn, err := (&net.Dialer{}).DialContext(o.t.Context(), "tcp", u.Host)
	must(o.t, err)
	o.t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /v1/live?%s HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: %s\r\n\r\n", query, u.Host, o.address)
	must(o.t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil) //nolint:bodyclose // the connection is closed
	must(o.t, err)
	return res.StatusCode
}

// untilRefused makes requests, as many as it can, until one is refused.
func (o outsider) untilRefused() {
	o.t.Helper()
	var refused atomic.Bool
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for range 10_000 {
				if refused.Load() {
					return
				}
				if status, _, _ := o.call("GET", "/v1/venues/studio", ""); status == http.StatusTooManyRequests {
					refused.Store(true)
				}
			}
		})
	}
	done.Wait()
	if !refused.Load() {
		o.t.Error("no request of 80,000 was refused")
	}
}

func outside(t *testing.T, args ...string) outsider {
	t.Helper()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), args...)
	class(t, server.Client(t), 1000)
	return outsider{t: t, base: server.URL, address: "203.0.113.7"}
}

// One client floods the built server with requests, bookings, guesses and streams, and is refused; another is served all the while, and
// a right key gets through from the very same address.
func TestFloodOfOneClient(t *testing.T) {
	t.Parallel()
	flooder := outside(t)
	other := flooder.as("203.0.113.8")
	day := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	booking := fmt.Sprintf(`{"service":"class","start":"%sT12:00:00Z","customer":{"name":"Ada","email":"ada@example.com"}}`, day)
	query := "venue=studio&service=class&from=" + day + "&to=" + day
	key := []string{"Authorization", "Bearer " + proc.AdminKey}

	var refused atomic.Int64
	var done sync.WaitGroup
	for i := range 30 { // side by side, since each waits for the disk
		done.Go(func() {
			for j := range 10 {
				wish := strings.Replace(booking, "ada@", fmt.Sprintf("ada-%d-%d@", i, j), 1)
				if status, code, h := flooder.call("POST", "/v1/venues/studio/bookings", wish); status == http.StatusTooManyRequests {
					refused.Add(1)
					if code != "too_many" || h.Get("Retry-After") == "" || h.Get("RateLimit") == "" {
						t.Errorf("refused with %s, %v", code, h)
					}
				}
			}
		})
	}
	done.Wait()
	if n := refused.Load(); n < 100 {
		t.Errorf("of 300 bookings at once %d were refused", n)
	}
	streams := 0
	for range 130 {
		if flooder.stream(query) == http.StatusOK {
			streams++
		}
	}
	if streams != 100 {
		t.Errorf("the client has %d streams", streams)
	}
	guesses := 0
	for range 30 {
		if status, _, _ := flooder.call("GET", "/v1/venues/studio/bookings", "", "Authorization", "Bearer a-guess-at-a-key"); status == 429 {
			guesses++
		}
	}
	if guesses < 15 {
		t.Errorf("of 30 guesses %d were refused", guesses)
	}
	flooder.untilRefused()
	if status, _, _ := flooder.call("GET", "/v1/venues/studio/bookings", "", key...); status != http.StatusOK {
		t.Errorf("a right key is answered with %d", status)
	}
	for _, call := range []struct {
		status             int
		method, path, body string
	}{
		{200, "GET", "/v1/venues/studio", ""},
		{201, "POST", "/v1/venues/studio/bookings", strings.Replace(booking, "ada@", "eve@", 1)},
	} {
		if status, code, _ := other.call(call.method, call.path, call.body); status != call.status {
			t.Errorf("somebody else's %s %s is answered with %d %s", call.method, call.path, status, code)
		}
	}
	if status := other.stream(query); status != http.StatusOK {
		t.Errorf("somebody else's stream is answered with %d", status)
	}
}

// The control: without limits, and for whoever comes without a proxy's word, nothing of it is refused.
func TestNoFloodIsRefusedWithLimitsOff(t *testing.T) {
	t.Parallel()
	off := outside(t, "--limits", "off")
	on := outside(t)
	for name, o := range map[string]outsider{"off": off, "no header": on.as("")} {
		day := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
		for range 110 {
			if status := o.stream("venue=studio&service=class&from=" + day + "&to=" + day); status != http.StatusOK {
				t.Fatalf("%s: a stream is answered with %d", name, status)
			}
		}
		for i := range 100 {
			body := fmt.Sprintf(`{"service":"class","start":"%sT12:00:00Z","customer":{"name":"Ada","email":"ada-%d@example.com"}}`, day, i)
			if status, code, _ := o.call("POST", "/v1/venues/studio/bookings", body); status != http.StatusCreated {
				t.Fatalf("%s: a booking is answered with %d %s", name, status, code)
			}
		}
	}
}

// What is refused before any handler is a problem too, on the built server.
func TestUnreadableRequestsGetProblems(t *testing.T) {
	t.Parallel()
	o := outside(t)
	u, err := url.Parse(o.base)
	must(t, err)
	for request, want := range map[string]int{
		"GET / HTTP/1.1\r\n\r\n": 400, "hello\r\n\r\n": 400, "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 50_000) + "\r\n\r\n": 431,
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
		must(t, err)
		_, err = io.WriteString(conn, request)
		must(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(t, err)
		if res.StatusCode != want || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.20q is answered with %d %s", request, res.StatusCode, res.Header.Get("Content-Type"))
		}
		_ = res.Body.Close()
		_ = conn.Close()
	}
}
