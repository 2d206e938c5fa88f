package pages_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/pages"
	"vacancy/web"
)

const index = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="description" content="All venues." />
    <title>Vacancy</title>
    <script type="module" crossorigin src="/assets/app-1a2b.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/part-3c4d.js">
    <link rel="stylesheet" crossorigin href="/assets/app-5e6f.css">
  </head>
  <body>
    <div id="app"></div>
    <noscript>Needs JavaScript.</noscript>
  </body>
</html>
`

func build() fstest.MapFS {
	return fstest.MapFS{
		"index.html":         {Data: []byte(index)},
		"docs.html":          {Data: []byte("<title>Reference</title>")},
		"icon.svg":           {Data: []byte("<svg/>")},
		"assets/app-1a2b.js": {Data: []byte("export {}" + strings.Repeat("// padding\n", 200))},
	}
}

var now = time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC)

// venues are a barber, a venue whose texts try to leave their place, and one that cannot be read at the moment.
type venues struct{}

func (venues) Venue(_ context.Context, id booking.VenueID, service booking.ServiceID) (pages.Venue, error) {
	v := pages.Venue{
		Name: "Fade House", Email: "hi@fade.example", Phone: "+49 30 5550", Services: []pages.Service{
			{Name: "Haircut", Price: booking.Price{Amount: "32.00", Currency: "EUR"}}, {Name: "Beard"},
		}, Now: now,
		VenueJSON: []byte(`{"id":"barber"}`), ServicesJSON: []byte(`{"services":[]}`), ResourcesJSON: []byte(`{"resources":[]}`),
		FirstWeekJSON: []byte(`{"service":"` + string(service) + `"}`),
	}
	switch id {
	case "barber":
	case "closed":
		v.Archived = true
	case "empty":
		v.Services, v.FirstWeekJSON, v.Email, v.Phone = nil, nil, "", ""
	case "hostile":
		v.Name, v.Services = `"><script>alert(1)</script>&`, []pages.Service{{Name: "</title><script>alert(2)</script>"}}
		v.Email, v.Phone = `a"onclick="x@b.example`, `"><img src=x>`
		v.VenueJSON = []byte(`{"id":"hostile","name":"</script><script>alert(3)</script><!--"}`)
	case "unreadable":
		return pages.Venue{}, errors.New("the database is away")
	default:
		return pages.Venue{}, booking.ErrNotFound
	}
	return v, nil
}

func (venues) List(_ context.Context, limit int) (list []pages.ListedVenue, err error) {
	hostile := pages.ListedVenue{ID: "hostile", Name: `"><script>alert(1)</script>&`}
	list = append(list, pages.ListedVenue{ID: "barber", Name: "Fade House"}, hostile)
	return list[:min(limit, len(list))], nil
}

// manyVenues are as many as may be asked for, or cannot be listed at all.
type manyVenues struct {
	venues
	err error
}

func (m manyVenues) List(ctx context.Context, limit int) (list []pages.ListedVenue, err error) {
	if _, bounded := ctx.Deadline(); !bounded {
		return nil, errors.New("the page would wait for ever")
	}
	for i := range limit {
		list = append(list, pages.ListedVenue{ID: booking.VenueID(fmt.Sprintf("venue-%d", i)), Name: "A venue"})
	}
	return list, m.err
}

