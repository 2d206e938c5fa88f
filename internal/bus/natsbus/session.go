package natsbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// session is one connection, from the first byte to the last. It never connects again, so what is published over it arrives in order.
type session struct {
	config     *Config
	hosts      string
	nc         *nats.Conn
	inbox      string // what confirmations are sent to begins with
	maxMessage int64  // bytes
	watchers   *bus.Watchers

	cancel context.CancelFunc // of the session's life
	ended  chan struct{}
	heard  atomic.Int64 // confirmations that have come

	conn *connection // set before the session is used

	mu      sync.Mutex
	err     error // why it has ended, or what it cannot do
	flights map[string]*flight
	next    int
}

// connection is what nats.go reads and writes. It knows whether something written is still waiting for room.
type connection struct {
	net.Conn
	writing atomic.Int32
}

func (c *connection) Write(p []byte) (int, error) {
	c.writing.Add(1)
	defer c.writing.Add(-1)
	return c.Conn.Write(p)
}

// newSession connects and opens the stream. ctx bounds the session, not only its beginning.
func newSession(ctx context.Context, c *Config, servers []*url.URL, watchers *bus.Watchers) (*session, error) {
	if err := c.checkFiles(); err != nil {
		return nil, err
	}
	s := &session{
		config: c, hosts: hostsOf(servers), inbox: nats.NewInbox(), watchers: watchers, ended: make(chan struct{}),
		flights: make(map[string]*flight),
	}
	ctx, s.cancel = context.WithCancel(ctx)
	nc, err := nats.Connect(joinURLs(servers), s.options(ctx)...)
	if err != nil {
		s.cancel()
		return nil, connectError(s.hosts, err)
	}
	s.nc = nc
	if err := s.open(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) options(ctx context.Context) []nats.Option {
	c := s.config
	options := []nats.Option{
		nats.NoReconnect(), nats.ReconnectBufSize(-1), nats.ReconnectOnFlusherError(),
		nats.SetCustomDialer(dialer{ctx, s}), nats.Timeout(connectTimeout), nats.FlusherTimeout(writeTimeout),
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(maxPings),
		nats.Name(c.Name), nats.ErrorHandler(s.asyncError), nats.ClosedHandler(s.connectionEnded),
	}
	if c.Token != "" {
		options = append(options, nats.Token(c.Token))
	}
	if c.CredentialsFile != "" {
		options = append(options, nats.UserCredentials(c.CredentialsFile))
	}
	if c.CAFile != "" {
		options = append(options, nats.RootCAs(c.CAFile))
	}
	if c.CertFile != "" {
		options = append(options, nats.ClientCert(c.CertFile, c.KeyFile))
	}
	return options
}

// dialer makes the connection of a session.
type dialer struct {
	ctx     context.Context
	session *session
}

func (d dialer) Dial(network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(d.ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.session.conn = &connection{Conn: conn}
	// nats.go would go on waiting for a server that does not greet.
	context.AfterFunc(d.ctx, func() { _ = conn.Close() })
	return d.session.conn, nil
}

// open subscribes to confirmations and hints, and opens the stream.
func (s *session) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	if _, err := s.nc.Subscribe(s.inbox+".*.*", s.confirmation); err != nil {
		return unavailable("NATS: %w", err)
	}
	if _, err := s.nc.Subscribe(s.config.hints(), s.hinted); err != nil {
		return unavailable("NATS: %w", err)
	}
	maxMessage, err := s.config.openStream(ctx, s.nc)
	if err != nil {
		if why := s.reason(); why != nil { // a permission that is missing is told of aside
			return why
		}
		return err
	}
	s.maxMessage = maxMessage
	return nil
}

// publish sends a batch in one flight and waits for its confirmations.
func (s *session) publish(ctx context.Context, events []bus.Event) error {
	messages, err := s.messages(events)
	if err != nil {
		return err
	}
	f := s.begin(len(messages))
	defer s.forget(f)
	heard, began := s.heard.Load(), time.Now()
	// A call that ends while the connection takes nothing ends the connection: what waits in memory is not to be sent afterwards.
	stop := context.AfterFunc(ctx, func() { s.abort(unavailable("the call ended before NATS took the events: %w", ctx.Err())) })
	for i, m := range messages {
		m.Reply = f.inbox + strconv.Itoa(i)
		if err := s.nc.PublishMsg(m); err != nil {
			stop()
			s.abort(unavailable("the connection to NATS at %s: %w", s.hosts, err))
			return s.reason()
		}
	}
	if !stop() {
		return s.reasonOr(ctx)
	}
	select {
	case <-f.done:
		return f.result(s)
	case <-s.ended:
		return s.reason()
	case <-ctx.Done():
	}
	silent := s.heard.Load() == heard && time.Since(began) >= suspectAfter
	if silent || s.conn.writing.Load() > 0 {
		s.abort(unavailable("NATS at %s does not answer", s.hosts))
	}
	return unavailable("NATS has not confirmed in time: %w", ctx.Err())
}

func (s *session) reasonOr(ctx context.Context) error {
	if err := s.reason(); err != nil {
		return err
	}
	return unavailable("NATS has not taken the events in time: %w", ctx.Err())
}

// messages are those of the events, none of which is larger than the server takes.
func (s *session) messages(events []bus.Event) ([]*nats.Msg, error) {
	messages := make([]*nats.Msg, len(events))
	for i := range events {
		e := &events[i]
		body, err := e.Structured()
		if err != nil {
			return nil, &bus.RejectedError{Index: i, Reason: "its data is no JSON"}
		}
		m := &nats.Msg{Subject: s.config.subject(e), Data: body, Header: nats.Header{
			"content-type": {bus.ContentType}, nats.MsgIdHdr: {e.ID},
		}}
		if size := int64(m.Size()) + headerSlack; size > s.maxMessage {
			return nil, &bus.RejectedError{Index: i, Reason: fmt.Sprintf(
				"it has %d bytes as a message, and NATS takes %d (max_payload of the server, max_msg_size of the stream)", size, s.maxMessage,
			)}
		}
		messages[i] = m
	}
	return messages, nil
}

// subject is what an event is published to.
func (c *Config) subject(e *bus.Event) string {
	return c.Subject + "." + string(e.Venue) + "." + string(e.Name)
}

// abort ends the session and waits until nats.go has let go of its connection.
func (s *session) abort(why error) {
	s.end(why)
	s.nc.Close()
}

// end ends the session, whose connection closes at once: what nats.go has not written is not sent. The first reason stays, but for one
// that a person can mend.
func (s *session) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || errors.Is(why, bus.ErrMisconfigured) {
		s.err = why
	}
	select {
	case <-s.ended:
	default:
		close(s.ended)
		s.cancel()
	}
}

