package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
)

// Calls that change the catalogue or list bookings are for staff. The list of calls comes from the document, so a new one is tested
// the moment it exists: whatever it does, it must say that a key is needed, or be one of the calls named here as open.
func TestDefaultDeny(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	open := map[string][]string{
		"GET": {
			"list-venues", "get-venue", "list-resources", "get-resource", "list-services", "get-service", "get-availability",
			"watch-availability", "health", "readiness",
		},
		"POST": {"book"},
	}
	ids := strings.NewReplacer("{venue}", "barber", "{resource}", "mia", "{service}", "cut", "{booking}", "bk_1")
	for pattern, op := range s.contract.ops {
		t.Run(op.OperationID, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(pattern, " ")
			if slices.Contains(open[method], op.OperationID) {
				return
			}
			// Nothing of the request is looked at before the caller is: an empty body is not complained about.
			s.do(t, method, ids.Replace(path), "").want(t, http.StatusUnauthorized, "unauthenticated")
			s.do(t, method, ids.Replace(path), "", header("Authorization", "Bearer")).want(t, http.StatusUnauthorized, "unauthenticated")
			needsKey := len(op.Security) == 1 && op.Security[0]["key"] != nil
			isManagement := method == "PUT" || method == "DELETE" || op.OperationID == "list-bookings" || op.OperationID == "list-events" ||
				strings.Contains(path, "/webhooks")
			if needsKey != isManagement {
				t.Fatalf("the document says of %s that it needs a key: %v", pattern, needsKey)
			}
			if needsKey {
				s.do(t, method, ids.Replace(path), "", bearer("not-a-key-of-anybody")).want(t, http.StatusForbidden, "forbidden")
			}
		})
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	shop, evil := header("Origin", "https://shop.example"), header("Origin", "https://evil.example")
	for _, path := range []string{venues, venues + "/services", venues + "/resources/mia", free, "/v1/live?venue=barber&service=cut"} {
		a := s.do(t, "GET", path, "", shop).want(t, 200, "")
		if a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || a.header.Get("Vary") != "Origin, Accept-Encoding" {
			t.Errorf("%s: the allowed origin is told %q, Vary %q", path, a.header.Get("Access-Control-Allow-Origin"), a.header.Get("Vary"))
		}
		for who, o := range map[string]option{"another origin": evil, "no origin": header("X-Any", "x"), "null": header("Origin", "null")} {
			a := s.do(t, "GET", path, "", o)
			if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Vary") != "Origin, Accept-Encoding" {
				t.Errorf("%s: %s is told %q, Vary %q", path, who, a.header.Get("Access-Control-Allow-Origin"), a.header.Get("Vary"))
			}
		}
	}
	// A page must be able to read why it was refused.
	a := s.do(t, "POST", bookings, `{}`, shop).want(t, 422, "invalid", "service", "start")
	if a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Error("the page cannot read the problem")
	}
	if a := s.do(t, "GET", "/v1/venues", "", shop).want(t, 200, ""); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the list of all venues is no venue's to share")
	}
	b := s.book(t, bookingAt("09:00", `,`+ada), shop)
	s.do(t, "POST", bookings+"/"+string(b.ID)+"/cancel", "", shop, bearer(b.Token)).want(t, 200, "")
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ask := func(path, origin, method string) *answer {
		return s.do(t, "OPTIONS", path, "", header("Origin", origin), header("Access-Control-Request-Method", method))
	}
	a := ask(bookings, "https://shop.example", "POST").want(t, 204, "")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "600",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q; want %q", name, got, want)
		}
	}
	headers := a.header.Get("Access-Control-Allow-Headers")
	if a.header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(headers, "Idempotency-Key") {
		t.Errorf("the headers are %v", a.header)
	}
	// PUT has the same address as GET, and is not for other origins.
	if got := ask(venues, "https://shop.example", "PUT").want(t, 204, "").header.Get("Access-Control-Allow-Methods"); got != "GET" {
		t.Errorf("the allowed methods are %q", got)
	}
	ask(bookings, "https://evil.example", "POST").want(t, 403, "forbidden")
	ask("/v1/venues/nowhere/bookings", "https://shop.example", "POST").want(t, 403, "forbidden")
	s.do(t, "OPTIONS", bookings, "").want(t, 403, "forbidden")
	ask("/v1/live?venue=barber", "https://shop.example", "GET").want(t, 204, "")
	ask("/v1/live", "https://shop.example", "GET").want(t, 403, "forbidden")
}