func newPages(t *testing.T, publicURL string) *pages.Pages {
	t.Helper()
	p, err := pages.New(pages.Options{Files: build(), Venues: venues{}, PublicURL: publicURL})
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
	p := newPages(t, "")
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/":                           {http.StatusOK, "<title>Vacancy</title>"},
		"/barber":                     {http.StatusOK, "<title>Fade House · Vacancy</title>"},
		"/barber/":                    {http.StatusOK, "<title>Fade House · Vacancy</title>"},
		"/barber/bookings/bk_1":       {http.StatusOK, "<title>Booking · Fade House · Vacancy</title>"},
		"/closed":                     {http.StatusNotFound, "<title>Nothing here · Vacancy</title>"},
		"/closed/bookings/bk_1":       {http.StatusOK, "<title>Booking · Fade House · Vacancy</title>"},
		"/unreadable":                 {http.StatusServiceUnavailable, "<title>Vacancy</title>"},
		"/nobody":                     {http.StatusNotFound, "<title>Nothing here · Vacancy</title>"},
		"/nobody/bookings/bk_1":       {http.StatusNotFound, "<title>Nothing here · Vacancy</title>"},
		"/assets/app-1a2b.js":         {http.StatusOK, "export"},
		"/icon.svg":                   {http.StatusOK, "<svg/>"},
		"/assets/gone-9f9f.js":        {http.StatusNotFound, "Nothing here"},
		"/barber/else":                {http.StatusNotFound, "Nothing here"},
		"/..%2f..%2fetc/passwd":       {http.StatusNotFound, "Nothing here"},
		"/assets/../../../etc/passwd": {http.StatusNotFound, "Nothing here"},
		"/docs.html":                  {http.StatusNotFound, "Nothing here"},
		"/index.html":                 {http.StatusNotFound, "Nothing here"},
		"/console":                    {http.StatusNotFound, "Nothing here"},
		"/assets/":                    {http.StatusNotFound, "Nothing here"},
	} {
		if w := get(p, path); w.Code != want.status || !strings.Contains(w.Body.String(), want.body) {
			t.Errorf("%s: %d %.400q", path, w.Code, w.Body)
		}
	}
	if w := get(http.HandlerFunc(p.Docs), "/docs"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Reference") {
		t.Errorf("/docs: %d %q", w.Code, w.Body)
	}
}

// A venue's page has its own words for those who run no scripts.
func TestVenuePageHasItsOwnWords(t *testing.T) {
	t.Parallel()
	page := get(newPages(t, "https://book.example.com"), "/barber/?service=cut").Body.String()
	for _, want := range []string{
		`<meta name="description" content="Book at Fade House: Haircut, Beard. See what is free right now, and book it.">`,
		`<link rel="canonical" href="https://book.example.com/barber">`,
		`<meta property="og:title" content="Fade House">`, `<meta property="og:type" content="website">`,
		`<meta property="og:url" content="https://book.example.com/barber">`, `<meta property="og:description" content="Book at Fade House`,
		`<h1>Fade House</h1>`, `<a href="tel:+49305550">+49 30 5550</a>`, `<a href="mailto:hi@fade.example">hi@fade.example</a>`,
		`<li>Haircut: 32.00 EUR</li>`, `<li>Beard</li>`, `src="/assets/app-1a2b.js"`, `<div id="app"></div>`,
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("the page has %d times %s:\n%s", strings.Count(page, want), want, page)
		}
	}
	for _, old := range []string{"All venues.", "<title>Vacancy</title>", "Needs JavaScript."} {
		if strings.Contains(page, old) {
			t.Errorf("the page still has %q", old)
		}
	}
	if strings.Index(page, "<noscript>") > strings.Index(page, `<div id="app">`) {
		t.Error("the words for those without scripts are below the program's place")
	}
	if own := get(newPages(t, ""), "http://any.example/barber").Body.String(); !strings.Contains(own, `href="http://any.example/barber"`) {
		t.Errorf("without a public URL, the address is not that of the request:\n%s", own)
	}
	page = get(newPages(t, ""), "/barber/bookings/bk_1").Body.String()
	if !strings.Contains(page, "noindex") || strings.Contains(page, "canonical") {
		t.Errorf("search engines may keep a booking's page:\n%s", page)
	}
}