func (s *session) close() { s.abort(errClosed) }

// reason is why the session has ended, or nil.
func (s *session) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// connectionEnded is called by nats.go when there is no connection any more.
func (s *session) connectionEnded(nc *nats.Conn) {
	err := nc.LastError()
	if err == nil {
		err = nats.ErrConnectionClosed
	}
	s.end(connectError(s.hosts, err))
}

// asyncError is called by nats.go with what the server says about something that it was sent. It names the subject in the text only.
func (s *session) asyncError(_ *nats.Conn, _ *nats.Subscription, err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return // the connection ends, if it must
	}
	if strings.Contains(err.Error(), `"`+s.config.hints()+`"`) {
		s.config.Log.Warn("no hints over NATS", "error", err.Error())
		return
	}
	s.end(misconfigured("this user of NATS lacks a permission: %w", err))
}

// hinted is called by nats.go with a message of hints.
func (s *session) hinted(m *nats.Msg) {
	decodeHints(m.Data, func(venue booking.VenueID, revision booking.Revision) { s.watchers.Add(venue, revision) })
}

func hostsOf(servers []*url.URL) string {
	hosts := make([]string, len(servers))
	for i, u := range servers {
		hosts[i] = u.Host
	}
	return strings.Join(hosts, ", ")
}

func joinURLs(servers []*url.URL) string {
	texts := make([]string, len(servers))
	for i, u := range servers {
		texts[i] = u.String()
	}
	return strings.Join(texts, ",")
}
