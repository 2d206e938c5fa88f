package httpapi_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"vacancy/internal/httpapi"
)

// foreignRequest is one that a page of a stranger's site can have a visitor's browser send.
type foreignRequest struct {
	body    string
	options []option
	status  int
	code    string
	fields  []string
}

const allowedAsText = "JSON as text from an allowed origin"

func plainType(media string) option {
	return func(r *http.Request) {
		r.Header.Del("Content-Type")
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
	}
}

// foreignRequests are all forms that need no preflight, and those that a browser would not send without one, in case that it does.
func foreignRequests(body string) map[string]foreignRequest {
	origin := func(o string) option { return header("Origin", o) }
	site := func(s string) option { return header("Sec-Fetch-Site", s) }
	refused := func(options ...option) foreignRequest { return foreignRequest{body, options, 403, "forbidden", nil} }
	noJSON := func(media string, options ...option) foreignRequest {
		return foreignRequest{body, append(options, plainType(media)), 415, "unsupported_media_type", []string{"Content-Type"}}
	}
	emptyForm := noJSON("text/plain")
	emptyForm.body = ""
	return map[string]foreignRequest{
		"JSON from another site":               refused(origin("https://evil.example"), site("cross-site")),
		"the same from an old browser":         refused(origin("https://evil.example")),
		"a sandboxed page":                     refused(origin("null"), site("cross-site")),
		"a sandboxed page of an old browser":   refused(origin("null")),
		"a sister site":                        refused(origin("https://evil.example.com"), site("same-site")),
		"another port of this host":            refused(origin("http://example.com:8081"), site("same-site")),
		"the same from an old browser, too":    refused(origin("http://example.com:8081")),
		"a domain below the allowed one":       refused(origin("https://x.shop.example"), site("cross-site")),
		"the allowed one without TLS":          refused(origin("http://shop.example"), site("cross-site")),
		"the allowed one with another port":    refused(origin("https://shop.example:8443"), site("cross-site")),
		"one that does not say where it is":    refused(site("cross-site")),
		"a form from another site":             refused(origin("https://evil.example"), site("cross-site"), plainType("text/plain")),
		"a file":                               refused(origin("file://"), site("cross-site")),
		"an extension":                         refused(origin("chrome-extension://abc"), site("cross-site")),
		"JSON as text, without an origin":      noJSON("text/plain"),
		"a form, without an origin":            noJSON("application/x-www-form-urlencoded"),
		"a form with files, without an origin": noJSON("multipart/form-data; boundary=x"),
		"no type, as from a beacon":            noJSON(""),
		"a type that begins like JSON":         noJSON("application/json-patch"),
		"text that says it is JSON":            noJSON("text/plain; application/json"),
		allowedAsText:                          noJSON("text/plain", origin("https://shop.example"), site("cross-site")),
		"JSON as text from a page of our own":  noJSON("text/plain", origin("http://example.com"), site("same-origin")),
		"an empty form where none has to be":   emptyForm,
		"nothing, from another site":           {"", []option{origin("https://evil.example"), site("cross-site")}, 403, "forbidden", nil},
		"an upper-case scheme of another site": refused(origin("HTTPS://EVIL.EXAMPLE")),
		"our own pages' header from another site": refused(
			origin("https://evil.example"), site("cross-site"), header("X-Requested-With", "Vacancy"),
		),
		"an origin that only begins as our host": refused(origin("http://example.com.evil.example")),
	}
}

