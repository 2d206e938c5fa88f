package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
)

// limited is a server with limits, whose clock stands, and the time of whose limits is its own.
type limited struct {
	*server
	time *clock
}

func (c *clock) limits() *limit.Limiter {
	return limit.New(limit.Config{Trusted: limit.Loopback(), Now: c.Now, Log: discard, Meter: noRefusals{}, Alerts: limit.NoAlerts{}})
}

type noRefusals struct{}

func (noRefusals) Refused(string) {}

func (noRefusals) Unidentified(string) {}

// newLimited is a real server, and newLimitedStub one that says yes to whatever gets through to it.
func newLimited(t *testing.T) *limited {
	t.Helper()
	l := &limited{time: new(clock)}
	l.server = newServer(t, func(c *httpapi.Config) { c.Limits = l.time.limits() })
	return l
}

func newLimitedStub() *limited {
	l := &limited{time: new(clock)}
	config := stubConfig()
	config.Limits = l.time.limits()
	l.server = &server{Handler: httpapi.New(config)}
	return l
}

// do makes a request. What a stub answers is nothing to hold against the document, but for what it refuses.
func (l *limited) do(t *testing.T, method, target, body string, options ...option) *answer {
	t.Helper()
	if l.contract != nil {
		return l.server.do(t, method, target, body, options...)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	a := &answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	if a.status >= http.StatusBadRequest {
		document().check(t, r, a)
	}
	return a
}

// from is a request's other end, and behind the address for which the proxy on the machine asks.
func from(address string) option { return func(r *http.Request) { r.RemoteAddr = address } }

func behind(address string) option {
	return func(r *http.Request) {
		r.RemoteAddr = "127.0.0.1:5120"
		r.Header.Set("X-Forwarded-For", address)
	}
}

const somebody = "203.0.113.7"

// flood makes requests until one is refused, and returns how many were not.
func (l *limited) flood(t *testing.T, most int, method, target, body string, options ...option) (n int, refused *answer) {
	t.Helper()
	for n = range most {
		if a := l.do(t, method, target, body, options...); a.status == http.StatusTooManyRequests {
			return n, a
		}
	}
	return most, nil
}

// Who asks too often is told so, when to come back, and what would have been fine; and then gets through again.
func TestFloodsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, target, body string
		options              []option
		passed               int
		policy, state, retry string
	}{
		"requests": {"GET", venues, "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"preflights": {
			"OPTIONS", bookings, "",
			[]option{header("Origin", "https://shop.example")},
			1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1",
		},
		"pages":           {"GET", "/barber", "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"wrong addresses": {"GET", "/v1/nothing", "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"wrong methods":   {"PATCH", venues, "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"the document":    {"GET", "/openapi.yaml", "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"its reader":      {"GET", "/docs", "", nil, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1"},
		"what is refused anyway": {
			"POST", bookings, "{}", []option{header("Content-Type", "text/plain")}, 1000, `"requests";q=1000;w=10`, `"requests";r=0;t=1`, "1",
		},
		"bookings": {"POST", bookings, bookingAt("09:00", `,`+ada), nil, 60, `"bookings";q=60;w=30`, `"bookings";r=0;t=1`, "1"},
		"holds":    {"POST", bookings, bookingAt("09:00", `,"hold":true`), nil, 60, `"bookings";q=60;w=30`, `"bookings";r=0;t=1`, "1"},
		"wrong keys": {
			"PUT", venues, venueBody,
			[]option{bearer("abc")},
			10, `"failed_authentication";q=10;w=100`, `"failed_authentication";r=0;t=10`, "10",
		},
		"what is no key": {
			"PUT", venues, venueBody,
			[]option{bearer("def")},
			10, `"failed_authentication";q=10;w=100`, `"failed_authentication";r=0;t=10`, "10",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimitedStub()
			options := append(slices.Clone(test.options), behind(somebody))
			n, refused := l.flood(t, 5000, test.method, test.target, test.body, options...)
			if n != test.passed || refused == nil {
				t.Fatalf("%d requests got through; want %d", n, test.passed)
			}
			refused.want(t, http.StatusTooManyRequests, "too_many")
			for name, want := range map[string]string{
				"RateLimit-Policy": test.policy, "RateLimit": test.state, "Retry-After": test.retry, "Cache-Control": "no-store",
			} {
				if got := refused.header.Get(name); got != want {
					t.Errorf("%s is %s; want %s", name, got, want)
				}
			}
			if other := l.do(t, test.method, test.target, test.body, append(test.options, behind("203.0.113.8"))...); other.status == 429 {
				t.Error("somebody else is refused too")
			}
			seconds, err := strconv.Atoi(refused.header.Get("Retry-After"))
			must(t, err)
			l.time.Advance(time.Duration(seconds) * time.Second)
			if again := l.do(t, test.method, test.target, test.body, options...); again.status == 429 {
				t.Error("who comes back when told to is refused again")
			}
		})
	}
}

// A page of an allowed origin can read that and why it was refused.
func TestRefusalsCanBeReadByPages(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	_, a := l.flood(t, 5000, "GET", venues, "", header("Origin", "https://shop.example"), behind(somebody))
	exposed := a.header.Get("Access-Control-Expose-Headers")
	if a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(exposed, "RateLimit") {
		t.Errorf("the headers are %v", a.header)
	}
}

// A class of thirty sits behind one address. All open the page, choose, hold and confirm within the same second.
func TestClassBehindOneAddressGetsThrough(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	for pupil := range 30 {
		l.visit(t, somebody)
		l.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), behind(somebody), key("hold", pupil)).want(t, 201, "")
		l.do(t, "POST", bookings+"/bk_1/confirm", `{`+ada+`}`, behind(somebody), bearer("abc"), key("confirm", pupil)).want(t, 200, "")
	}
}

