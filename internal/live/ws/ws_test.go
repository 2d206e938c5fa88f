package ws_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lxzan/gws"

	"vacancy/internal/live/ws"
)

// What the client says, and what it is answered.
func TestProtocol(t *testing.T) {
	t.Parallel()
	with := func(member string) string { return strings.Replace(subscribe, `"id":"a"`, member, 1) }
	refused := func(id, code, detail string) string {
		return fmt.Sprintf(`{"type":"error","id":%q,"code":%q,"detail":"%s`, id, code, detail)
	}
	const booking = `{"type":"subscribe","id":"b","topic":"booking","venue":"ferry","booking":"bk_1","token":"secret"}`
	unreadable := func(detail string) string { return `{"type":"error","code":"malformed","detail":"` + detail }
	tests := map[string][]string{ // the client's and the server's in turn
		"subscribe":            {subscribe, `{"type":"snapshot","id":"a","venue":"ferry","service":"trip",`},
		"topic":                {with(`"id":"a","topic":"availability"`), `{"type":"snapshot","id":"a",`},
		"id needs escapes":     {with(`"id":"\"\n"`), `{"type":"snapshot","id":"\"\n",`},
		"subscribe twice":      {subscribe, `{"type":"snapshot"`, subscribe, refused("a", "invalid", "id: is that of another")},
		"unsubscribe":          {subscribe, `{"type":"snapshot"`, `{"type":"unsubscribe","id":"a"}`, `{"type":"unsubscribed","id":"a"}`},
		"unsubscribe nothing":  {`{"type":"unsubscribe","id":"b"}`, refused("b", "invalid", "id: is not that of")},
		"unknown position":     {with(`"id":"a","position":"x"`), `{"type":"reset","id":"a","reason":"position_unknown"}`},
		"ping":                 {`{"type":"ping"}`, `{"type":"pong"}`},
		"no JSON":              {`hello`, `{"type":"error","code":"malformed","detail":"message: is not one JSON value, at byte 0"}`},
		"two values":           {`{"type":"ping"}{}`, unreadable(`message: is not one JSON value, at byte 15"}`)},
		"unknown field":        {with(`"id":"a","nights":2`), `{"type":"error","code":"malformed","detail":"nights: is not a field here"}`},
		"in capitals":          {with(`"id":"a","Topic":"booking"`), `{"type":"error","code":"malformed","detail":"Topic: is not a field here"}`},
		"given twice":          {with(`"id":"a","id":"b"`), `{"type":"error","code":"malformed","detail":"id: is given twice"}`},
		"a list":               {`[]`, `{"type":"error","code":"malformed","detail":"message: must be an object"}`},
		"nothing":              {``, `{"type":"error","code":"malformed","detail":"message: `},
		"party in words":       {with(`"id":"a","party_size":"two"`), unreadable(`party_size: must be a whole number"}`)},
		"half a party":         {with(`"id":"a","party_size":1.5`), unreadable(`party_size: must be a whole number"}`)},
		"wrong type":           {with(`"id":7`), `{"type":"error","code":"malformed","detail":"id: must be a string"}`},
		"unknown kind":         {`{"type":"shout","id":"a"}`, refused("a", "invalid", "type: must be")},
		"unknown topic":        {with(`"id":"a","topic":"weather"`), refused("a", "invalid", "topic: must be")},
		"no id":                {with(`"id":""`), `{"type":"error","code":"invalid","detail":"id: must have 1 to 64 bytes"}`},
		"long id":              {with(`"id":"` + strings.Repeat("x", 65) + `"`), `{"type":"error","code":"invalid",`},
		"long token":           {with(`"id":"a","token":"` + strings.Repeat("x", 257) + `"`), refused("a", "invalid", "token: ")},
		"unknown service":      {strings.Replace(subscribe, "trip", "trap", 1), refused("a", "not_found", "")},
		"bad date":             {strings.Replace(subscribe, "2000-01-02", "today", 1), refused("a", "invalid", "from: ")},
		"bad party":            {with(`"id":"a","party_size":6`), refused("a", "invalid", "party_size: ")},
		"deep":                 {strings.Repeat("[", 16000), `{"type":"error","code":"malformed",`},
		"booking":              {booking, `{"type":"booking","id":"b","booking":{"id":"bk_1"}}`},
		"somebody's booking":   {strings.Replace(booking, "secret", "guess", 1), refused("b", "forbidden", "")},
		"booking without name": {strings.Replace(booking, "bk_1", "", 1), refused("b", "invalid", "booking: ")},
	}
	s := newStage(t, now)
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := s.dial(t, "")
			for i := 0; i < len(lines); i += 2 {
				c.say(lines[i])
				c.gets(lines[i+1])
			}
			c.say(`{"type":"ping"}`) // the connection lives
			for c.next() != `{"type":"pong"}` {
			}
		})
	}
}

// A query in the address is the subscription "0", and what is wrong with it is said there.
func TestQueryInTheAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c := s.dial(t, query)
	c.gets(`{"type":"snapshot","id":"0",`)
	s.Book(t, 10, 3)
	c.gets(`{"type":"delta","id":"0","position":"e1.2.fj1rs0","committed_at":"2000-01-01T00:00:00.000000Z",` +
		`"slots":[{"start":"2000-01-02T10:00:00+01:00","end":"2000-01-02T11:00:00+01:00","remaining":9,"capacity":12,"status":"available"}],` +
		`"days":[{"date":"2000-01-02","status":"available"}]}`)
	s.dial(t, query+"&position=e1.1.fj1rs0").gets(`{"type":"delta","id":"0",`)
	c = s.dial(t, "?venue=ferry")
	c.gets(`{"type":"error","id":"0","code":"invalid",`)
	c.say(subscribe)
	c.gets(`{"type":"snapshot","id":"a",`)
}

