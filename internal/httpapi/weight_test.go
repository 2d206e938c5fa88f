package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"vacancy/internal/httpapi"
)

// share is a weight that is kept.
type share struct{ atomic.Int64 }

func (s *share) Weight() int            { return int(s.Load()) }
func (s *share) SetWeight(to int) error { s.Store(int64(to)); return nil }
func fromStranger(r *http.Request)      { r.RemoteAddr = "192.0.2.7:40000" }
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// The weight is set on the operator's port, by direct calls from this machine and with the operator's key, and by no page of a browser.
func TestWeightIsTheOperators(t *testing.T) {
	t.Parallel()
	weight := new(share)
	var config httpapi.Config
	public := newServer(t, func(c *httpapi.Config) {
		c.AdminPort, c.Weight, c.AdminKey = true, weight, "the-operator's-own-key"
		config = *c
	})
	admin := httpapi.NewAdmin(config)
	const right = "Bearer the-operator's-own-key"
	put := func(h http.Handler, body string, changes ...func(*http.Request)) int {
		weight.Store(70)
		r := httptest.NewRequest(http.MethodPut, "http://127.0.0.1:9090/weight", strings.NewReader(body))
		r.RemoteAddr = "127.0.0.1:40000"
		r.Header.Set("Content-Type", "application/json")
		for _, change := range changes {
			change(r)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if (w.Code == http.StatusOK) != (weight.Load() == 10) {
			t.Errorf("answered with %d, and the weight is %d", w.Code, weight.Load())
		}
		return w.Code
	}
	for name, c := range map[string]struct {
		changes []func(*http.Request)
		status  int
	}{
		"this machine":             {nil, http.StatusOK},
		"a stranger":               {[]func(*http.Request){fromStranger}, http.StatusUnauthorized},
		"another machine, the key": {[]func(*http.Request){fromStranger, with("Authorization", right)}, http.StatusOK},
		"another machine, a key":   {[]func(*http.Request){fromStranger, with("Authorization", "Bearer "+adminKey)}, http.StatusForbidden},
		"another machine, no key":  {[]func(*http.Request){fromStranger, with("Authorization", "Bearer ")}, http.StatusForbidden},
		"through a proxy":          {[]func(*http.Request){with("X-Forwarded-For", "127.0.0.1")}, http.StatusUnauthorized},
		"a page":                   {[]func(*http.Request){with("Origin", "https://evil.example")}, http.StatusUnauthorized},
		"a page, by its browser":   {[]func(*http.Request){with("Sec-Fetch-Site", "same-origin")}, http.StatusUnauthorized},
		"a page, with the key": {
			[]func(*http.Request){with("Origin", "https://evil.example"), with("Authorization", right)}, http.StatusForbidden,
		},
		"what a page can just send": {[]func(*http.Request){with("Content-Type", "text/plain")}, http.StatusUnsupportedMediaType},
	} {
		if got := put(admin, `{"weight":10}`, c.changes...); got != c.status {
			t.Errorf("%s: answered with %d", name, got)
		}
	}
	for _, body := range []string{`{"weight":101}`, `{"weight":-1}`, `{"weight":"10"}`, `{}`, `10`, `{"weight":10,"more":1}`, ``} {
		if got := put(admin, body); got != http.StatusUnprocessableEntity && got != http.StatusBadRequest {
			t.Errorf("%s: answered with %d", body, got)
		}
	}
	if got := put(public, `{"weight":10}`); got == http.StatusOK {
		t.Error("the weight can be set on the public port")
	}
	config.AdminKey = ""
	if got := put(httpapi.NewAdmin(config), `{"weight":10}`, fromStranger, with("Authorization", "Bearer ")); got != http.StatusForbidden {
		t.Errorf("without an operator's key, an empty one is answered with %d", got)
	}
}

// Whoever sees the port reads the weight; without one there is nothing at the address.
func TestWeightIsRead(t *testing.T) {
	t.Parallel()
	weight := new(share)
	weight.Store(33)
	var config httpapi.Config
	newServer(t, func(c *httpapi.Config) { c.AdminPort, c.Weight = true, weight; config = *c })
	read := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		httpapi.NewAdmin(config).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/weight", nil))
		return w
	}
	if w := read(); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"weight":33}` {
		t.Errorf("answered with %d %s", w.Code, w.Body)
	}
	config.Weight = nil
	if w := read(); w.Code != http.StatusNotFound {
		t.Errorf("without a weight: answered with %d %s", w.Code, w.Body)
	}
}
