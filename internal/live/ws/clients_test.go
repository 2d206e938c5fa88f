package ws_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"vacancy/internal/limit"
	"vacancy/internal/live/ws"
)

// A connection keeps the origin of the page that opened it: what it subscribes to later is held against it each time. A management key
// is refused there, whatever it could do elsewhere.
func TestConnectionKeepsItsOrigin(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	id := s.Book(t, 10, 1)
	other := strings.ReplaceAll(strings.Replace(subscribe, `"a"`, `"b"`, 1), "ferry", "barber")
	follow := func(name, venue, token string) string {
		return fmt.Sprintf(`{"type":"subscribe","id":%q,"topic":"booking","venue":%q,"booking":%q,"token":%q}`, name, venue, id, token)
	}
	c, err := s.dialWith(t, query, http.Header{"Origin": {"https://ferry.example"}})
	if err != nil {
		t.Fatal(err)
	}
	c.gets(`{"type":"snapshot","id":"0"`)
	for _, exchange := range [][2]string{
		{subscribe, `{"type":"snapshot","id":"a"`},
		{other, `{"type":"error","id":"b","code":"forbidden"`},
		{follow("c", "barber", "secret"), `{"type":"error","id":"c","code":"forbidden"`},
		{follow("d", "ferry", "key"), `{"type":"error","id":"d","code":"forbidden"`},
		{follow("e", "ferry", "secret"), `{"type":"booking","id":"e"`},
	} {
		c.say(exchange[0])
		c.gets(exchange[1])
	}
	// The control: a page of the server's own, or a program, is refused none of it.
	c = s.dial(t, "")
	for _, exchange := range [][2]string{
		{other, `{"type":"error","id":"b","code":"not_found"`},
		{follow("d", "ferry", "key"), `{"type":"booking","id":"d"`},
	} {
		c.say(exchange[0])
		c.gets(exchange[1])
	}
	for _, query := range []string{"", strings.ReplaceAll(query, "ferry", "barber")} {
		if _, err := s.dialWith(t, query, http.Header{"Origin": {"https://ferry.example"}}); err == nil {
			t.Errorf("a foreign page connects by %q", query)
		}
	}
}

// refusals are not counted here.
type refusals struct{}

func (refusals) Refused(string) {}

func (refusals) Unidentified(string) {}

// withLimits are those of a server behind a proxy on this machine, whose time stands.
func withLimits(o *ws.Options) {
	o.Limits = limit.New(limit.Config{
		Trusted: limit.Loopback(), Now: now, Log: slog.New(slog.DiscardHandler), Meter: refusals{}, Alerts: limit.NoAlerts{},
	})
}

