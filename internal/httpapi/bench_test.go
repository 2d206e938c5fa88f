package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// nowhere takes an answer at no cost.
type nowhere struct{ header http.Header }

func (w nowhere) Header() http.Header { return w.header }

func (w nowhere) Write(p []byte) (int, error) { return len(p), nil }

func (w nowhere) WriteHeader(int) {}

// bench serves the same request again and again.
func bench(b *testing.B, handler http.Handler, method, target, body string, options ...option) {
	b.Helper()
	b.ReportAllocs()
	r := httptest.NewRequestWithContext(b.Context(), method, target, nil)
	r.Header.Set("Content-Type", "application/json")
	for _, o := range options {
		o(r)
	}
	reader := strings.NewReader(body)
	r.Body, r.ContentLength = io.NopCloser(reader), int64(len(body))
	w := nowhere{make(http.Header)}
	for b.Loop() {
		reader.Reset(body)
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
}

// What the API costs besides the desk: routing, decoding, encoding, headers.
func BenchmarkBook(b *testing.B) {
	handler := httpapi.New(stubConfig())
	body := bookingAt("09:00", `,"party_size":1,`+ada)
	b.Run("plain", func(b *testing.B) { bench(b, handler, "POST", bookings, body) })
	b.Run("idempotent", func(b *testing.B) {
		bench(b, handler, "POST", bookings, body, header("Idempotency-Key", "0c5e6dd2-6a5b-4c0f-9d0c-7c2f5e1c1f0a"))
	})
	b.Run("malformed", func(b *testing.B) { bench(b, handler, "POST", bookings, body+"x") })
}

// GET availability against a bare handler that sends the same bytes: the difference is what the API costs.
func BenchmarkAvailability(b *testing.B) {
	handler := httpapi.New(stubConfig())
	week := weekBody()
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(week)
	})
	b.Run("week", func(b *testing.B) { bench(b, handler, "GET", free, "") })
	b.Run("unchanged", func(b *testing.B) { bench(b, handler, "GET", free, "", header("If-None-Match", `W/"e.7.0"`)) })
	b.Run("bare", func(b *testing.B) { bench(b, bare, "GET", free, "") })
}

// The same over a real connection, where what the API costs is to be compared with what HTTP costs.
func BenchmarkAvailabilityOverHTTP(b *testing.B) {
	week := weekBody()
	for name, handler := range map[string]http.Handler{
		"week": httpapi.New(stubConfig()),
		"bare": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(week)
		}),
	} {
		b.Run(name, func(b *testing.B) {
			srv := httptest.NewServer(handler)
			defer srv.Close()
			client := srv.Client()
			for b.Loop() {
				res, err := client.Get(srv.URL + free)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}