// Each subscription of a connection gets its own, and one that has ended gets nothing more.
func TestSeveralSubscriptions(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c := s.dial(t, query)
	c.gets(`{"type":"snapshot","id":"0",`)
	c.say(subscribe)
	c.gets(`{"type":"snapshot","id":"a",`)
	id := s.Book(t, 10, 1)
	got := c.next()[:25] + c.next()[:25]
	if !strings.Contains(got, `{"type":"delta","id":"a",`) || !strings.Contains(got, `{"type":"delta","id":"0",`) {
		t.Errorf("they got %s", got)
	}
	c.say(`{"type":"unsubscribe","id":"0"}`)
	c.gets(`{"type":"unsubscribed","id":"0"}`)
	c.say(`{"type":"subscribe","id":"0","topic":"booking","venue":"ferry","booking":"` + string(id) + `","token":"secret"}`)
	c.gets(`{"type":"booking","id":"0","booking":{"id":"bk_`)
	cancelled, err := s.Store.Cancel("ferry", id)
	if err != nil {
		t.Fatal(err)
	}
	s.View.Apply(t.Context(), cancelled)
	got = c.next()[:26] + c.next()[:26]
	if !strings.Contains(got, `{"type":"delta","id":"a",`) || !strings.Contains(got, `{"type":"booking","id":"0"`) {
		t.Errorf("they got %s", got)
	}
	for i := range 15 {
		if i < 14 {
			c.say(strings.Replace(subscribe, `"a"`, fmt.Sprintf(`"n%d"`, i), 1))
			c.gets(fmt.Sprintf(`{"type":"snapshot","id":"n%d",`, i))
		} else {
			c.say(strings.Replace(subscribe, `"a"`, `"one too many"`, 1))
			c.gets(`{"type":"error","id":"one too many","code":"invalid",`)
		}
	}
}

// A client that misbehaves is sent away.
func TestAbuse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code  uint16 // 0: what the client still says as it is sent away may keep it from hearing why
		abuse func(c *connection)
	}{
		"too many errors": {1008, func(c *connection) {
			for range 21 {
				_ = c.socket.WriteString(`{}`)
			}
		}},
		"too many messages": {0, func(c *connection) {
			for range 150 {
				_ = c.socket.WriteString(`{"type":"ping"}`)
			}
		}},
		"too many pings": {0, func(c *connection) {
			for range 150 {
				_ = c.socket.WritePing(nil)
			}
		}},
		"a message too long": {1009, func(c *connection) { _ = c.socket.WriteString(strings.Repeat(" ", 16<<10+1)) }},
		"broken UTF-8":       {1007, func(c *connection) { _ = c.socket.WriteMessage(gws.OpcodeText, []byte("\xff")) }},
	}
	s := newStage(t, now)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := s.dial(t, "")
			test.abuse(c)
			c.ends(test.code)
		})
	}
	t.Run("binary", func(t *testing.T) {
		t.Parallel()
		c := s.dial(t, "")
		if err := c.socket.WriteMessage(gws.OpcodeBinary, []byte(subscribe)); err != nil {
			t.Fatal(err)
		}
		c.gets(`{"type":"error","code":"invalid","detail":"type: must be a text message"}`)
	})
}

// What cannot be upgraded is answered in plain HTTP.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	good := map[string]string{
		"Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	}
	for name, value := range map[string]string{
		"Connection": "close", "Upgrade": "h2c", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "", "Origin": "https://evil.example",
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/live", nil)
		for name, value := range good {
			r.Header.Set(name, value)
		}
		if !ws.Wanted(r) {
			t.Fatal("a good request wants no WebSocket")
		}
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusTeapot {
			t.Errorf("%s: %s gave %d %s", name, value, w.Code, w.Body)
		}
	}
	if len(s.Readers) > 0 {
		t.Error("a reader was counted that was refused")
	}
}

// A reader that goes is noticed at once, whether it says so or not.
func TestReaderGoes(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	for name, leave := range map[string]func(c *connection){
		"with a word":    func(c *connection) { _ = c.socket.WriteClose(1000, nil) },
		"without a word": func(c *connection) { _ = c.socket.NetConn().Close() },
	} {
		c := s.dial(t, query)
		c.gets(`{"type":"snapshot"`)
		if n := <-s.Readers; n != 1 {
			t.Errorf("%s: %d readers", name, n)
		}
		leave(c)
		if n := <-s.Readers; n != 0 {
			t.Errorf("%s: %d readers", name, n)
		}
	}
}

// A server that stops says goodbye, and closes as the protocol wants it.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	c, idle := s.dial(t, query), s.dial(t, "")
	c.gets(`{"type":"snapshot"`)
	if err := s.handler.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*connection{c, idle, s.dial(t, "")} {
		c.gets(`{"type":"goodbye","reconnect_after_ms":`)
		c.ends(1001)
	}
}
