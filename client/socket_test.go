package client

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"
)

// socketServer speaks the server's side of the protocol for models by service.
type socketServer struct {
	gws.BuiltinEventHandler
	models map[string]*model
	quit   sync.Map // subscription -> chan struct{}
}

// serveSockets is a server that answers upgrades with handler.
func serveSockets(t *testing.T, handler gws.Event) *Client {
	t.Helper()
	upgrader := gws.NewUpgrader(handler, &gws.ServerOption{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := upgrader.Upgrade(w, r); err == nil {
			conn.ReadLoop()
		}
	}))
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL)
}

func (s *socketServer) OnClose(*gws.Conn, error) {
	s.quit.Range(func(_, quit any) bool { close(quit.(chan struct{})); return true }) //nolint:errcheck // the test's own map
}

func (s *socketServer) OnMessage(conn *gws.Conn, message *gws.Message) {
	var m struct{ Type, ID, Topic, Service, Booking, Token string }
	if err := json.Unmarshal(message.Bytes(), &m); err != nil {
		panic(err)
	}
	switch {
	case m.Type == "unsubscribe":
		if quit, ok := s.quit.LoadAndDelete(m.ID); ok {
			close(quit.(chan struct{})) //nolint:errcheck // the test's own map
		}
		say(conn, "unsubscribed", m.ID, struct{}{})
	case m.Topic == "booking" && m.Token == "t":
		say(conn, "booking", m.ID, map[string]any{"booking": Booking{ID: m.Booking, Status: Held}})
	case s.models[m.Service] == nil:
		say(conn, "error", m.ID, map[string]string{"code": "not_found", "detail": "no such service"})
	default:
		quit := make(chan struct{})
		s.quit.Store(m.ID, quit)
		go s.follow(conn, m.ID, s.models[m.Service], quit)
	}
}

func (s *socketServer) follow(conn *gws.Conn, id string, m *model, quit chan struct{}) {
	for position := ""; ; {
		frames := m.next(position, quit)
		if frames == nil {
			return
		}
		for _, frame := range frames {
			say(conn, frame.kind, id, json.RawMessage(frame.data))
			position = frame.position
		}
	}
}

// say sends an object with a type and a subscription's id in it.
func say(conn *gws.Conn, kind, id string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	frame := map[string]json.RawMessage{"type": json.RawMessage(`"` + kind + `"`), "id": json.RawMessage(`"` + id + `"`)}
	if err := json.Unmarshal(data, &frame); err != nil {
		panic(err)
	}
	if data, err = json.Marshal(frame); err != nil {
		panic(err)
	}
	_ = conn.WriteMessage(gws.OpcodeText, data)
}

func TestSocketSubscriptions(t *testing.T) {
	t.Parallel()
	models := map[string]*model{"s": newModel(), "z": newModel()}
	c := serveSockets(t, &socketServer{models: models})
	socket, err := c.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	for id, service := range map[string]string{"a": "s", "b": "z", "c": "none"} {
		if err := socket.Subscribe(id, Query{Venue: "v", Service: service}); err != nil {
			t.Fatal(err)
		}
	}
	if err := socket.SubscribeBooking("d", "v", "bk_1", "t"); err != nil {
		t.Fatal(err)
	}

	random, left := rand.New(rand.NewPCG(3, 4)), 200
	states := make(map[string]*State)
	var booking *Booking
	var refusal error
	for event, err := range socket.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		switch event.Kind { //nolint:exhaustive // the others do not come
		case Snapshot, Changed:
			states[event.Subscription] = event.State
		case BookingChanged:
			booking = event.Booking
		case Refused:
			refusal = event.Err
		}
		if left > 0 {
			left--
			models["s"].random(random)
			models["z"].random(random)
		} else if booking != nil && refusal != nil && caughtUp(states["a"], models["s"]) && caughtUp(states["b"], models["z"]) {
			break
		}
	}
	if booking.ID != "bk_1" || booking.Status != Held || refusal.Error() != "no such service (not_found)" {
		t.Errorf("booking %+v, refusal %v", booking, refusal)
	}
	for id, service := range map[string]string{"a": "s", "b": "z"} {
		if !states[id].Matches(models[service].snapshot()) {
			t.Errorf("%s is not what %s is", id, service)
		}
	}
}