// key is an idempotency key of its own for each.
func key(what string, n int) option {
	return header("Idempotency-Key", fmt.Sprintf("a-key-for-%s-of-%06d", what, n))
}

// visit is what a page asks for when it opens.
func (l *limited) visit(t *testing.T, address string) {
	t.Helper()
	for _, target := range []string{
		"/barber", "/assets/app.js", "/assets/app.css", "/assets/calendar.js", venues, venues + "/services", venues + "/resources", free,
		free, "/v1/live?venue=barber", "/assets/icon.svg",
	} {
		if a := l.do(t, "GET", target, "", behind(address)); a.status != http.StatusOK {
			t.Fatalf("%s is answered with %d", target, a.status)
		}
	}
}

// A city surfs behind one address of a carrier's. In ten minutes 6,000 people open the page and 1,000 of them book.
func TestCityBehindOneAddressGetsThrough(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	for person := range 6000 {
		l.visit(t, somebody)
		if person%6 == 0 {
			l.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), behind(somebody), key("city", person)).want(t, 201, "")
		}
		l.time.Advance(100 * time.Millisecond)
	}
}

// A shop stands behind a proxy that nobody configured. However many customers it has, none of them is refused for the others.
func TestShopBehindAnUnknownProxyGetsThrough(t *testing.T) {
	t.Parallel()
	for name, peer := range map[string]option{
		"on another machine":                  from("10.0.0.9:5120"),
		"on another machine, with the header": func(r *http.Request) { behind(somebody)(r); from("10.0.0.9:5120")(r) },
		"on this machine":                     from("127.0.0.1:5120"),
		"by IPv6":                             from("[fd00::9]:5120"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLimitedStub()
			if n, refused := l.flood(t, 3000, "GET", venues, "", peer); refused != nil {
				t.Errorf("only %d requests got through", n)
			}
			if n, refused := l.flood(t, 300, "POST", bookings, bookingAt("09:00", `,`+ada), peer); refused != nil {
				t.Errorf("only %d bookings got through", n)
			}
		})
	}
}

