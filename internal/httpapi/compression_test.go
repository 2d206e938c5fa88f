package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// unzipped makes a request for a compressed answer. It returns what the body is, and whether it came compressed.
func (s *server) unzipped(t *testing.T, method, target, body string, options ...option) (text []byte, zipped bool, header http.Header) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	r.Header.Set("Accept-Encoding", "gzip")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= http.StatusMultipleChoices {
		t.Fatalf("%s is answered with %d %s", target, w.Code, w.Body)
	}
	if got, want := w.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len()); got != want {
		t.Errorf("%s: Content-Length is %s; want %s", target, got, want)
	}
	if w.Header().Get("Content-Encoding") != "gzip" {
		return w.Body.Bytes(), false, w.Header()
	}
	in, err := gzip.NewReader(w.Body)
	must(t, err)
	text, err = io.ReadAll(in)
	must(t, err)
	return text, true, w.Header()
}

const fortnight = venues + "/services/cut/availability?from=2026-11-23&to=2026-12-06"

// Large answers are compressed for who takes that, and say the same; their tags, weak, are those of the plain ones.
func TestLargeAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 60 {
		s.do(t, "PUT", fmt.Sprintf("/v1/venues/venue-%d", i), venueBody, admin()).want(t, 201, "")
		s.do(t, "PUT", fmt.Sprintf("%s/resources/chair-%d", venues, i), chairBody, admin()).want(t, 201, "")
		s.do(t, "PUT", fmt.Sprintf("%s/services/cut-%d", venues, i), cutBody, admin()).want(t, 201, "")
	}
	for _, start := range []string{"09:00", "09:30", "10:00", "10:30", "11:00"} {
		s.book(t, bookingAt(start, `,`+ada))
		s.book(t, bookingAt(start, `,`+ada))
	}
	for _, target := range []string{
		fortnight, fortnight, venues + "/services", venues + "/resources", "/v1/venues", bookings, "/openapi.yaml",
		venues + "/services/cut/availability?detail=days&from=2026-11-23&to=2027-03-31",
	} {
		plain := s.do(t, "GET", target, "", admin()).want(t, 200, "")
		text, zipped, headers := s.unzipped(t, "GET", target, "", admin())
		if !zipped || !bytes.Equal(withoutTime(text), withoutTime(plain.body)) {
			t.Errorf("%s: compressed: %v, %d bytes; plain %d", target, zipped, len(text), len(plain.body))
		}
		etag := headers.Get("ETag")
		if etag != plain.header.Get("ETag") || etag != "" && !strings.HasPrefix(etag, "W/") {
			t.Errorf("%s: the tags are %s and %s", target, etag, plain.header.Get("ETag"))
		}
		for _, h := range []http.Header{headers, plain.header} {
			if !strings.Contains(h.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s: Vary is %q", target, h.Get("Vary"))
			}
		}
		if etag != "" {
			a := s.do(t, "GET", target, "", admin(), header("If-None-Match", etag)).want(t, 304, "")
			if !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s: Vary of a 304 is %q", target, a.header.Get("Vary"))
			}
		}
	}
}

// withoutTime is an answer without the moment at which it was known to be true.
func withoutTime(body []byte) []byte {
	before, after, ok := bytes.Cut(body, []byte(`"as_of":"`))
	if !ok {
		return body
	}
	_, after, _ = bytes.Cut(after, []byte(`"`))
	return append(bytes.Clone(before), after...)
}

// What is small, secret, or the very bytes of a strong tag stays as it is; so does everything for who does not take gzip.
func TestWhatIsNotCompressed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	note := `,"customer":{"name":"Ada","email":"ada@example.com","note":"` + strings.Repeat("very ", 390) + `"}`
	text, zipped, _ := s.unzipped(t, "POST", bookings, bookingAt("09:00", note))
	if zipped || len(text) < 1900 || !bytes.Contains(text, []byte("manage_token")) {
		t.Errorf("a manage token is compressed: %v, %d bytes", zipped, len(text))
	}
	b := decode[httpapi.Booking](t, &answer{body: text})
	token := bearer(b.Token)
	at := bookings + "/" + string(b.ID)
	var dates []string
	for day := range 200 {
		dates = append(dates, fmt.Sprintf(`{"date":"2027-%02d-%02d","closed":true}`, day/28+1, day%28+1))
	}
	s.do(t, "PUT", venues+"/resources/closed", edited(chairBody, `}}`, `},"exceptions":[`+strings.Join(dates, ",")+`]}`), admin()).
		want(t, 201, "")
	for _, call := range []struct {
		method, target string
		options        []option
	}{
		{"GET", at, []option{token}},
		{"POST", at + "/cancel", []option{token}},
		{"GET", venues, nil},
		{"GET", venues + "/resources/closed", nil}, // large, with a strong tag
		{"GET", fortnight, []option{header("Accept-Encoding", "identity")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "gzip;q=0")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "gzip; q=0.000, *")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "br, zstd")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "*;q=0")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "gzipped")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "gzip;q=x")}},
		{"GET", fortnight, []option{header("Accept-Encoding", "")}},
	} {
		if _, zipped, h := s.unzipped(t, call.method, call.target, "", call.options...); zipped || h.Get("Content-Encoding") != "" {
			t.Errorf("%s %s is compressed", call.method, call.target)
		}
	}
	for _, takes := range []string{"gzip", "GZIP", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "deflate, gzip ; q=0.5", "identity;q=0, x-gzip"} {
		if _, zipped, _ := s.unzipped(t, "GET", fortnight, "", header("Accept-Encoding", takes)); !zipped {
			t.Errorf("for %q it is not compressed", takes)
		}
	}
}