// Visitors without JavaScript find the venues on the first page: all of a short list, and it is told when there are more. A list that
// cannot be read does not cost the others the page.
func TestHomePageListsVenues(t *testing.T) {
	t.Parallel()
	page := get(newPages(t, ""), "/").Body.String()
	for _, want := range []string{
		`<li><a href="/barber">Fade House</a></li>`, `<li><a href="/hostile">&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;</a></li>`,
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	if strings.Contains(page, "And more") || strings.Contains(page, "Needs JavaScript.") {
		t.Errorf("the page says more than there is:\n%s", page)
	}
	for _, test := range []struct {
		err    error
		links  int
		says   string
		status int
	}{{nil, 200, "And more", http.StatusOK}, {errors.New("the database is away"), 0, "Needs JavaScript.", http.StatusOK}} {
		p, err := pages.New(pages.Options{Files: build(), Venues: manyVenues{err: test.err}})
		if err != nil {
			t.Fatal(err)
		}
		w := get(p, "/")
		got, says := strings.Count(w.Body.String(), "<li><a "), strings.Contains(w.Body.String(), test.says)
		if got != test.links || !says || w.Code != test.status {
			t.Errorf("%v: %d with %d links, want %d and %q", test.err, w.Code, got, test.links, test.says)
		}
	}
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="vacancy-data">(.*?)</script>`)

// The data of the first week stands in the page, as the API has it.
func TestVenuePageBeginsWithData(t *testing.T) {
	t.Parallel()
	p := newPages(t, "")
	for path, want := range map[string]string{
		"/barber": `{"now":"2026-12-01T08:30:00Z","venue":{"id":"barber"},"services":{"services":[]},"resources":{"resources":[]},` +
			`"availability":{"service":""}}`,
		"/barber?service=cut": `{"now":"2026-12-01T08:30:00Z","venue":{"id":"barber"},"services":{"services":[]},` +
			`"resources":{"resources":[]},"availability":{"service":"cut"}}`,
		"/barber?service=%3C%2Fscript%3E": `{"now":"2026-12-01T08:30:00Z","venue":{"id":"barber"},"services":{"services":[]},` +
			`"resources":{"resources":[]},"availability":{"service":""}}`,
		"/empty": `{"now":"2026-12-01T08:30:00Z","venue":{"id":"barber"},"services":{"services":[]},"resources":{"resources":[]},` +
			`"availability":null}`,
	} {
		found := dataElement.FindStringSubmatch(get(p, path).Body.String())
		if len(found) != 2 || found[1] != want {
			t.Errorf("%s begins with %q", path, found)
		}
	}
	for _, path := range []string{"/nobody", "/closed", "/nobody/bookings/bk_1", "/console"} {
		if found := dataElement.FindStringSubmatch(get(p, path).Body.String()); len(found) != 2 || found[1] != `{"missing":true}` {
			t.Errorf("%s does not say that nothing is there: %q", path, found)
		}
	}
	for _, path := range []string{"/", "/unreadable", "/barber/bookings/bk_1"} {
		if dataElement.MatchString(get(p, path).Body.String()) {
			t.Errorf("%s has the data of a venue", path)
		}
	}
}

// What a venue's texts say stays text, wherever it stands in the page.
func TestVenueTextsStayText(t *testing.T) {
	t.Parallel()
	page := get(newPages(t, ""), "/hostile").Body.String()
	for _, bad := range []string{"<script>", "<img", `"onclick`, "<!--", `</title><`} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s:\n%s", bad, page)
		}
	}
	if strings.Count(page, "<script") != 2 || strings.Count(page, "</script>") != 2 {
		t.Errorf("the page has other scripts than its own:\n%s", page)
	}
	var data struct{ Venue struct{ Name string } }
	found := dataElement.FindStringSubmatch(page)
	if len(found) != 2 || json.Unmarshal([]byte(found[1]), &data) != nil || data.Venue.Name != "</script><script>alert(3)</script><!--" {
		t.Errorf("the data is not what was put in: %q", found)
	}
}

