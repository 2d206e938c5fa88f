package pages

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"vacancy/web"
)

func builtPages(t *testing.T) *Pages {
	t.Helper()
	p, err := New(fstest.MapFS{
		"index.html":         {Data: []byte("<title>Calendar</title>" + strings.Repeat("<p>slot</p>", 200))},
		"docs.html":          {Data: []byte("<title>Reference</title>")},
		"assets/app-1a2b.js": {Data: []byte("export {}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPagesByAddress(t *testing.T) {
	t.Parallel()
	p := builtPages(t)
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/":                           {http.StatusOK, "Calendar"},
		"/barber":                     {http.StatusOK, "Calendar"},
		"/barber/":                    {http.StatusOK, "Calendar"},
		"/barber/bookings/bk_1":       {http.StatusOK, "Calendar"},
		"/assets/app-1a2b.js":         {http.StatusOK, "export"},
		"/assets/gone-9f9f.js":        {http.StatusNotFound, "Calendar"},
		"/barber/else":                {http.StatusNotFound, "Calendar"},
		"/..%2f..%2fetc/passwd":       {http.StatusNotFound, "Calendar"},
		"/assets/../../../etc/passwd": {http.StatusNotFound, "Calendar"},
		"/docs.html":                  {http.StatusNotFound, "Calendar"},
		"/console":                    {http.StatusNotFound, "Calendar"},
		"/assets/":                    {http.StatusNotFound, "Calendar"},
	} {
		if w := get(p, path); w.Code != want.status || !strings.Contains(w.Body.String(), want.body) {
			t.Errorf("%s: %d %.40q", path, w.Code, w.Body)
		}
	}
}

func TestPagesAreCachedAndCompressed(t *testing.T) {
	t.Parallel()
	p := builtPages(t)
	if w := get(p, "/assets/app-1a2b.js"); !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("an asset is cached with %q", w.Header().Get("Cache-Control"))
	}
	plain := get(p, "/barber")
	if plain.Header().Get("Cache-Control") != "no-cache" || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("the page came with %v", plain.Header())
	}
	if w := get(p, "/barber", "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("an unchanged page was answered with %d", w.Code)
	}
	zipped := get(p, "/barber", "Accept-Encoding", "gzip, br")
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil || string(body) != plain.Body.String() || zipped.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Errorf("the compressed page differs: %v", err)
	}
}

func TestPagesKeepToThemselves(t *testing.T) {
	t.Parallel()
	p := builtPages(t)
	for _, path := range []string{"/", "/barber", "/nowhere/at/all"} {
		h := get(p, path).Header()
		for name, part := range map[string]string{
			"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if !strings.Contains(h.Get(name), part) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

func TestIncompleteBuildIsNoticed(t *testing.T) {
	t.Parallel()
	if _, err := New(fstest.MapFS{"index.html": {Data: []byte("x")}}); err == nil {
		t.Error("a build without docs.html was accepted")
	}
	if _, err := New(web.FS()); err != nil {
		t.Errorf("the committed build: %v", err)
	}
}
