package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"sync"

	"vacancy/internal/booking"
)

// Header values that are shared by all answers. Nobody changes a value in place: a Set replaces the slice, and an Add copies it.
var (
	contentJSON    = []string{"application/json"}
	contentProblem = []string{"application/problem+json"}
	noStore        = []string{"no-store"}
	noCache        = []string{"no-cache"}
	nosniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	varyOrigin     = []string{"Origin"}
	varyEncoding   = []string{"Accept-Encoding"}
	gzipCoding     = []string{"gzip"}
	// varyOriginAndEncoding is for reads that other origins may make.
	varyOriginAndEncoding = []string{"Origin, Accept-Encoding"}
	nothingLoads          = []string{"default-src 'none'; frame-ancestors 'none'"}
)

const requestIDHeader = "X-Request-Id"

// responseWriter notes what was answered, for the log and for requests that fail half-way. It passes on what live connections need.
type responseWriter struct {
	http.ResponseWriter
	// status is 0 until the answer has begun.
	status   int
	hijacked bool
	// problem is the code of the problem that was answered, if it was one.
	problem string
	// actor is who made the request, once that is known, and bytes how many were written, without those of a hijacked connection.
	actor booking.Actor
	bytes int64
	// endSpan ends the request's span, if it is traced.
	endSpan func(route string, status int)
}

func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *responseWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush implements [http.Flusher].
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError is what [http.ResponseController] calls.
func (w *responseWriter) FlushError() error {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker].
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.hijacked = true
	}
	return conn, rw, err
}

// Unwrap lets [http.ResponseController] reach the server's own writer.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var buffers sync.Pool

// writeJSON answers with a value. Those that the API answers with can always be encoded.
func writeJSON(w http.ResponseWriter, status int, v any) {
	buf := getBuffer()
	defer putBuffer(buf)
	if err := encode(buf, v); err != nil {
		panic(err) // ends in the log and a 500, as any fault of ours
	}
	writeBody(w, status, buf.Bytes())
}

// encode writes a value as JSON without a line break at its end, and without the escapes that are meant for JSON inside HTML.
func encode(buf *bytes.Buffer, v any) error {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	buf.Truncate(buf.Len() - 1)
	return nil
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	if h["Content-Type"] == nil {
		h["Content-Type"] = contentJSON
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever has hung up reads no error either
}

func getBuffer() *bytes.Buffer {
	if buf, ok := buffers.Get().(*bytes.Buffer); ok {
		return buf
	}
	return new(bytes.Buffer)
}

func putBuffer(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooledBuffer {
		buf.Reset()
		buffers.Put(buf)
	}
}