func TestPagesAreCachedAndCompressed(t *testing.T) {
	t.Parallel()
	p := newPages(t, "")
	for path, want := range map[string]string{
		"/assets/app-1a2b.js": "public, max-age=31536000, immutable", "/icon.svg": "no-cache", "/": "no-cache", "/nobody": "no-cache",
		"/barber": "no-store", "/barber/bookings/bk_1": "no-store", "/unreadable": "no-cache",
	} {
		if got := get(p, path).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s is cached with %q", path, got)
		}
	}
	for _, path := range []string{"/", "/barber", "/assets/app-1a2b.js"} {
		plain := get(p, path)
		if path != "/barber" {
			if w := get(p, path, "If-None-Match", plain.Header().Get("ETag")); w.Code != http.StatusNotModified {
				t.Errorf("%s unchanged is answered with %d", path, w.Code)
			}
		}
		zipped := get(p, path, "Accept-Encoding", "br, gzip;q=0.8")
		r, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		body, err := io.ReadAll(r)
		if err != nil || string(body) != plain.Body.String() || zipped.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s compressed differs: %v", path, err)
		}
		if path != "/barber" && zipped.Header().Get("ETag") == plain.Header().Get("ETag") {
			t.Errorf("%s has one tag for two contents", path)
		}
		if refused := get(p, path, "Accept-Encoding", "gzip;q=0"); refused.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed for who cannot read it", path)
		}
	}
	for _, link := range []string{"</assets/app-1a2b.js>; rel=modulepreload", "</assets/app-5e6f.css>; rel=preload; as=style"} {
		if got := get(p, "/barber").Header().Get("Link"); !strings.Contains(got, link) {
			t.Errorf("the page has the browser load %q", got)
		}
	}
}

func TestPagesKeepToThemselves(t *testing.T) {
	t.Parallel()
	p := newPages(t, "")
	for _, path := range []string{"/", "/barber", "/barber/bookings/bk_1", "/nowhere/at/all", "/unreadable", "/docs"} {
		handler := http.Handler(p)
		if path == "/docs" {
			handler = http.HandlerFunc(p.Docs)
		}
		h := get(handler, path).Header()
		for name, parts := range map[string][]string{
			"Content-Security-Policy": {
				"default-src 'none'", "script-src 'self';", "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
			},
			"Permissions-Policy":           {"camera=()", "geolocation=()"},
			"Cross-Origin-Opener-Policy":   {"same-origin"},
			"Cross-Origin-Resource-Policy": {"same-origin"},
			"X-Content-Type-Options":       {"nosniff"},
			"Referrer-Policy":              {"no-referrer"},
		} {
			for _, part := range parts {
				if !strings.Contains(h.Get(name), part) {
					t.Errorf("%s: %s is %q", path, name, h.Get(name))
				}
			}
		}
	}
	if h := get(p, "/assets/app-1a2b.js").Header(); h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("an asset has %v", h)
	}
}

func TestIncompleteBuildIsNoticed(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(fstest.MapFS){
		"no docs":        func(f fstest.MapFS) { delete(f, "docs.html") },
		"no index":       func(f fstest.MapFS) { delete(f, "index.html") },
		"no title":       func(f fstest.MapFS) { f["index.html"].Data = []byte(strings.Replace(index, "title>", "x>", 2)) },
		"no description": func(f fstest.MapFS) { f["index.html"].Data = []byte(strings.Replace(index, "description", "x", 1)) },
		"no noscript":    func(f fstest.MapFS) { f["index.html"].Data = []byte(strings.ReplaceAll(index, "noscript", "x")) },
		"no body":        func(f fstest.MapFS) { f["index.html"].Data = []byte(strings.Replace(index, "<body>", "", 1)) },
	} {
		files := build()
		spoil(files)
		if _, err := pages.New(pages.Options{Files: files, Venues: venues{}}); err == nil {
			t.Errorf("a build with %s was accepted", name)
		}
	}
	if _, err := pages.New(pages.Options{Files: web.FS(), Venues: venues{}}); err != nil {
		t.Errorf("the committed build: %v", err)
	}
}