// A household has a /64. What it uses up its neighbours still have.
func TestNeighboursByIPv6GetThrough(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	book := func(address string) int {
		peer := from(netip.AddrPortFrom(netip.MustParseAddr(address), 1).String())
		n, _ := l.flood(t, 1000, "POST", bookings, bookingAt("09:00", `,`+ada), peer)
		return n
	}
	if first, second := book("2001:db8:1:2::1"), book("2001:db8:1:2:ffff::1"); first != 60 || second != 0 {
		t.Errorf("a household books %d times, and from another device %d times", first, second)
	}
	if n := book("2001:db8:1:3::1"); n != 60 {
		t.Errorf("its neighbour books %d times", n)
	}
}

// Whoever has used up the bookings of an address can still do everything with those that were made; and who lost an answer gets it.
func TestRetriesAndStepsAreNoNewBookings(t *testing.T) {
	t.Parallel()
	l := newLimited(t)
	client := behind(somebody)
	first := l.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), client, key("hold", 1)).want(t, 201, "")
	b := decode[httpapi.Booking](t, first)
	at := bookings + "/" + string(b.ID)
	for i := range 59 { // each is cancelled, so that there is room for the next
		made := l.do(t, "POST", bookings, bookingAt("10:00", `,`+ada), client, key("others", i)).want(t, 201, "")
		other := decode[httpapi.Booking](t, made)
		l.do(t, "POST", bookings+"/"+string(other.ID)+"/cancel", "", client, bearer(other.Token)).want(t, 200, "")
	}
	l.do(t, "POST", bookings, bookingAt("11:00", `,`+ada), client).want(t, 429, "too_many")
	l.do(t, "POST", bookings, bookingAt("11:00", `,`+ada), client, key("new", 1)).want(t, 429, "too_many")
	for range 3 {
		again := l.do(t, "POST", bookings, bookingAt("09:00", `,"hold":true`), client, key("hold", 1)).want(t, 201, "")
		if !bytes.Equal(again.body, first.body) {
			t.Errorf("a repeat is answered with %s", again.body)
		}
	}
	l.do(t, "POST", at+"/extend", "", client, bearer(b.Token)).want(t, 200, "")
	l.do(t, "POST", at+"/confirm", `{`+ada+`}`, client, bearer(b.Token), key("confirm", 1)).want(t, 200, "")
	l.do(t, "POST", at+"/cancel", "", client, bearer(b.Token)).want(t, 200, "")
	l.do(t, "POST", bookings, bookingAt("11:00", `,`+ada), client, admin()).want(t, 201, "") // a key has limits of its own
}

// Two requests come together under one Idempotency-Key: the first cannot succeed, the second is a booking. The second is no repeat of
// the first, so pairs are no way around the limit.
func TestPairsUnderOneKeyAreCounted(t *testing.T) {
	t.Parallel()
	l := &limited{time: new(clock)}
	config := stubConfig()
	config.Limits = l.time.limits()
	pairs := &pairingDesk{stub: config.Desk.(stub)} //nolint:errcheck,forcetypeassert // it is one
	config.Desk = pairs
	l.server = &server{Handler: httpapi.New(config)}
	made := 0
	for i := range 100 {
		pairs.second = func() {
			if l.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), behind(somebody), key("pair", i)).status == http.StatusCreated {
				made++
			}
		}
		l.do(t, "POST", bookings, bookingAt("09:07", `,`+ada), behind(somebody), key("pair", i))
	}
	if made > 60 {
		t.Errorf("%d bookings were made; one client may make 60 at once", made)
	}
}

// pairingDesk has no slot at seven past. While it says so, the second request of a pair arrives.
type pairingDesk struct {
	stub
	second func()
}

func (d *pairingDesk) Book(ctx context.Context, a booking.Actor, r desk.BookRequest) (desk.Outcome, error) {
	if r.Start.Minute() == 7 {
		d.second()
		return desk.Outcome{}, booking.ErrNotASlot
	}
	return d.stub.Book(ctx, a, r)
}

