package httpapi

import (
	"errors"
	"net"
	"net/http"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
)

// RefuseConnection answers a connection that is not served, before anything was read from it, with the problem that tells why: 429 for a
// client that has too many, 503 if the node has. Where the connection is to be encrypted the answer cannot be read, and is a broken
// handshake.
func RefuseConnection(conn net.Conn, why error) {
	h := make(http.Header)
	if exceeded, ok := errors.AsType[*limit.Exceeded](why); ok {
		setRateLimit(h, exceeded)
	} else {
		why = booking.ErrBusy
	}
	_, _ = conn.Write(closingAnswer(why, h)) // whoever has hung up reads no error either
}