func caughtUp(state *State, m *model) bool {
	return state != nil && state.Position() == m.snapshot().Position
}

func TestSocketUnsubscribe(t *testing.T) {
	t.Parallel()
	m := newModel()
	socket, err := serveSockets(t, &socketServer{models: map[string]*model{"s": m}}).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	if err := socket.Subscribe("a", Query{Service: "s"}); err != nil {
		t.Fatal(err)
	}
	for event, err := range socket.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == Unsubscribed {
			break
		}
		if err := socket.Unsubscribe("a"); err != nil {
			t.Fatal(err)
		}
	}
	if socket.state("a", false) != nil {
		t.Error("the state of an ended subscription is kept")
	}
}

// curt answers every message in the same way.
type curt struct {
	gws.BuiltinEventHandler
	answer func(conn *gws.Conn)
}

func (c curt) OnMessage(conn *gws.Conn, _ *gws.Message) { c.answer(conn) }

func TestSocketEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(conn *gws.Conn)
		want   error
	}{
		"goodbye":       {func(conn *gws.Conn) { say(conn, "goodbye", "", goodbye{1000}) }, errGoodbye},
		"nonsense":      {func(conn *gws.Conn) { _ = conn.WriteString("nonsense") }, nil},
		"bad snapshot":  {func(conn *gws.Conn) { say(conn, "snapshot", "a", map[string]int{"days": 1}) }, nil},
		"bad booking":   {func(conn *gws.Conn) { say(conn, "booking", "a", map[string]int{"booking": 1}) }, nil},
		"bad error":     {func(conn *gws.Conn) { say(conn, "error", "a", map[string]int{"code": 1}) }, nil},
		"server closes": {func(conn *gws.Conn) { conn.WriteClose(1001, nil) }, nil},
		"cut":           {func(conn *gws.Conn) { _ = conn.NetConn().Close() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			socket, err := serveSockets(t, curt{answer: test.answer}).Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = socket.Close() }()
			if err := socket.Subscribe("a", Query{}); err != nil {
				t.Fatal(err)
			}
			for event, err := range socket.Events(t.Context()) {
				if err == nil || test.want != nil && !errors.Is(err, test.want) {
					t.Errorf("%+v, %v", event, err)
				}
			}
		})
	}
}

func TestSocketCloses(t *testing.T) {
	t.Parallel()
	c := serveSockets(t, curt{answer: func(*gws.Conn) {}})
	socket, err := c.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range socket.Events(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Events with an ended context: %v", err)
		}
	}
	if err := errors.Join(socket.Close(), socket.Close()); err != nil {
		t.Error(err)
	}
	for _, err := range socket.Events(t.Context()) {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("Events of a closed socket: %v", err)
		}
	}
	if socket.Subscribe("a", Query{}) == nil {
		t.Error("a closed socket takes subscriptions")
	}
}

func TestDialRefused(t *testing.T) {
	t.Parallel()
	c, _, _ := scripted(t, answerWith(503, `{"code":"unavailable","title":"Too many readers"}`, "Retry-After", "5"))
	_, err := c.Dial(t.Context())
	if problem, ok := errors.AsType[*Problem](err); !ok || problem.Code != CodeUnavailable || problem.RetryAfter != 5*time.Second {
		t.Errorf("Dial: %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if _, err := newTestClient(t, server.URL).Dial(t.Context()); err == nil || !strings.Contains(err.Error(), "WebSocket") {
		t.Errorf("Dial without a server: %v", err)
	}
}
