package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"vacancy/internal/booking"
)

// pagePolicy lets pages load and call their own server and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageForm matches the addresses that the calendar's program serves: the list of venues, a venue, and a booking.
var pageForm = regexp.MustCompile(`^/([a-z0-9][a-z0-9_-]{0,63}(/bookings/[a-z0-9_-]+)?/?)?$`)

// Pages serves the built pages from memory: they are small, and compressed only once.
type Pages struct {
	files map[string]page // by path in the build: "index.html", "assets/app-1a2b.js"
}

type page struct {
	plain, zipped []byte // zipped is nil if it would save little
	kind          string
	etag          string
}

// New reads a build of the pages: see package web.
func New(built fs.FS) (*Pages, error) {
	p := &Pages{files: make(map[string]page)}
	err := fs.WalkDir(built, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(built, name)
		if err != nil {
			return err
		}
		p.files[name], err = newPage(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the built pages: %w", err)
	}
	for _, name := range []string{"index.html", "docs.html"} {
		if _, ok := p.files[name]; !ok {
			return nil, fmt.Errorf("the built pages have no %s", name)
		}
	}
	return p, nil
}

func newPage(name string, content []byte) (page, error) {
	sum := sha256.Sum256(content)
	p := page{plain: content, kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if p.kind == "" {
		p.kind = http.DetectContentType(content)
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return page{}, err
	}
	if _, err := w.Write(content); err != nil {
		return page{}, err
	}
	if err := w.Close(); err != nil {
		return page{}, err
	}
	if zipped.Len() < len(content)*9/10 {
		p.zipped = zipped.Bytes()
	}
	return p, nil
}

// ServeHTTP serves the page or asset of the address.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if file, ok := p.files[name]; ok && !strings.HasSuffix(name, ".html") {
		if strings.HasPrefix(name, "assets/") { // their names carry a hash of what is in them
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		file.serve(w, r, http.StatusOK)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	first, _, _ := strings.Cut(name, "/")
	if pageForm.MatchString(r.URL.Path) && !booking.VenueID(first).ServerPath() {
		p.files["index.html"].serve(w, r, http.StatusOK)
		return
	}
	p.files["index.html"].serve(w, r, http.StatusNotFound) // it says so
}

// Docs serves the reference of the API.
func (p *Pages) Docs(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	p.files["docs.html"].serve(w, r, http.StatusOK)
}

func (p page) serve(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Type", p.kind)
	header.Set("Vary", "Accept-Encoding")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-cache")
	}
	content, etag := p.plain, p.etag
	if p.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		content, etag = p.zipped, strings.TrimSuffix(p.etag, `"`)+`-gz"`
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		_, _ = w.Write(content) // the reader may have gone
		return
	}
	header.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
