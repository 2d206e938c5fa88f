package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
)

// decodeBody reads the request's body into the value that a pointer leads to.
func (c *requestContext) decodeBody(into any) error {
	if err := c.checkBodyHeaders(); err != nil {
		return err
	}
	buf := getBuffer()
	defer putBuffer(buf)
	if err := c.readBody(buf); err != nil {
		return err
	}
	if c.route.optional && len(bytes.TrimSpace(buf.Bytes())) == 0 {
		return nil
	}
	return c.route.form.decode(buf.Bytes(), into)
}

// checkBodyHeaders refuses, before it is read, a body that is too large, or is not announced as JSON: what a page of another site can
// send without the browser asking us first is never JSON. A body that may be left out needs no Content-Type then, but has no other one.
func (c *requestContext) checkBodyHeaders() error {
	if c.r.ContentLength > maxBodyBytes {
		return errTooLarge
	}
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fieldProblem(errMediaType, "Content-Encoding", "must not be used")
	}
	given := c.r.Header.Get("Content-Type")
	if given == "application/json" || given == "" && c.r.ContentLength == 0 {
		return nil
	}
	media, params, err := mime.ParseMediaType(given)
	if err != nil || media != "application/json" {
		return fieldProblem(errMediaType, "Content-Type", "must be application/json")
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return fieldProblem(errMediaType, "Content-Type", "must have no charset but utf-8")
	}
	return nil
}

func (c *requestContext) readBody(buf *bytes.Buffer) error {
	body := http.MaxBytesReader(innermostWriter(c.w), c.r.Body, maxBodyBytes)
	_, err := buf.ReadFrom(body)
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errTimeout
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed("body", "ends before its announced length")
	}
	return malformed("body", "could not be received")
}

// innermostWriter is the server's own writer, which closes a connection whose body is not read to its end.
func innermostWriter(w http.ResponseWriter) http.ResponseWriter {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = wrapper.Unwrap()
	}
}
