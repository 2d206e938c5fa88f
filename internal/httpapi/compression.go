package httpapi

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"

	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// Large answers are sent compressed to whoever takes gzip. These are left as they are:
//
//   - small ones: they fit into one packet either way;
//   - those with a manage token, and other answers about one booking: a secret must not stand in one compressed answer with what somebody
//     else chose;
//   - those with a strong ETag, which stands for the very bytes, and is what edits depend on;
//   - event streams, which are compressed in a way of their own (live/wire).
//
// All bodies are made in memory before the first byte is sent, so they are compressed in one go, and that of a snapshot once for all who
// ask. A wrapper around the writer, such as gzhttp, would do neither.

// writeCompressible answers with a body that may be compressed.
func (c *requestContext) writeCompressible(status int, body []byte) {
	c.writeEncoded(status, body, func() []byte { return compress(body) })
}

// writeSnapshot answers with the body of a snapshot, which is encoded and compressed once for all who ask.
func (c *requestContext) writeSnapshot(f *live.Frame) {
	c.writeEncoded(http.StatusOK, wire.JSON(f), func() []byte { return wire.Compressed(f, compress) })
}

func (c *requestContext) writeEncoded(status int, body []byte, compressed func() []byte) {
	if len(body) >= minCompressed && wire.AcceptsGzip(c.r.Header["Accept-Encoding"]) {
		if small := compressed(); small != nil {
			c.w.Header()["Content-Encoding"] = gzipCoding
			body = small
		}
	}
	writeBody(c.w, status, body)
}

// varies says in the answer of a read what it depends on besides the address, also if it is a 304.
func (c *requestContext) varies() {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return
	}
	if c.route.crossOrigin {
		c.w.Header()["Vary"] = varyOriginAndEncoding
	} else {
		c.w.Header()["Vary"] = varyEncoding
	}
}

// zippers are gzip writers that were used before: each has some hundred kilobytes of tables.
var zippers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzipLevel)
	if err != nil {
		panic(err) // the level is a constant that is one
	}
	return w
}}

// compress is a body compressed by gzip; nil if that saves little.
func compress(body []byte) []byte {
	w := zippers.Get().(*gzip.Writer) //nolint:errcheck,forcetypeassert // nothing else is in there
	defer zippers.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, len(body)/4))
	w.Reset(out)
	if _, err := w.Write(body); err != nil { // a buffer takes everything
		return nil
	}
	if w.Close() != nil || out.Len() > len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}