// A lost race is no booking: who is refused for want of room can try the next slot, however often.
func TestLostRacesAreFree(t *testing.T) {
	t.Parallel()
	l := newLimited(t)
	client := behind(somebody)
	l.do(t, "POST", bookings, bookingAt("09:00", `,"resource":"mia",`+ada), client).want(t, 201, "")
	for i := range 100 {
		l.do(t, "POST", bookings, bookingAt("09:00", `,"resource":"mia",`+ada), client, key("late", i)).want(t, 409, "slot_unavailable")
	}
	l.do(t, "POST", bookings, bookingAt("09:30", `,`+ada), client).want(t, 201, "")
}

// Somebody behind the address guesses keys and tokens. Right ones are never refused for it, wrong ones are told to slow down.
func TestRightTokensAfterWrongOnes(t *testing.T) {
	t.Parallel()
	l := newLimited(t)
	client := behind(somebody)
	b := l.book(t, bookingAt("09:00", `,`+ada), client)
	at := bookings + "/" + string(b.ID)
	for i := range 50 {
		status, code := 403, "forbidden"
		if i >= 10 {
			status, code = 429, "too_many"
		}
		l.do(t, "GET", at, "", client, bearer(fmt.Sprintf("a-guess-at-a-token-%d", i))).want(t, status, code)
	}
	l.do(t, "PUT", venues, venueBody, client, bearer("a-guess-at-a-key")).want(t, 429, "too_many")
	l.do(t, "GET", at, "", client, header("Authorization", "Basic YTpi")).want(t, 429, "too_many")
	l.do(t, "PUT", venues, venueBody, client, admin()).want(t, 200, "")
	l.do(t, "GET", at, "", client, admin()).want(t, 200, "")
	l.do(t, "GET", at, "", client, bearer(b.Token)).want(t, 200, "")
	l.do(t, "POST", at+"/cancel", "", client, bearer(b.Token)).want(t, 200, "")
	l.do(t, "GET", venues, "", client).want(t, 200, "")
	l.do(t, "GET", at, "", behind("203.0.113.8"), bearer("a-guess-at-a-token")).want(t, 403, "forbidden")
}

