package httpapi

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strconv"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
)

// RefuseConnection answers a connection that is not served, before anything was read from it, with the problem that tells why: 429 for a
// client that has too many, 503 if the node has. Where the connection is to be encrypted the answer cannot be read, and is a broken
// handshake.
func RefuseConnection(conn net.Conn, why error) {
	h := http.Header{"Content-Type": contentProblem, "Cache-Control": noStore, "Connection": {"close"}}
	if exceeded, ok := errors.AsType[*limit.Exceeded](why); ok {
		setRateLimit(h, exceeded)
	} else {
		why = booking.ErrBusy
	}
	m := meaningOf(why)
	if h.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(m.retryAfter))
	}
	id := rand.Text()
	h.Set(requestIDHeader, id)
	var body, answer bytes.Buffer
	if encode(&body, problemOf(m, why, id)) != nil {
		return
	}
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	answer.WriteString("HTTP/1.1 " + strconv.Itoa(m.status) + " " + http.StatusText(m.status) + "\r\n")
	_ = h.Write(&answer) // a buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(body.Bytes())
	_, _ = conn.Write(answer.Bytes()) // whoever has hung up reads no error either
}