func behind(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

// One client has a hundred connections and no more, and each counts until it has ended. Others are served meanwhile.
func TestConnectionsOfOneClient(t *testing.T) {
	t.Parallel()
	s := newStage(t, now, withLimits)
	var last *connection
	for i := range 100 {
		c, err := s.dialWith(t, "", behind("203.0.113.7"))
		if err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
		last = c
	}
	if _, err := s.dialWith(t, "", behind("203.0.113.7")); err == nil {
		t.Error("a client has 101 connections")
	}
	other, err := s.dialWith(t, query, behind("203.0.113.8"))
	if err != nil {
		t.Fatal(err)
	}
	other.gets(`{"type":"snapshot"`)
	for n := range s.Readers {
		if n == 101 {
			break
		}
	}
	_ = last.socket.NetConn().Close()
	if n := <-s.Readers; n != 100 {
		t.Fatalf("%d readers are left", n)
	}
	if _, err := s.dialWith(t, "", behind("203.0.113.7")); err != nil {
		t.Errorf("a connection ended, and no other may begin: %v", err)
	}
}

// The days that a client watches are counted over all its connections, and given back when a subscription ends.
func TestDaysOfOneClient(t *testing.T) {
	t.Parallel()
	s := newStage(t, now, withLimits)
	long := func(name string) string { // 50 days
		return strings.NewReplacer(`"a"`, `"`+name+`"`, `"to":"2000-01-02"`, `"to":"2000-02-20"`).Replace(subscribe)
	}
	var c *connection
	for i := range 40 {
		if i%16 == 0 {
			var err error
			if c, err = s.dialWith(t, "", behind("203.0.113.7")); err != nil {
				t.Fatal(err)
			}
		}
		c.say(long(fmt.Sprintf("n%d", i)))
		c.gets(fmt.Sprintf(`{"type":"snapshot","id":"n%d"`, i))
	}
	c.say(subscribe)
	c.gets(`{"type":"error","id":"a","code":"too_many","detail":"watched_days"`)
	other, err := s.dialWith(t, query, behind("203.0.113.8"))
	if err != nil {
		t.Fatal(err)
	}
	other.gets(`{"type":"snapshot"`)
	c.say(`{"type":"unsubscribe","id":"n39"}`)
	c.gets(`{"type":"unsubscribed","id":"n39"}`)
	c.say(subscribe)
	c.gets(`{"type":"snapshot","id":"a"`)
}

// Wrong tokens are counted as those of requests are: who has sent many is told so, and right ones go on to be taken.
func TestWrongTokens(t *testing.T) {
	t.Parallel()
	s := newStage(t, now, withLimits)
	id := s.Book(t, 10, 1)
	c, err := s.dialWith(t, "", behind("203.0.113.7"))
	if err != nil {
		t.Fatal(err)
	}
	follow := func(token string) {
		c.say(fmt.Sprintf(`{"type":"subscribe","id":"a","topic":"booking","venue":"ferry","booking":%q,"token":%q}`, id, token))
	}
	for i := range 15 {
		follow("a guess")
		if i < 10 {
			c.gets(`{"type":"error","id":"a","code":"forbidden"`)
		} else {
			c.gets(`{"type":"error","id":"a","code":"too_many"`)
		}
	}
	follow("secret")
	c.gets(`{"type":"booking","id":"a"`)
}

// A subscription counts as a request of its client, whichever connection it comes by. Messages that cost nothing are free.
func TestSubscriptionsAreRequests(t *testing.T) {
	t.Parallel()
	var limits *limit.Limiter
	s := newStage(t, now, func(o *ws.Options) {
		withLimits(o)
		limits = o.Limits
	})
	client := limit.Address(netip.MustParseAddr("203.0.113.7"))
	c, err := s.dialWith(t, "", behind("203.0.113.7"))
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for limits.Allow(client, limit.Requests) == nil {
		left++
	}
	const spared = 3 // of these requests are left to the client
	for range spared {
		limits.Refund(client, limit.Requests)
	}
	if left != 1000 {
		t.Errorf("a connection without messages has used %d requests", 1000-left)
	}
	id := s.Book(t, 10, 1)
	booking := fmt.Sprintf(`{"type":"subscribe","id":"b","topic":"booking","venue":"ferry","booking":%q,"token":"secret"}`, id)
	for _, exchange := range [][2]string{
		{`{"type":"ping"}`, `{"type":"pong"`},
		{subscribe, `{"type":"snapshot","id":"a"`},
		{`{"type":"unsubscribe","id":"a"}`, `{"type":"unsubscribed","id":"a"`},
		{booking, `{"type":"booking","id":"b"`},
		{strings.ReplaceAll(subscribe, "ferry", "none"), `{"type":"error","id":"a","code":"not_found"`},
		{subscribe, `{"type":"error","id":"a","code":"too_many","detail":"requests"`},
		{booking, `{"type":"error","id":"b","code":"too_many","detail":"requests"`},
		{`{"type":"ping"}`, `{"type":"pong"`},
		{`{"type":"unsubscribe","id":"b"}`, `{"type":"unsubscribed","id":"b"`},
	} {
		c.say(exchange[0])
		c.gets(exchange[1])
	}
	other, err := s.dialWith(t, "", behind("203.0.113.8"))
	if err != nil {
		t.Fatal(err)
	}
	other.say(subscribe)
	other.gets(`{"type":"snapshot","id":"a"`)
}