// A right key gets through an address whose requests are used up by others, whichever call it makes, those that need no key among them:
// it is not the address that is counted for it.
func TestKeysAreNotHeldByTheirAddress(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	l.flood(t, 5000, "GET", venues, "", behind(somebody))
	l.do(t, "GET", bookings, "", behind(somebody), admin()).want(t, 200, "")
	for pattern := range document().ops {
		method, path, _ := strings.Cut(pattern, " ")
		target := pathParameter.ReplaceAllString(path, "a")
		a := l.do(t, method, target, "", behind(somebody), admin())
		if a.status == http.StatusTooManyRequests || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden {
			t.Errorf("%s: %d %s", pattern, a.status, a.body)
		}
		if free := path == "/healthz" || path == "/readyz"; !free { // the control: a wrong key does not get through
			l.do(t, method, target, "", behind(somebody), bearer("abc")).want(t, 429, "too_many")
		}
	}
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// asked counts what the API asks of others on behalf of a request.
type asked struct {
	stub
	keys, venues *atomic.Int64
}

func (a asked) Actor(ctx context.Context, r *http.Request) (booking.Actor, error) {
	if _, ok := a.TokenHash(r); ok {
		a.keys.Add(1)
	}
	return a.stub.Actor(ctx, r)
}

func (a asked) Venue(ctx context.Context, id booking.VenueID) (booking.Venue, *time.Location, error) {
	a.venues.Add(1)
	return a.stub.Venue(ctx, id)
}

// newAsked is a stub with limits, and what it asks.
func newAsked() (*limited, asked) {
	l := &limited{time: new(clock)}
	config := stubConfig()
	a := asked{stub: config.Desk.(stub), keys: new(atomic.Int64), venues: new(atomic.Int64)} //nolint:errcheck,forcetypeassert // it is one
	config.Limits, config.Callers, config.Catalogue = l.time.limits(), a, a
	l.server = &server{Handler: httpapi.New(config)}
	return l, a
}

// What a client sends that is over its requests costs no question to the database, but for a few tokens that may be right keys.
func TestWhatIsRefusedAsksNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, target string
		options        func(n int) []option
		keys           int64
	}{
		"pages of other origins": {"GET", bookings + "/bk_1", func(n int) []option {
			return []option{header("Origin", fmt.Sprintf("https://%d.example", n))}
		}, 0},
		"venues that are not":     {"GET", "/v1/venues/none", func(int) []option { return []option{header("Origin", "https://a.example")} }, 0},
		"preflights":              {"OPTIONS", bookings, func(int) []option { return []option{header("Origin", "https://a.example")} }, 0},
		"guessed keys":            {"GET", bookings, func(n int) []option { return []option{bearer(fmt.Sprintf("guess-%d", n))} }, 20},
		"guessed keys for a list": {"GET", venues, func(n int) []option { return []option{bearer(fmt.Sprintf("guess-%d", n))} }, 20},
		"guessed keys for metrics": {"GET", "/metrics", func(n int) []option {
			return []option{bearer(fmt.Sprintf("guess-%d", n)), header("Via", "1.1 proxy")}
		}, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, asked := newAsked()
			l.flood(t, 5000, "GET", "/barber", "", behind(somebody))
			asked.venues.Store(0)
			for n := range 500 {
				l.do(t, test.method, test.target, "", append(test.options(n), behind(somebody))...).want(t, 429, "too_many")
			}
			if keys, venues := asked.keys.Load(), asked.venues.Load(); keys > test.keys || venues > 0 {
				t.Errorf("keys were looked for %d times, venues %d times; want %d and 0", keys, venues, test.keys)
			}
			l.time.Advance(time.Minute) // the control: it asks, once it is within its limits
			l.do(t, test.method, test.target, "", append(test.options(501), behind(somebody))...)
			if asked.keys.Load() == test.keys && asked.venues.Load() == 0 {
				t.Error("nothing was asked for a request within the limits")
			}
		})
	}
}

// Somebody at the key's address uses up its requests and its look-ups. A right key that this node has not seen gets through as soon as
// there is a look-up for it; from then on it is recognised, whatever the others send.
func TestRightKeyBesideGuesses(t *testing.T) {
	t.Parallel()
	for _, target := range []string{bookings, venues, "/metrics"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			l, _ := newAsked()
			guess := func() {
				l.flood(t, 5000, "GET", "/barber", "", behind(somebody))
				for n := range 100 {
					l.do(t, "GET", target, "", behind(somebody), bearer(fmt.Sprintf("guess-%d", n))).want(t, 429, "too_many")
				}
			}
			guess()
			l.do(t, "GET", target, "", behind(somebody), admin()).want(t, 429, "too_many") // the control: nothing is left for it
			l.time.Advance(100 * time.Millisecond)
			l.flood(t, 5000, "GET", "/barber", "", behind(somebody))
			l.do(t, "GET", target, "", behind(somebody), admin()).want(t, 200, "")
			for range 3 {
				guess()
				l.do(t, "GET", target, "", behind(somebody), admin()).want(t, 200, "")
			}
		})
	}
}

// A key that was replaced ends at once, however often it was used before; and is counted as anybody's guess.
func TestReplacedKeyIsNotRecognised(t *testing.T) {
	t.Parallel()
	l := newLimited(t)
	older, err := l.keys.Issue(t.Context(), "console")
	must(t, err)
	l.do(t, "GET", bookings, "", behind(somebody), bearer(older)).want(t, 200, "")
	newer, err := l.keys.Issue(t.Context(), "console")
	must(t, err)
	l.do(t, "GET", bookings, "", behind(somebody), bearer(older)).want(t, 403, "forbidden")
	l.flood(t, 5000, "GET", "/barber", "", behind(somebody))
	l.do(t, "GET", bookings, "", behind(somebody), bearer(older)).want(t, 429, "too_many")
	l.do(t, "GET", venues, "", behind(somebody), bearer(older)).want(t, 429, "too_many")
	l.do(t, "GET", bookings, "", behind(somebody), bearer(newer)).want(t, 200, "")
}

