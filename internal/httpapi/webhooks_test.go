package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/httpapi"
)

const till = "/v1/venues/barber/webhooks/till"

// hook is a receiver that answers with a status, and keeps what it got.
type hook struct {
	*httptest.Server
	mu       sync.Mutex
	status   int
	requests []http.Header
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{status: http.StatusNoContent}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.requests = append(h.requests, r.Header)
		w.WriteHeader(h.status)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) answers(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *hook) got() []http.Header {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests
}

func putBody(url string) string { return fmt.Sprintf(`{"url":%q,"events":["booking.confirmed"]}`, url) }

func TestWebhookLife(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHook(t)
	created := decode[httpapi.Webhook](t, s.do(t, "PUT", till, putBody(h.URL+"/in"), admin()).want(t, http.StatusCreated, ""))
	if !strings.HasPrefix(created.Secret, "whsec_") || !created.Enabled || created.URL != h.URL+"/in" || created.Revision == 0 {
		t.Errorf("created: %+v", created)
	}
	again := decode[httpapi.Webhook](t, s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusOK, ""))
	if again.Secret != "" || again.URL != h.URL {
		t.Errorf("replaced: %+v", again)
	}

	a := s.do(t, "POST", till+"/test", "", admin()).want(t, http.StatusOK, "")
	if got := decode[httpapi.WebhookAttempt](t, a); got.Outcome != webhook.Delivered || got.Status != http.StatusNoContent {
		t.Errorf("a test: %+v", got)
	}
	rotated := decode[httpapi.Webhook](t, s.do(t, "POST", till+"/rotate_secret", "", admin()).want(t, http.StatusOK, ""))
	if rotated.Secret == created.Secret || rotated.PreviousSecretUntil == nil {
		t.Errorf("rotated: %+v", rotated)
	}
	h.answers(http.StatusInternalServerError)
	a = s.do(t, "POST", till+"/test", "{}", admin()).want(t, http.StatusOK, "")
	got := decode[httpapi.WebhookAttempt](t, a)
	if got.Outcome != webhook.ServerError || got.Error != "it answered 500 Internal Server Error" {
		t.Errorf("a test that fails: %+v", got)
	}
	for i, want := range []int{1, 2} {
		if n := len(strings.Fields(h.got()[i].Get("Webhook-Signature"))); n != want {
			t.Errorf("request %d has %d signatures, want %d", i, n, want)
		}
	}

	e := bus.Event{ID: "e1", Venue: "barber", Name: bus.BookingConfirmed, Epoch: "9-z", Revision: 99, Time: monday, Data: []byte(`{}`)}
	_, err := s.webhooks.Publish(t.Context(), "barber", []bus.Event{e})
	must(t, err)
	one := decode[httpapi.Webhook](t, s.do(t, "GET", till, "", admin()).want(t, http.StatusOK, ""))
	if one.Waiting != 1 || one.FailingSince == nil || one.OldestWaiting == nil {
		t.Errorf("failing: %+v", one)
	}
	log := decode[httpapi.WebhookDeliveries](t, s.do(t, "GET", till+"/deliveries", "", admin()).want(t, http.StatusOK, "")).Deliveries
	if len(log) != 3 || log[0].Event != "e1" || log[0].State != "waiting" || log[0].NextAttemptAt == nil || log[0].Status != 500 {
		t.Errorf("the log: %+v", log)
	}
	h.answers(http.StatusOK)
	a = s.do(t, "POST", till+"/deliveries/"+log[0].ID+"/redeliver", "", admin()).want(t, http.StatusOK, "")
	if got = decode[httpapi.WebhookAttempt](t, a); got.Outcome != webhook.Delivered || got.Event != "e1" {
		t.Errorf("redelivered: %+v", got)
	}
	list := decode[httpapi.Webhooks](t, s.do(t, "GET", "/v1/venues/barber/webhooks", "", admin()).want(t, http.StatusOK, "")).Webhooks
	if len(list) != 1 || list[0].Waiting != 0 {
		t.Errorf("the list: %+v", list)
	}
	s.do(t, "DELETE", till, "", admin()).want(t, http.StatusNoContent, "")
	for _, call := range [][2]string{
		{"GET", till},
		{"DELETE", till},
		{"POST", till + "/test"},
		{"POST", till + "/rotate_secret"},
		{"GET", till + "/deliveries"},
		{"POST", till + "/deliveries/" + log[0].ID + "/redeliver"},
	} {
		s.do(t, call[0], call[1], "", admin()).want(t, http.StatusNotFound, "not_found")
	}
	for _, secret := range []string{created.Secret, rotated.Secret} {
		if strings.Contains(s.log.String(), strings.TrimPrefix(secret, "whsec_")) {
			t.Error("a secret is in the log")
		}
	}
}

