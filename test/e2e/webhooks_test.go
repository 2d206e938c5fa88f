package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/test/proc"
)

// receiver is a webhook's, which refuses what is not signed by its secret.
type receiver struct {
	mu       sync.Mutex
	secret   []byte
	events   []string // type and subject
	unsigned int
	failing  bool
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	mac := hmac.New(sha256.New, r.secret)
	fmt.Fprintf(mac, "%s.%s.%s", request.Header.Get("Webhook-Id"), request.Header.Get("Webhook-Timestamp"), body)
	if request.Header.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		r.unsigned++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.failing {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var e struct{ Type, Subject string }
	if json.Unmarshal(body, &e) == nil {
		r.events = append(r.events, e.Type+" "+e.Subject)
	}
}

func (r *receiver) got(event string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.events, event)
}

// manage makes a management call, and decodes its answer.
func manage(t *testing.T, server *proc.Process, method, path, body string, want int, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+proc.AdminKey)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	caller := http.Client{Timeout: time.Minute}
	response, err := caller.Do(request)
	must(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != want {
		t.Fatalf("%s %s is answered %d: %s", method, path, response.StatusCode, content)
	}
	if into != nil {
		must(t, json.NewDecoder(bytes.NewReader(content)).Decode(into))
	}
}

// TestWebhooks: an endpoint that is put by the API gets what is booked, signed by its secret; what fails is delivered later; and where no
// network is allowed, none of this machine's can be named.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	at := httptest.NewServer(r)
	defer at.Close()
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	server := proc.Launch(t, database, "--webhook-networks", "127.0.0.0/8")
	c := server.Client(t)
	class(t, c, places)
	before, err := c.Book(t.Context(), "studio", wish())
	must(t, err)

	const path = "/v1/venues/studio/webhooks/desk"
	var put struct{ Secret string }
	manage(t, server, http.MethodPut, path, `{"url":"`+at.URL+`"}`, http.StatusCreated, &put)
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(put.Secret, "whsec_"))
	must(t, err)
	r.mu.Lock()
	r.secret = secret
	r.mu.Unlock()

	booked, err := c.Book(t.Context(), "studio", wish())
	must(t, err)
	eventually(t, "the booking is told of", func() bool { return r.got("vacancy.booking.confirmed.v1 " + booked.ID) })
	eventually(t, "and what it takes", func() bool { return r.got("vacancy.availability.changed.v1 class") })
	if r.got("vacancy.booking.confirmed.v1 " + before.ID) {
		t.Error("what was booked before there was a webhook is told of")
	}

	r.mu.Lock()
	r.failing = true
	r.mu.Unlock()
	late, err := c.Book(t.Context(), "studio", wish())
	must(t, err)
	var log struct {
		Deliveries []struct {
			State  string
			Status int
		}
	}
	eventually(t, "the failure is in the log", func() bool {
		manage(t, server, http.MethodGet, path+"/deliveries", "", http.StatusOK, &log)
		return len(log.Deliveries) > 0 && log.Deliveries[len(log.Deliveries)-1].State != "" && strings.Contains(fmt.Sprint(log.Deliveries), "500")
	})
	r.mu.Lock()
	r.failing = false
	r.mu.Unlock()
	eventually(t, "it is delivered later", func() bool { return r.got("vacancy.booking.confirmed.v1 " + late.ID) })
	if r.unsigned > 0 {
		t.Errorf("%d deliveries were not signed by the secret", r.unsigned)
	}
	must(t, server.Stop(t.Context()))

	strict := proc.Launch(t, database)
	var test struct{ Outcome, Error string }
	manage(t, strict, http.MethodPost, path+"/test", "", http.StatusOK, &test)
	if test.Outcome == "delivered" || test.Outcome == "" {
		t.Errorf("a webhook leads to this machine: %+v", test)
	}
}