// Assets and health checks are free, and so is everything with limits off.
func TestWhatIsFree(t *testing.T) {
	t.Parallel()
	l := newLimitedStub()
	l.flood(t, 5000, "GET", venues, "", behind(somebody))
	for _, target := range []string{"/assets/app-1a2b.js", "/healthz", "/readyz"} {
		if n, refused := l.flood(t, 2000, "GET", target, "", behind(somebody)); refused != nil {
			t.Errorf("%s is refused after %d times", target, n)
		}
	}
	off := &limited{server: &server{Handler: httpapi.New(stubConfig())}}
	if n, refused := off.flood(t, 3000, "POST", bookings, bookingAt("09:00", `,`+ada), behind(somebody)); refused != nil {
		t.Errorf("without limits, %d bookings get through", n)
	}
}

// The desk hears who acts: it counts what each client holds. Keys, and those who cannot be told apart, are not counted.
func TestDeskHearsOfTheClient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []option
		want    string
	}{
		"an address":           {[]option{behind(somebody)}, somebody},
		"a network":            {[]option{behind("2001:db8:1:2::3")}, "2001:db8:1:2::/64"},
		"a key":                {[]option{behind(somebody), admin()}, ""},
		"an unknown proxy":     {[]option{from("10.0.0.9:1")}, ""},
		"the machine itself":   {[]option{from("127.0.0.1:1")}, ""},
		"directly, by IPv4":    {[]option{from("198.51.100.4:1")}, "198.51.100.4"},
		"a stranger's fiction": {[]option{from("198.51.100.4:1"), header("X-Forwarded-For", somebody)}, "198.51.100.4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard := make(chan booking.Actor, 1)
			config := stubConfig()
			config.Desk = hearing{stub: config.Desk.(stub), heard: heard} //nolint:errcheck,forcetypeassert // it is one
			config.Limits = new(clock).limits()
			l := &limited{server: &server{Handler: httpapi.New(config)}}
			l.do(t, "POST", bookings, bookingAt("09:00", `,`+ada), test.options...).want(t, 201, "")
			if got := (<-heard).Client; got != test.want {
				t.Errorf("the client is %q; want %q", got, test.want)
			}
		})
	}
}

// A connection that is refused before anything of it was read gets an answer of the same form as all others.
func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	limiter := new(clock).limits()
	client := limit.Address(netip.MustParseAddr(somebody))
	_, err := limiter.Acquire(client, limit.Connections, 257)
	for why, want := range map[error]*answer{
		err:               {status: 429, problem: httpapi.Problem{Code: "too_many"}},
		limit.ErrNodeFull: {status: 503, problem: httpapi.Problem{Code: "busy"}},
	} {
		server, peer := net.Pipe()
		go func() {
			httpapi.RefuseConnection(server, why)
			_ = server.Close()
		}()
		res, err := http.ReadResponse(bufio.NewReader(peer), nil)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		must(t, peer.Close())
		a := &answer{status: res.StatusCode, header: res.Header, body: body}
		for _, breach := range document().problemBreaches(a) {
			t.Error(breach)
		}
		a.want(t, want.status, want.problem.Code)
		if a.header.Get("Retry-After") == "" || !res.Close {
			t.Errorf("the headers are %v", a.header)
		}
	}
}

// hearing is a desk that tells who acts.
type hearing struct {
	stub
	heard chan<- booking.Actor
}

func (h hearing) Book(_ context.Context, a booking.Actor, _ desk.BookRequest) (desk.Outcome, error) {
	h.heard <- a
	return h.made, nil
}
