package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// listening is the API behind a real HTTP server.
type listening struct {
	*httptest.Server
	s *server
}

func serve(t *testing.T, s *server) listening {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	transport, _ := srv.Client().Transport.(*http.Transport)
	transport.MaxIdleConnsPerHost = 100
	return listening{srv, s}
}

// post makes a request from any goroutine. What fails, fails the test without ending it.
func (w listening) post(t *testing.T, path, body string, options ...option) *answer {
	t.Helper()
	a := new(answer)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return a
	}
	r.Header.Set("Content-Type", "application/json")
	for _, o := range options {
		o(r)
	}
	res, err := w.Client().Do(r)
	if err != nil {
		t.Error(err)
		return a
	}
	defer res.Body.Close()
	a.status, a.header, a.closed = res.StatusCode, res.Header, res.Close
	if a.body, err = io.ReadAll(res.Body); err != nil {
		t.Error(err)
	}
	if a.status >= http.StatusBadRequest {
		if err := json.Unmarshal(a.body, &a.problem); err != nil {
			t.Errorf("status %d: %v: %s", a.status, err, a.body)
		}
	}
	return a
}