// Whatever form a page of another site chooses, nothing is changed by it. The list of calls comes from the document: a new one is tested
// the moment it exists.
func TestForeignPagesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.book(t, bookingAt("09:00", `,"hold":true`))
	before := s.do(t, "GET", bookings+"/"+string(b.ID), "", admin()).body
	t.Cleanup(func() { // all have run by then
		if after := s.do(t, "GET", bookings+"/"+string(b.ID), "", admin(), afterwards).body; !bytes.Equal(after, before) {
			t.Errorf("a foreign page changed something:\n%s\n%s", before, after)
		}
	})
	ids := strings.NewReplacer("{venue}", "barber", "{resource}", "mia", "{service}", "cut", "{booking}", string(b.ID))
	tried := 0
	for pattern, op := range s.contract.ops {
		method, path, _ := strings.Cut(pattern, " ")
		if method == http.MethodGet {
			continue
		}
		tried++
		var token []option
		switch {
		case len(op.Security) == 1:
			token = []option{admin()}
		case strings.Contains(path, "{booking}"):
			token = []option{bearer(b.Token)}
		}
		for name, request := range foreignRequests(`{}`) {
			if method == http.MethodDelete && request.status == 415 {
				continue // there is no body to misread
			}
			if method != http.MethodDelete && len(op.Security) == 1 && name == allowedAsText { // management calls are for no other site
				request = foreignRequest{request.body, request.options, 403, "forbidden", nil}
			}
			t.Run(op.OperationID+", "+name, func(t *testing.T) {
				t.Parallel()
				a := s.do(t, method, ids.Replace(path), request.body, append(token, request.options...)...)
				a.want(t, request.status, request.code, request.fields...)
				if a.header.Get("Access-Control-Allow-Origin") != "" && request.status == 403 {
					t.Error("the page may read the answer")
				}
			})
		}
	}
	if tried < 8 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// The header that tells our own pages cannot come from another site: it needs a preflight, which is refused.
func TestOwnPageHeaderNeedsAPreflight(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, "OPTIONS", bookings, "", header("Origin", "https://evil.example"), header("Access-Control-Request-Method", "POST"),
		header("Access-Control-Request-Headers", "content-type,x-requested-with")).want(t, 403, "forbidden")
	a := s.do(t, "OPTIONS", bookings, "", header("Origin", "https://shop.example"), header("Access-Control-Request-Method", "POST"))
	if strings.Contains(strings.ToLower(a.header.Get("Access-Control-Allow-Headers")), "x-requested-with") {
		t.Error("the header is allowed to pages of other sites")
	}
}

// The control of the test above: those who are not foreign get through, by the same calls.
func TestPagesThatAreNotForeign(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, options := range map[string][]option{
		"a program":                        nil,
		"a page of our own":                {header("Origin", "http://example.com"), header("Sec-Fetch-Site", "same-origin")},
		"the same in an old browser":       {header("Origin", "http://example.com")},
		"the same behind a proxy":          {header("Origin", "https://book.example"), header("Sec-Fetch-Site", "same-origin")},
		"the same over plain HTTP":         {header("Origin", "http://book.example"), header("X-Requested-With", "Vacancy")},
		"an allowed origin":                {header("Origin", "https://shop.example"), header("Sec-Fetch-Site", "cross-site")},
		"the same in an old browser, too":  {header("Origin", "https://shop.example")},
		"JSON with a charset":              {header("Content-Type", "application/json; charset=utf-8")},
		"an address that somebody typed":   {header("Sec-Fetch-Site", "none")},
		"an allowed origin, with its port": {header("Origin", "https://shop.example:443"), header("Sec-Fetch-Site", "cross-site")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := s.do(t, "POST", bookings, `{"service":"yoga","start":"2026-11-23T09:00:00+01:00",`+ada+`}`, options...).want(t, 201, "")
			b := decode[httpapi.Booking](t, made)
			s.do(t, "POST", bookings+"/"+string(b.ID)+"/cancel", "{}", append(options, bearer(b.Token))...).want(t, 200, "")
		})
	}
	s.do(t, "POST", bookings+"/bk_1/cancel", "", bearer("a-token-of-nobody")).want(t, 404, "not_found") // no body needs no type
}

