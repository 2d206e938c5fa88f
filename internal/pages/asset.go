package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"vacancy/internal/live/wire"
)

// asset is a file of the build. It stays in memory, and is compressed once.
type asset struct {
	plain, zipped []byte // zipped is nil if it would save little
	contentType   string
	etag          string
}

func newAsset(name string, content []byte) (asset, error) {
	a := asset{plain: content, contentType: mime.TypeByExtension(path.Ext(name)), etag: etagOf(content)}
	if a.contentType == "" {
		a.contentType = http.DetectContentType(content)
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return asset{}, err
	}
	if _, err := w.Write(content); err != nil {
		return asset{}, err
	}
	if err := w.Close(); err != nil {
		return asset{}, err
	}
	if zipped.Len() < len(content)*9/10 {
		a.zipped = zipped.Bytes()
	}
	return a, nil
}

// etagOf is the entity tag of content that is not compressed.
func etagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// serve answers with the file. The headers that depend on what it is for are set by the caller.
func (a asset) serve(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", a.contentType)
	}
	content, etag := a.plain, a.etag
	if a.zipped != nil && wire.AcceptsGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		content, etag = a.zipped, strings.TrimSuffix(a.etag, `"`)+`-gz"`
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		_, _ = w.Write(content) // the reader may have gone
		return
	}
	header.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
