package httpapi

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// A request that cannot be read is refused by net/http before any handler, in a few words of plain text, which nothing lets us change.
// The words are recognised as they are written to the connection, and a problem is sent in their place. Below TLS they cannot be seen:
// there they stay.

// EarlyErrors has a listener's connections answer requests that cannot be read as the API answers.
func EarlyErrors(inner net.Listener) net.Listener { return earlyErrorListener{inner} }

type earlyErrorListener struct{ net.Listener }

func (l earlyErrorListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return earlyErrorConn{conn}, nil
}

type earlyErrorConn struct{ net.Conn }

// earlyErrorHead is what net/http writes between the status and its words, and nothing else ever begins with: answers of handlers have a
// Date, at least. It is 400, 431, 501 or 505.
const earlyErrorHead = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// failedExpectation is how net/http begins an answer to an Expect header that it does not know. It has no body; no handler answers so.
var failedExpectation = []byte("HTTP/1.1 417 ")

// Write implements [net.Conn].
func (c earlyErrorConn) Write(b []byte) (int, error) {
	if len(b) > maxEarlyError || !bytes.HasPrefix(b, []byte("HTTP/1.1 ")) {
		return c.Conn.Write(b)
	}
	if bytes.HasPrefix(b, failedExpectation) {
		return c.replace(b, closingAnswer(errExpectation, http.Header{}))
	}
	line, words, ok := strings.Cut(string(b), earlyErrorHead)
	if !ok || strings.Contains(line, "\n") {
		return c.Conn.Write(b)
	}
	return c.replace(b, earlyProblem(line, words))
}

// replace writes an answer in place of b.
func (c earlyErrorConn) replace(b, answer []byte) (int, error) {
	if _, err := c.Conn.Write(answer); err != nil {
		return 0, err
	}
	return len(b), nil
}

// CloseWrite is how net/http ends an answer to a request that it did not read to the end.
func (c earlyErrorConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// earlyProblem is the answer in place of a status line "HTTP/1.1 400 Bad Request: missing required Host header" and its words.
func earlyProblem(line, words string) []byte {
	code, _, _ := strings.Cut(strings.TrimPrefix(line, "HTTP/1.1 "), " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		status = http.StatusBadRequest
	}
	problem := errMalformed
	switch status {
	case http.StatusRequestHeaderFieldsTooLarge:
		problem = errHeadersTooLarge
	case http.StatusHTTPVersionNotSupported:
		problem = errHTTPVersion
	case http.StatusNotImplemented:
		problem = errTransferEncoding
	default:
		if _, detail, ok := strings.Cut(words, ": "); ok {
			problem = &requestError{reason: errMalformed, detail: "The request cannot be read: " + printable(detail) + "."}
		}
	}
	return closingAnswer(problem, http.Header{})
}

// closingAnswer is a whole answer, of an error, on a connection that is closed behind it.
func closingAnswer(problem error, h http.Header) []byte {
	m, id := meaningOf(problem), rand.Text()
	h["Content-Type"], h["Cache-Control"], h["Connection"] = contentProblem, noStore, []string{"close"}
	h.Set(requestIDHeader, id)
	if m.retryAfter > 0 && h.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(m.retryAfter))
	}
	var body, answer bytes.Buffer
	if err := encode(&body, problemOf(m, problem, id)); err != nil {
		panic(err) // those that the API answers with can always be encoded
	}
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	answer.WriteString("HTTP/1.1 " + strconv.Itoa(m.status) + " " + http.StatusText(m.status) + "\r\n")
	_ = h.Write(&answer) // a buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(body.Bytes())
	return answer.Bytes()
}
