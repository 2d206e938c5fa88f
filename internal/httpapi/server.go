package httpapi

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
)

// catchAllPattern is the pattern of whatever no route matches.
const catchAllPattern = "/"

var errPanicked = errors.New("the handler panicked")

// ServeHTTP gives every request an id, answers those that end in a panic, and notes how each went.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	res := &responseWriter{ResponseWriter: w}
	h := w.Header()
	h[requestIDHeader] = []string{requestID(r)}
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	if r.Header[probeHeader] != nil {
		r = a.markProbe(r)
	}
	if a.Tracer != nil && !isProbe(r) {
		r, res.endSpan = a.trace(r)
	}
	defer func() { a.finish(res, r, started, recover()) }()
	if len(r.URL.Path)+len(r.URL.RawQuery) > maxURLBytes {
		a.fail(res, r, errURITooLong)
		return
	}
	if !isCleanPath(r.URL.Path) { // which the mux would redirect, in HTML
		a.fail(res, r, booking.ErrNotFound)
		return
	}
	a.mux.ServeHTTP(res, r)
}

// isCleanPath tells whether a path begins with a slash and has no part that is empty, "." or "..". Only the last one may be empty.
func isCleanPath(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	for more := ok; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if part == "" && more || part == "." || part == ".." {
			return false
		}
	}
	return ok
}

// finish ends a request, whichever way it went. The panicValue is what its handler panicked with, if it did.
func (a *api) finish(w *responseWriter, r *http.Request, started time.Time, panicValue any) {
	if panicValue != nil && panicValue != http.ErrAbortHandler { //nolint:errorlint // the server itself compares it so
		a.Log.ErrorContext(r.Context(), "a request panicked", "request_id", w.Header().Get(requestIDHeader),
			"route", r.Pattern, "panic", panicValue, "stack", string(debug.Stack()))
		if w.status == 0 && !w.hijacked {
			a.fail(w, r, errPanicked)
			panicValue = nil
		}
	}
	took := time.Since(started)
	status := w.answered(r)
	if w.endSpan != nil {
		w.endSpan(r.Pattern, status)
	}
	if !isProbe(r) { // which counts and logs by itself
		a.note(w, r, status, took)
	}
	if panicValue != nil {
		panic(http.ErrAbortHandler) // cuts the connection: the answer had begun, and the caller is told that the rest will not come
	}
}

// note counts a request, and writes its line: at level info where the operator asks for it, else at debug.
func (a *api) note(w *responseWriter, r *http.Request, status int, took time.Duration) {
	a.Meter.Request(r.Pattern, status, took)
	if w.problem != "" {
		a.Meter.Problem(w.problem)
	}
	log, level := a.Log, levelOf(status)
	if a.AccessLog != nil {
		log, level = a.AccessLog, slog.LevelInfo
	}
	if log.Enabled(r.Context(), level) {
		log.LogAttrs(r.Context(), level, "request", a.attributes(w, r, status, took)...)
	}
}

// answered is the status that the caller got.
func (w *responseWriter) answered(r *http.Request) int {
	switch {
	case w.hijacked && r.Header.Get("Upgrade") != "":
		return http.StatusSwitchingProtocols
	case w.status == 0:
		return http.StatusOK
	}
	return w.status
}

// levelOf keeps what can happen thousands of times a second out of a log of level info: a fault of ours should be seen there, and
// outages are, once a second, by what their failures note.
func levelOf(status int) slog.Level {
	if status == http.StatusInternalServerError {
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// requestID is the caller's own id if it is fit for a log, else a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get(requestIDHeader); id != "" && len(id) <= maxRequestID && isPlainWord(id) {
		return id
	}
	return rand.Text()
}

func isPlainWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		letterOrDigit := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letterOrDigit && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// otherwise serves what no route matches: the pages, and everybody who is at the wrong address or uses the wrong method.
func (a *api) otherwise(w http.ResponseWriter, r *http.Request) {
	if !isAsset(r.URL.Path) {
		if err := a.Limits.Allow(a.clientOf(r), limit.Requests); err != nil {
			a.fail(w, r, err)
			return
		}
	}
	allowed := a.allowed(r)
	switch {
	case len(allowed) > 0:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		a.fail(w, r, errMethodNotAllowed)
	case isAPI(r.URL.Path):
		a.fail(w, r, booking.ErrNotFound)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		a.Pages.ServeHTTP(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD")
		a.fail(w, r, errMethodNotAllowed)
	}
}

// allowed are the methods that the address takes. It is asked only when the request's own is not among them.
func (a *api) allowed(r *http.Request) []string {
	var methods []string
	probe := *r
	for _, probe.Method = range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions,
	} {
		if _, pattern := a.mux.Handler(&probe); pattern != "" && pattern != catchAllPattern {
			methods = append(methods, probe.Method)
		}
	}
	return methods
}

// isAPI tells whether an address belongs to the API, so that nobody who mistypes one is answered with a page.
func isAPI(path string) bool { return path == "/v1" || strings.HasPrefix(path, "/v1/") }