func TestWebhooksOfOthers(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHook(t)
	s.do(t, "PUT", "/v1/venues/salon", strings.Replace(venueBody, "Barber", "Salon", 1), admin()).want(t, http.StatusCreated, "")
	s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusCreated, "")
	s.do(t, "POST", till+"/test", "", admin()).want(t, http.StatusOK, "")
	log := decode[httpapi.WebhookDeliveries](t, s.do(t, "GET", till+"/deliveries", "", admin())).Deliveries
	others := strings.Replace(till, "barber", "salon", 1)
	for _, call := range [][2]string{
		{"GET", others},
		{"DELETE", others},
		{"POST", others + "/test"},
		{"POST", others + "/rotate_secret"},
		{"GET", others + "/deliveries"},
		{"POST", others + "/deliveries/" + log[0].ID + "/redeliver"},
		{"POST", till + "/deliveries/x/redeliver"},
		{"POST", till + "/deliveries/999999/redeliver"},
		{"GET", strings.Replace(till, "barber", "nobody", 1)},
		{"GET", "/v1/venues/nobody/webhooks"},
	} {
		s.do(t, call[0], call[1], "", admin()).want(t, http.StatusNotFound, "not_found")
	}
	s.do(t, "PUT", strings.Replace(till, "barber", "nobody", 1), putBody(h.URL), admin()).want(t, http.StatusNotFound, "not_found")
	for _, call := range [][2]string{
		{"GET", "/v1/venues/barber/webhooks"},
		{"GET", till},
		{"PUT", till},
		{"DELETE", till},
		{"POST", till + "/test"},
		{"POST", till + "/rotate_secret"},
		{"GET", till + "/deliveries"},
		{"POST", till + "/deliveries/1/redeliver"},
	} {
		s.do(t, call[0], call[1], "").want(t, http.StatusUnauthorized, "unauthenticated")
		s.do(t, call[0], call[1], "", bearer("not-a-key")).want(t, http.StatusForbidden, "forbidden")
	}
}

func TestWebhookSettingsAreChecked(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for body, field := range map[string]string{
		`{}`:                                "url",
		`{"url":""}`:                        "url",
		`{"url":"ftp://a.example"}`:         "url",
		`{"url":"https://10.0.0.1/"}`:       "url",
		`{"url":"https://u:p@a.example/"}`:  "url",
		`{"url":"https://169.254.169.254"}`: "url",
		`{"url":"https://` + strings.Repeat("a", webhook.MaxURL) + `.example"}`:            "url",
		`{"url":"https://a.example","events":["booking.held","booking.burnt"]}`:            "events[1]",
		`{"url":"https://a.example","events":["booking.held","venue.gap","booking.held"]}`: "events[2]",
		`{"url":"https://a.example","enabled":"yes"}`:                                      "enabled",
		`{"url":"https://a.example","secret":"x"}`:                                         "secret",
	} {
		s.do(t, "PUT", till, body, admin()).want(t, http.StatusUnprocessableEntity, "invalid", field)
	}
	s.do(t, "PUT", "/v1/venues/barber/webhooks/Not%20an%20id", putBody("https://a.example"), admin()).
		want(t, http.StatusUnprocessableEntity, "invalid", "webhook")
	for i := range webhook.MaxEndpoints {
		s.do(t, "PUT", fmt.Sprintf("%s-%d", till, i), putBody("https://a.example"), admin()).want(t, http.StatusCreated, "")
	}
	s.do(t, "PUT", till, putBody("https://a.example"), admin()).want(t, http.StatusUnprocessableEntity, "invalid", "webhook")
}

// TestEventThatIsNotKept: what was too large for the log cannot be sent again.
func TestEventThatIsNotKept(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHook(t)
	s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusCreated, "")
	_, err := s.webhooks.Publish(t.Context(), "barber", []bus.Event{{
		ID: "e1", Venue: "barber", Name: bus.BookingConfirmed, Epoch: "9-z", Revision: booking.Revision(99), Time: monday,
		Data: []byte(`{"text":"` + strings.Repeat("x", 64<<10) + `"}`),
	}})
	must(t, err)
	log := decode[httpapi.WebhookDeliveries](t, s.do(t, "GET", till+"/deliveries", "", admin())).Deliveries
	s.do(t, "POST", till+"/deliveries/"+log[0].ID+"/redeliver", "", admin()).want(t, http.StatusConflict, "event_not_kept")
}

// TestWebhooksAreDocumented: the document has what is sent for each event.
func TestWebhooksAreDocumented(t *testing.T) {
	t.Parallel()
	documented := httpapi.Document().Webhooks
	for _, name := range append(webhook.Names(), bus.WebhookTest) {
		if documented[string(name)] == nil || documented[string(name)].Post == nil {
			t.Errorf("%s is not documented", name)
		}
	}
	spec, err := httpapi.Spec()
	must(t, err)
	if !strings.Contains(string(spec), "\nwebhooks:\n") {
		t.Error("the written document has no webhooks")
	}
}

// TestWebhooksOfAnArchivedVenue: they are seen, and can be disabled and deleted; none is created or enabled.
func TestWebhooksOfAnArchivedVenue(t *testing.T) {
	t.Parallel()
	s, h := newServer(t), newHook(t)
	s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusCreated, "")
	s.do(t, "DELETE", "/v1/venues/barber", "", admin()).want(t, http.StatusNoContent, "")
	list := decode[httpapi.Webhooks](t, s.do(t, "GET", "/v1/venues/barber/webhooks", "", admin()).want(t, http.StatusOK, "")).Webhooks
	if len(list) != 1 || !list[0].Enabled {
		t.Errorf("the list: %+v", list)
	}
	disabled := fmt.Sprintf(`{"url":%q,"enabled":false}`, h.URL)
	s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusNotFound, "not_found")
	s.do(t, "PUT", till+"-2", disabled, admin()).want(t, http.StatusNotFound, "not_found")
	one := decode[httpapi.Webhook](t, s.do(t, "PUT", till, disabled, admin()).want(t, http.StatusOK, ""))
	if one.Enabled {
		t.Errorf("disabled: %+v", one)
	}
	s.do(t, "PUT", till, putBody(h.URL), admin()).want(t, http.StatusNotFound, "not_found")
	s.do(t, "DELETE", till, "", admin()).want(t, http.StatusNoContent, "")
	s.do(t, "GET", "/v1/venues/nowhere/webhooks", "", admin()).want(t, http.StatusNotFound, "not_found")
}
