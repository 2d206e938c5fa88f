package client

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"sync"

	"github.com/lxzan/gws"
)

// Socket is a WebSocket connection that carries any number of subscriptions. Its methods may be called by several goroutines,
// but only one may range over its [Socket.Events].
//
// A Socket does not connect again by itself, as [Client.Watch] does: when Events ends with an error, dial and subscribe anew. Each
// subscription then starts with a snapshot.
type Socket struct {
	conn   *gws.Conn
	frames chan socketFrame // no buffer: a slow reader slows the connection, and the server merges what it has not sent
	done   chan struct{}
	closed func(error) // closes done once
	err    error       // why; set before done is closed

	mu     sync.Mutex
	states map[string]*State // by subscription
}

// socketFrame is a message of the server.
type socketFrame struct {
	Type EventKind `json:"type"`
	ID   string    `json:"id"`
	data []byte
}

// ErrClosed is how [Socket.Events] ends after [Socket.Close].
var ErrClosed = errors.New("the socket is closed")

// Dial opens a WebSocket. The context bounds the handshake only.
func (c *Client) Dial(ctx context.Context) (*Socket, error) {
	s := &Socket{frames: make(chan socketFrame), done: make(chan struct{}), states: make(map[string]*State)}
	var once sync.Once
	s.closed = func(err error) {
		once.Do(func() {
			s.err = err
			close(s.done)
		})
	}
	address := *c.base
	address.Scheme = map[string]string{"http": "ws", "https": "wss"}[c.base.Scheme]
	address.Path += "/v1/live"
	header := make(http.Header)
	if c.key != "" {
		header.Set("Authorization", "Bearer "+c.key)
	}
	conn, response, err := gws.NewClient(&listener{socket: s}, &gws.ClientOption{ //nolint:bodyclose // refuse does, and an upgrade has none
		Addr: address.String(), RequestHeader: header, TlsConfig: c.tlsConfig(),
		CheckUtf8Enabled: true, ReadMaxPayloadSize: maxFrame,
		NewDialer: func() (gws.Dialer, error) { return boundDialer{ctx}, nil },
	})
	if err != nil {
		if response != nil && response.StatusCode >= http.StatusBadRequest {
			return nil, refuse(response)
		}
		return nil, fmt.Errorf("open a WebSocket to %s: %w", c.base.Host, err)
	}
	s.conn = conn
	go conn.ReadLoop() // ends when the connection does, and then Events do
	return s, nil
}

// tlsConfig is that of the HTTP client, so that both trust the same servers. A transport completes its own as it is used first; only to
// clone the transport waits for that. A WebSocket is upgraded from HTTP/1.1.
func (c *Client) tlsConfig() *tls.Config {
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok {
		return nil
	}
	config := transport.Clone().TLSClientConfig
	if config != nil {
		config.NextProtos = []string{"http/1.1"}
	}
	return config
}

// boundDialer dials within a context.
type boundDialer struct {
	ctx context.Context //nolint:containedctx // it lives for one call, whose signature has no room for a context
}

func (d boundDialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
	}
	return conn, nil
}

// Subscribe follows availability under an id of the caller's choice, which its events carry.
func (s *Socket) Subscribe(id string, q Query) error {
	s.mu.Lock()
	s.states[id] = new(State)
	s.mu.Unlock()
	return s.write(struct {
		Type      string `json:"type"`
		ID        string `json:"id"`
		Topic     string `json:"topic"`
		Venue     string `json:"venue"`
		Service   string `json:"service"`
		From      string `json:"from"`
		To        string `json:"to"`
		PartySize int    `json:"party_size,omitempty"`
		Resource  string `json:"resource,omitempty"`
	}{"subscribe", id, "availability", q.Venue, q.Service, q.From, q.To, q.PartySize, q.Resource})
}

// SubscribeBooking follows one booking: its present state, and every change. The token is its manage token, or a key.
func (s *Socket) SubscribeBooking(id, venue, booking, token string) error {
	return s.write(struct {
		Type    string `json:"type"`
		ID      string `json:"id"`
		Topic   string `json:"topic"`
		Venue   string `json:"venue"`
		Booking string `json:"booking"`
		Token   string `json:"token"`
	}{"subscribe", id, "booking", venue, booking, token})
}

// Unsubscribe ends a subscription. An event of kind [Unsubscribed] is its last.
func (s *Socket) Unsubscribe(id string) error {
	return s.write(struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}{"unsubscribe", id})
}

func (s *Socket) write(message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return s.conn.WriteMessage(gws.OpcodeText, data)
}

// Close ends the connection and all subscriptions.
func (s *Socket) Close() error {
	s.closed(ErrClosed)
	s.conn.WriteClose(1000, nil)
	return nil
}

// Events tells what happens in all subscriptions, in order, until the connection ends: then it yields the reason and stops.
func (s *Socket) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			event, err := s.next(ctx)
			if err != nil {
				yield(Event{}, err)
				return
			}
			if event != nil && !yield(*event, nil) {
				return
			}
		}
	}
}

func (s *Socket) next(ctx context.Context) (*Event, error) {
	select {
	case frame := <-s.frames:
		return s.applyFrame(frame)
	case <-s.done:
		return nil, s.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// applyFrame turns a frame into an event, or nil.
func (s *Socket) applyFrame(frame socketFrame) (*Event, error) {
	event := &Event{Kind: frame.Type, Subscription: frame.ID}
	switch frame.Type {
	case "goodbye":
		return nil, errGoodbye
	case BookingChanged:
		booking, err := bookingOf(frame)
		event.Booking = booking
		return event, err
	case Refused:
		problem := new(Problem)
		if err := json.Unmarshal(frame.data, problem); err != nil {
			return nil, fmt.Errorf("an error frame is not what it should be: %w", err)
		}
		event.Err = problem
		s.state(frame.ID, true)
		return event, nil
	case Unsubscribed:
		s.state(frame.ID, true)
		return event, nil
	default:
		state := s.state(frame.ID, false)
		if state == nil {
			return nil, nil // unsubscribed while the frame was on its way
		}
		event, err := apply(state, frame.Type, frame.data)
		if event != nil {
			event.Subscription = frame.ID
		}
		return event, err
	}
}

// state finds the state of a subscription, and forgets it if that is over.
func (s *Socket) state(id string, over bool) *State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.states[id]
	if over {
		delete(s.states, id)
	}
	return state
}
