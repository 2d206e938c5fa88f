package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"vacancy/internal/booking"
	"vacancy/internal/limit"
)

// requestContext is one request on its way through a route.
type requestContext struct {
	*api
	route *route
	w     http.ResponseWriter
	r     *http.Request
	actor booking.Actor
	// client is who is counted for what the request does.
	client limit.Client
}

// venue is the venue that the path names. What cannot be an id names nothing, and needs no look into the catalogue.
func (c *requestContext) venue() (booking.VenueID, error) {
	if isProbe(c.r) {
		return booking.ProbeVenue, nil
	}
	id, err := c.id("venue")
	return booking.VenueID(id), err
}

func (c *requestContext) id(param string) (string, error) {
	id := c.r.PathValue(param)
	if !booking.ValidID(id) {
		return "", booking.ErrNotFound
	}
	return id, nil
}

// json answers with a value.
func (c *requestContext) json(status int, v any) error {
	writeJSON(c.w, status, v)
	return nil
}

// compressibleJSON answers 200 with a value, compressed if the caller takes it.
func (c *requestContext) compressibleJSON(v any) error {
	buf := getBuffer()
	defer putBuffer(buf)
	if err := encode(buf, v); err != nil {
		return err
	}
	c.writeCompressible(http.StatusOK, buf.Bytes())
	return nil
}

// notModified answers 304 if the caller has what the tag stands for, and tells whether it did. The tag is sent either way, and caches
// are told to ask each time.
func (c *requestContext) notModified(tag string) bool {
	h := c.w.Header()
	h["Etag"] = []string{tag}
	h["Cache-Control"] = noCache
	if !matchesAny(c.r.Header["If-None-Match"], tag) {
		return false
	}
	c.w.WriteHeader(http.StatusNotModified)
	return true
}

// jsonWithETag answers with a value, under a tag made of its own bytes.
func (c *requestContext) jsonWithETag(v any) error {
	buf := getBuffer()
	defer putBuffer(buf)
	if err := encode(buf, v); err != nil {
		return err
	}
	if !c.notModified(contentTag(buf.Bytes())) {
		c.writeCompressible(http.StatusOK, buf.Bytes())
	}
	return nil
}

func contentTag(parts ...[]byte) string {
	sum := sha256.Sum256(bytes.Join(parts, []byte{0}))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// fingerprint is the SHA-256 of what a request asks, whichever way it was written down.
func fingerprint(parts ...string) [sha256.Size]byte {
	b := make([]byte, 0, usualFingerprint) // on the stack
	for _, part := range parts {
		b = append(b, byte(len(part)>>16), byte(len(part)>>8), byte(len(part)))
		b = append(b, part...)
	}
	return sha256.Sum256(b)
}