// A page whose Origin is not the Host that arrives may be one of our own, behind a proxy: the operator is told what to do, once.
func TestOperatorHearsOfAnotherHost(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for range 3 {
		s.do(t, "POST", bookings, `{}`, header("Origin", "https://book.example")).want(t, 403, "forbidden")
		s.do(t, "POST", bookings, `{}`, header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site")).
			want(t, 403, "forbidden")
	}
	log := s.log.String()
	if n := strings.Count(log, "let the proxy pass on the Host header"); n != 1 || strings.Contains(log, "evil.example") {
		t.Errorf("the operator is told %d times:\n%s", n, log)
	}
}

// What is stored of allowed origins is what browsers send; what they never send is refused, by its place.
func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	put := func(origin string) *answer {
		return s.do(t, "PUT", venues, edited(venueBody, `"https://shop.example"`, `"https://a.example","`+origin+`"`), admin())
	}
	for given, want := range map[string]string{
		"https://Shop.Example":           "https://shop.example",
		"HTTPS://shop.example:443":       "https://shop.example",
		"http://shop.example:80":         "http://shop.example",
		"http://shop.example:443":        "http://shop.example:443",
		"https://xn--bcher-kva.example":  "https://xn--bcher-kva.example",
		"http://127.0.0.1:5173":          "http://127.0.0.1:5173",
		"http://[::1]:5173":              "http://[::1]:5173",
		"https://a-b.shop_1.example:444": "https://a-b.shop_1.example:444",
	} {
		if got := decode[httpapi.Venue](t, put(given).want(t, 200, "")).AllowedOrigins; len(got) != 2 || got[1] != want {
			t.Errorf("%s is stored as %q", given, got)
		}
	}
	for _, never := range []string{
		"*", "https://*", "https://*.shop.example", "*.shop.example", "null", "", " ", "https://", "https://shop.example/",
		"https://shop.example?", "https://shop.example#", "https://shop.example/x", "https://u@shop.example",
		"https://shop.example:", "https://shop.example:0",
		"https://shop.example:0443", "https://shop.example:65536", "https://shop..example", "https://-shop.example", "https://bücher.example",
		"ftp://shop.example", "file://", "//shop.example", "shop.example", "https://shop.example https://b.example", "https:shop.example",
		"https://shop.example.", "https://[::1", "https://[fe80::1%25eth0]", "https://[0:0::1]", "https://%65.example", " https://shop.example",
	} {
		put(never).want(t, 422, "invalid", "allowed_origins[1]")
	}
}

// Two strangers who come upon the same key do not share a booking: a key that is short enough for that is refused. Callers with a token
// have a space of their own, and so may call theirs as they like.
func TestStrangersWithOneKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	hold := bookingAt("09:00", `,"hold":true`)
	for _, short := range []string{"1", "booking", "order-1234", strings.Repeat("k", 15)} {
		for range 2 {
			s.do(t, "POST", bookings, hold, header("Idempotency-Key", short)).want(t, 422, "invalid", "Idempotency-Key")
		}
		made := s.do(t, "POST", bookings, hold, header("Idempotency-Key", short), admin()).want(t, 201, "")
		b := decode[httpapi.Booking](t, made)
		for range 2 {
			s.do(t, "POST", bookings+"/"+string(b.ID)+"/cancel", "", header("Idempotency-Key", short), bearer(b.Token)).want(t, 200, "")
		}
	}
	long := header("Idempotency-Key", strings.Repeat("k", 16))
	first, again := s.do(t, "POST", bookings, hold, long).want(t, 201, ""), s.do(t, "POST", bookings, hold, long).want(t, 201, "")
	if !bytes.Equal(first.body, again.body) {
		t.Error("a repeat under a long key is not one")
	}
}

// A key that was replaced, and then another of the same name, are not the same principal: the answers of one are not shown to the other.
func TestKeysOfOneNameDoNotShareAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	same := header("Idempotency-Key", "import-1")
	hold := bookingAt("09:00", `,"hold":true`)
	issue := func() option {
		key, err := s.keys.Issue(t.Context(), "till")
		must(t, err)
		return bearer(key)
	}
	old := issue()
	first := decode[httpapi.Booking](t, s.do(t, "POST", bookings, hold, same, old).want(t, 201, ""))
	repeat := decode[httpapi.Booking](t, s.do(t, "POST", bookings, hold, same, old).want(t, 201, ""))
	if repeat.ID != first.ID || repeat.Token != first.Token {
		t.Error("the same key does not get its own answer")
	}
	renewed := issue()
	other := decode[httpapi.Booking](t, s.do(t, "POST", bookings, hold, same, renewed).want(t, 201, ""))
	if other.ID == first.ID || other.Token == first.Token {
		t.Error("a new key of the same name sees the answer of the old one")
	}
	s.do(t, "GET", bookings, "", old).want(t, 403, "forbidden")
}
