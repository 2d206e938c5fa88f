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

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// read reads the request's body into the value that a pointer leads to.
func (c *call) read(into any) error {
	if err := c.admitBody(); err != nil {
		return err
	}
	buf := takeBuffer()
	defer giveBuffer(buf)
	if err := c.fill(buf); err != nil {
		return err
	}
	if c.route.optional && len(bytes.TrimSpace(buf.Bytes())) == 0 {
		return nil
	}
	return c.route.form.decode(buf.Bytes(), into)
}

// admitBody refuses, before it is read, a body that is too large or no JSON. Without a Content-Type it is taken for JSON.
func (c *call) admitBody() error {
	if c.r.ContentLength > maxBody {
		return errTooLarge
	}
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return mistaken(errMediaType, "Content-Encoding", "must not be used")
	}
	given := c.r.Header.Get("Content-Type")
	if given == "" || given == "application/json" || c.r.ContentLength == 0 {
		return nil
	}
	media, params, err := mime.ParseMediaType(given)
	if err != nil || media != "application/json" {
		return mistaken(errMediaType, "Content-Type", "must be application/json")
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return mistaken(errMediaType, "Content-Type", "must have no charset but utf-8")
	}
	return nil
}

func (c *call) fill(buf *bytes.Buffer) error {
	body := http.MaxBytesReader(serverWriter(c.w), c.r.Body, maxBody)
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

// serverWriter is the server's own writer, which closes a connection whose body is not read to its end.
func serverWriter(w http.ResponseWriter) http.ResponseWriter {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = wrapper.Unwrap()
	}
}
