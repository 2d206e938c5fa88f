package httpapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// What net/http refuses before any handler is answered as everything else is. What handlers answer is not touched.
func TestRequestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" {
			w.Header().Set("Connection", "close")
			http.Error(w, "in plain words", http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"+
			"400 Bad Request")
	})
	srv := httptest.NewUnstartedServer(handler)
	srv.Config.MaxHeaderBytes = 32 << 10
	srv.Listener = httpapi.EarlyErrors(srv.Listener)
	srv.Start()
	t.Cleanup(srv.Close)
	for name, test := range map[string]struct {
		request string
		status  int
		code    string
		says    string
	}{
		"no HTTP":                  {"hello\r\n\r\n", 400, "malformed", ""},
		"no host":                  {"GET / HTTP/1.1\r\n\r\n", 400, "malformed", "missing required Host header"},
		"a host that is none":      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "malformed", "malformed Host header"},
		"a header without a name":  {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400, "malformed", ""},
		"a control character":      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400, "malformed", ""},
		"two lengths":              {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed", ""},
		"a length that is none":    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "malformed", ""},
		"an unknown encoding":      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: zip\r\n\r\n", 501, "transfer_encoding", ""},
		"a version to come":        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "http_version", ""},
		"an unknown expectation":   {"GET / HTTP/1.1\r\nHost: a\r\nExpect: junk\r\n\r\n", 417, "expectation_failed", "100-continue"},
		"headers without end":      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", 431, "headers_too_large", ""},
		"TLS to a port without it": {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, body := ask(t, srv, test.request) //nolint:bodyclose // ask closes it
			a := &answer{status: res.StatusCode, header: res.Header, body: body, fault: res.StatusCode > 500}
			for _, breach := range document().problemBreaches(a) {
				t.Error(breach)
			}
			if a.status != test.status || a.problem.Code != test.code || !strings.Contains(a.problem.Detail, test.says) || !res.Close {
				t.Errorf("got %d %s", a.status, body)
			}
		})
	}
	res, body := ask(t, srv, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n") //nolint:bodyclose // the same
	if res.StatusCode != http.StatusBadRequest || string(body) != "in plain words\n" {
		t.Errorf("a handler's answer became %d %s", res.StatusCode, body)
	}
	//nolint:bodyclose // the same
	if _, body := ask(t, srv, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); !strings.HasPrefix(string(body), "HTTP/1.1 400") {
		t.Errorf("a handler's body became %s", body)
	}
}

// ask sends bytes and reads the answer.
func ask(t *testing.T, srv *httptest.Server, request string) (*http.Response, []byte) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, request)
	must(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return res, body
}

// An address that is not in its simplest form is a wrong one: nobody is redirected, least of all by a page of HTML.
func TestAddressesThatAreNotClean(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{
		"/v1/venues/../venues", "/v1/./venues", "/barber/../barber", "//barber", "/barber//", "/v1/venues/barber/.", "/..", "/.", "/./", "//",
		"/v1/venues/barber/..", "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		a := &answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
		for _, breach := range document().problemBreaches(a) {
			t.Errorf("%q: %s", path, breach)
		}
		a.want(t, 404, "not_found")
	}
	for path, want := range map[string]int{"/": 200, "/barber": 200, "/barber/": 200, "/.well-known/x": 200, "/a..b": 200, "/...": 200} {
		if a := s.do(t, "GET", path, ""); a.status != want {
			t.Errorf("%s is answered with %d", path, a.status)
		}
	}
}