// Live connections are not bound by what CORS binds: browsers open a WebSocket to anywhere. A connection keeps the origin of its page.
func TestPageOrigin(t *testing.T) {
	t.Parallel()
	venue := booking.Venue{ID: "barber", AllowedOrigins: []string{"https://shop.example", "HTTPS://Old.example:443"}}
	of := httpapi.PageOriginOf(stub{venue: venue})
	for name, test := range map[string]struct {
		origin, site     string
		foreign, allowed bool
	}{
		"no browser":                        {"", "", false, true},
		"the server's own page":             {"https://example.com", "", false, true},
		"the same, behind a proxy":          {"https://book.example", "same-origin", false, true},
		"an allowed origin":                 {"https://shop.example", "", true, true},
		"the same, as the browser has it":   {"https://shop.example", "cross-site", true, true},
		"the same in capitals":              {"https://SHOP.example", "", true, true},
		"the same with its port":            {"https://shop.example:443", "", true, true},
		"one that was listed with its port": {"https://old.example", "", true, true},
		"another origin":                    {"https://evil.example", "", true, false},
		"another port":                      {"https://shop.example:8443", "", true, false},
		"another scheme":                    {"http://shop.example", "", true, false},
		"a suffix":                          {"https://my-shop.example", "", true, false},
		"a domain below":                    {"https://x.shop.example", "", true, false},
		"a sandboxed page":                  {"null", "", true, false},
		"a page that does not say which":    {"", "cross-site", true, false},
		"nonsense":                          {"%%%", "", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/v1/live", nil)
			for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			page := of(r)
			if page.Foreign() != test.foreign || page.Allowed(t.Context(), "barber") != test.allowed {
				t.Errorf("foreign: %v, allowed: %v", page.Foreign(), page.Allowed(t.Context(), "barber"))
			}
			for _, other := range []string{"", "No Where"} {
				if page.Allowed(t.Context(), other) != !test.foreign {
					t.Errorf("the venue %q may be watched: %v", other, test.foreign)
				}
			}
		})
	}
}

// A management key in a page of another site, even one that the venue allows, is a key in the hands of everybody who visits it.
func TestKeysAreNotForForeignPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	b := s.book(t, bookingAt("09:00", `,`+ada))
	at := bookings + "/" + string(b.ID)
	const host = "http://example.com" // what httptest calls the server
	origin := func(o string) option { return header("Origin", o) }
	site := func(s string) option { return header("Sec-Fetch-Site", s) }
	for name, test := range map[string]struct {
		options []option
		status  int
		code    string
	}{
		"no browser":                       {nil, 200, ""},
		"a page of the server's own":       {[]option{origin(host)}, 200, ""},
		"the same, behind a proxy":         {[]option{origin("https://book.example"), site("same-origin")}, 200, ""},
		"a page of an allowed origin":      {[]option{origin("https://shop.example")}, 403, "forbidden"},
		"a page of a sister site":          {[]option{origin("https://a.example.com"), site("same-site")}, 403, "forbidden"},
		"a sandboxed page":                 {[]option{origin("null")}, 403, "forbidden"},
		"a page that says it is something": {[]option{origin("%%%")}, 403, "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.do(t, "GET", at, "", append(test.options, admin())...).want(t, test.status, test.code)
			s.do(t, "PUT", venues, venueBody, append(test.options, admin())...).want(t, test.status, test.code)
			s.do(t, "GET", at, "", append(test.options, bearer(b.Token))...).want(t, 200, "") // its own token is the page's to use
		})
	}
}
