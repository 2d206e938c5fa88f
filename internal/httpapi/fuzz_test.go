package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// FuzzAPI throws bytes at the whole handler. Whatever they are, the answer is never a 500, and every refusal is a problem with a code
// of the table.
func FuzzAPI(f *testing.F) {
	const token = "Bearer " + adminKey
	for _, seed := range [][5]string{
		{"POST", bookings, `{` + nine + `,"party_size":1,"hold":true,` + ada + `}`, "k1", ""},
		{"POST", bookings + "/bk_1/confirm", `{` + ada + `}`, "", "Bearer abc"},
		{"POST", bookings + "/bk_1/cancel", ``, "", token},
		{"GET", bookings + "?from=2026-11-23&to=2026-11-24&status=held&cursor=MS5hYg&limit=3", "", "", token},
		{"GET", free + "&party_size=2&resource=mia&detail=days&at_least=e.1.0", "", `W/"e.1.0"`, ""},
		{"PUT", venues, venueBody, `"1", W/"2"`, token},
		{"PUT", venues + "/resources/mia", chairBody, `*`, token},
		{"PUT", venues + "/services/cut", cutBody, `"1`, token},
		{"PUT", venues + "/services/yoga", yogaBody, ``, token},
		{"DELETE", venues + "/services/yoga", "", ``, token},
		{"OPTIONS", bookings, "", "", ""},
		{"PATCH", "/v1//x/../%2e%2e/%00?%zz;=&&=", "{\"a\":\"\xff\\ud800\"}", "\x00", "\xff"},
		{"GET", "/v1/venues?limit=1&cursor=YmFyYmVy", `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[`, "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	handler := httpapi.New(stubConfig())
	codes := httpapi.Codes()
	f.Fuzz(func(t *testing.T, method, target, body, tag, authorization string) {
		r, ok := request(t.Context(), method, target, body)
		if !ok {
			return // the server itself refuses what is no HTTP
		}
		for i, name := range []string{"If-Match", "If-None-Match", "Idempotency-Key", "Origin", "X-Request-Id", "Content-Type"} {
			if len(tag)%6 != i { // each header is left out now and then
				r.Header[name] = []string{tag}
			}
		}
		if authorization != "" {
			r.Header["Authorization"] = []string{authorization}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code < 400 {
			return
		}
		var p httpapi.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%s %q: %d is no problem: %v: %s", method, target, w.Code, err, w.Body)
		}
		if w.Code >= 500 || p.Status != w.Code || !slices.Contains(codes, p.Code) || p.RequestID == "" || p.Detail == "" {
			t.Fatalf("%s %q: %d %s", method, target, w.Code, w.Body)
		}
	})
}

// request is the request as the server would hand it on.
func request(ctx context.Context, method, target, body string) (*http.Request, bool) {
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(u.Path, "/") {
		return nil, false
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://example.com/", strings.NewReader(body))
	if err != nil {
		return nil, false
	}
	r.URL, r.RequestURI = u, target
	return r, true
}
