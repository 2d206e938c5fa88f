package httpserver_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"testing"

	"vacancy/internal/httpserver"
)

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// policy is that of a server whose customers come to https://book.example.com, by a proxy at 10.0.0.1.
func policy() httpserver.Policy {
	return httpserver.Policy{
		PublicURL: &url.URL{Scheme: "https", Host: "book.example.com"}, Hosts: []string{"other.example.com"},
		Trusted:     []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")},
		Misdirected: status(http.StatusMisdirectedRequest), PlainRefused: status(http.StatusForbidden),
	}
}

func request(method, target string, change func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "192.0.2.1:1000"
	if change != nil {
		change(r)
	}
	return r
}

func answer(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestGuardKnowsItsHosts(t *testing.T) {
	t.Parallel()
	guarded := policy().Guard(status(http.StatusOK))
	for host, want := range map[string]int{
		"book.example.com": 200, "BOOK.example.com:443": 200, "book.example.com.": 200, "book.example.com:8080": 200,
		"other.example.com": 200, "localhost:8080": 200, "127.0.0.1": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "[::1]": 200,
		"evil.example": 421, "book.example.com.evil.example": 421, "localhost.evil.example": 421, "192.0.2.9": 421, "10.0.0.1:80": 421,
		"": 421, "[": 421,
	} {
		if r := answer(guarded, request("GET", "/v1/venues", func(r *http.Request) { r.Host = host })); r.Code != want {
			t.Errorf("host %q is answered with %d", host, r.Code)
		}
		for _, health := range []string{"/healthz", "/readyz"} {
			if r := answer(guarded, request("GET", health, func(r *http.Request) { r.Host = host })); r.Code != http.StatusOK {
				t.Errorf("%s for host %q is answered with %d", health, host, r.Code)
			}
		}
	}
	open := httpserver.Policy{}.Guard(status(http.StatusOK))
	if r := answer(open, request("GET", "http://anything.example/", nil)); r.Code != http.StatusOK {
		t.Errorf("without a public URL, a host is answered with %d", r.Code)
	}
}

func TestGuardAndSchemes(t *testing.T) {
	t.Parallel()
	overTLS := func(r *http.Request) { r.TLS = new(tls.ConnectionState) }
	proxied := func(peer, scheme string) func(*http.Request) {
		return func(r *http.Request) { r.RemoteAddr = peer; r.Header.Set("X-Forwarded-Proto", scheme) }
	}
	const page, call = "http://book.example.com/barber?from=2026-12-01", "http://book.example.com/v1/venues"
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		hsts   bool
	}{
		"TLS":                             {request("GET", page, overTLS), 200, true},
		"a proxy with TLS":                {request("GET", page, proxied("10.0.0.1:99", "https")), 200, true},
		"a proxy without, a page":         {request("GET", page, proxied("10.0.0.1:99", "http")), 308, false},
		"a proxy without, a call":         {request("GET", call, proxied("10.0.0.1:99", "http")), 403, false},
		"a proxy without, a booking":      {request("POST", page, proxied("10.0.0.1:99", "http")), 403, false},
		"a proxy that says nothing":       {request("GET", call, proxied("10.0.0.1:99", "")), 200, false},
		"a stranger who says https":       {request("GET", call, proxied("192.0.2.1:99", "https")), 200, false},
		"a stranger who says http":        {request("GET", page, proxied("192.0.2.1:99", "http")), 200, false},
		"plain HTTP to a port without it": {request("GET", page, nil), 200, false},
	} {
		r := answer(policy().Guard(status(http.StatusOK)), c.r)
		if hsts := r.Header().Get("Strict-Transport-Security"); r.Code != c.status || hsts != "" != c.hsts {
			t.Errorf("%s: %d, Strict-Transport-Security %q", name, r.Code, hsts)
		}
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy         httpserver.Policy
		method, target string
		status         int
		location       string
	}{
		"a page":           {policy(), "GET", "http://book.example.com/a?from=2026-12-01", 308, "https://book.example.com/a?from=2026-12-01"},
		"another name":     {policy(), "HEAD", "http://other.example.com/", 308, "https://book.example.com/"},
		"an odd path":      {policy(), "GET", "http://book.example.com//evil.example/%2e", 308, "https://book.example.com//evil.example/%2e"},
		"an asset":         {policy(), "GET", "http://book.example.com/assets/x.js", 308, "https://book.example.com/assets/x.js"},
		"a call":           {policy(), "GET", "http://book.example.com/v1/venues", 403, ""},
		"a booking":        {policy(), "POST", "http://book.example.com/v1/venues/barber/bookings", 403, ""},
		"the document":     {policy(), "GET", "http://book.example.com/openapi.yaml", 403, ""},
		"metrics":          {policy(), "GET", "http://book.example.com/metrics", 403, ""},
		"readiness":        {policy(), "GET", "http://book.example.com/readyz", 403, ""},
		"liveness":         {policy(), "GET", "http://192.0.2.9/healthz", 200, ""},
		"another host":     {policy(), "GET", "http://evil.example/barber", 421, ""},
		"no public URL":    {httpserver.Policy{HTTPSPort: "443"}, "GET", "http://any.example:80/barber", 308, "https://any.example/barber"},
		"another port":     {httpserver.Policy{HTTPSPort: "8443"}, "GET", "http://any.example/", 308, "https://any.example:8443/"},
		"an IPv6 address":  {httpserver.Policy{HTTPSPort: "443"}, "GET", "http://[2001:db8::1]:80/", 308, "https://[2001:db8::1]/"},
		"that, other port": {httpserver.Policy{HTTPSPort: "8443"}, "GET", "http://[2001:db8::1]/", 308, "https://[2001:db8::1]:8443/"},
	} {
		r := answer(c.policy.Upgrade(status(http.StatusOK)), request(c.method, c.target, nil))
		if r.Code != c.status || r.Header().Get("Location") != c.location {
			t.Errorf("%s: %d to %q", name, r.Code, r.Header().Get("Location"))
		}
	}
}
