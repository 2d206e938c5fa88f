package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// metricsRequest asks for the metrics as a scraper on the server's own machine does, unless changed.
func metricsRequest(change func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/metrics", nil)
	r.RemoteAddr = "127.0.0.1:40000"
	change(r)
	return r
}

// Metrics on the public port are for a management key and for direct calls from the machine itself.
func TestMetricsAreForTheOperator(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	stranger := func(r *http.Request) { r.RemoteAddr = "192.0.2.7:40000" }
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"this machine":          {func(*http.Request) {}, http.StatusOK},
		"this machine, by name": {func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		"this machine, IPv6":    {func(r *http.Request) { r.Host, r.RemoteAddr = "[::1]:8080", "[::1]:40000" }, http.StatusOK},
		"a stranger":            {stranger, http.StatusUnauthorized},
		"a stranger who says so": {
			func(r *http.Request) { stranger(r); r.Header.Set("X-Forwarded-For", "127.0.0.1") }, http.StatusUnauthorized,
		},
		"a proxy: X-Forwarded-For":  {header("X-Forwarded-For", "192.0.2.7"), http.StatusUnauthorized},
		"a proxy: X-Real-IP":        {header("X-Real-IP", "127.0.0.1"), http.StatusUnauthorized},
		"a proxy: Forwarded":        {header("Forwarded", "for=192.0.2.7"), http.StatusUnauthorized},
		"a proxy: Via":              {header("Via", "1.1 proxy"), http.StatusUnauthorized},
		"a proxy: another host":     {func(r *http.Request) { r.Host = "book.example.com" }, http.StatusUnauthorized},
		"a proxy that adds nothing": {func(r *http.Request) { r.ProtoMinor = 0; r.Proto = "HTTP/1.0" }, http.StatusUnauthorized},
		"a page of another site":    {header("Origin", "https://evil.example"), http.StatusUnauthorized},
		"a page, by its browser":    {header("Sec-Fetch-Site", "cross-site"), http.StatusUnauthorized},
		"a name that leads here":    {func(r *http.Request) { r.Host = "localhost.evil.example" }, http.StatusUnauthorized},
		"a stranger with a key":     {func(r *http.Request) { stranger(r); r.Header.Set("Authorization", "Bearer "+adminKey) }, http.StatusOK},
		"a key that is none": {
			func(r *http.Request) { stranger(r); r.Header.Set("Authorization", "Bearer mt_anotherkeyaltogether") }, http.StatusForbidden,
		},
		"a page with a key": {
			func(r *http.Request) {
				stranger(r)
				r.Header.Set("Authorization", "Bearer "+adminKey)
				r.Header.Set("Origin", "https://evil.example")
			}, http.StatusForbidden,
		},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, metricsRequest(c.change))
		if w.Code != c.status || (w.Body.String() == "metrics") != (c.status == http.StatusOK) {
			t.Errorf("%s: answered with %d: %.60s", name, w.Code, w.Body)
		}
	}
}

// With a port of the operator's own, metrics and readiness are there and nowhere else, and nothing of the API is.
func TestAdminPort(t *testing.T) {
	t.Parallel()
	var config httpapi.Config
	s := newServer(t, func(c *httpapi.Config) { c.AdminPort = true; config = *c })
	admin := httpapi.NewAdmin(config)
	for path, want := range map[string]struct{ public, admin int }{
		"/healthz":   {http.StatusOK, http.StatusOK},
		"/readyz":    {http.StatusNotFound, http.StatusOK},
		"/metrics":   {http.StatusNotFound, http.StatusOK},
		"/v1/venues": {http.StatusOK, http.StatusNotFound},
		"/barber":    {http.StatusOK, http.StatusNotFound},
	} {
		for _, side := range []struct {
			name    string
			handler http.Handler
			status  int
		}{{"public", s, want.public}, {"admin", admin, want.admin}} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, path, nil)
			side.handler.ServeHTTP(w, r)
			// What is not on the public port is a page's address like any other there; the pages answer it.
			page := strings.HasPrefix(w.Body.String(), "page")
			if w.Code != side.status && (!page || side.status != http.StatusNotFound) {
				t.Errorf("%s on the %s port: %d %.60s", path, side.name, w.Code, w.Body)
			}
		}
	}
}
