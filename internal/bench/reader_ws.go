package bench

import (
	"net"
	"time"

	"github.com/lxzan/gws"

	"vacancy/client"
)

// followSocket reads WebSocket messages until the connection ends, and returns why it did.
func (l *liveLoad) followSocket(conn net.Conn, r *reader) error {
	listener := &socketListener{load: l, reader: r}
	socket, _, err := gws.NewClientFromConn(listener, &gws.ClientOption{ //nolint:bodyclose // an upgrade has no body
		Addr: "ws://" + r.node.base.Host + l.livePath(r.node), ReadBufferSize: 1024,
	}, conn)
	if err != nil {
		return err
	}
	socket.ReadLoop()
	return listener.err
}

// socketListener hears one reader's messages, on the goroutine that reads them.
type socketListener struct {
	gws.BuiltinEventHandler
	load   *liveLoad
	reader *reader
	err    error
}

// OnClose keeps why the connection ended.
func (s *socketListener) OnClose(_ *gws.Conn, err error) {
	if s.err == nil {
		s.err = err
	}
}

// OnPing answers a heartbeat.
func (s *socketListener) OnPing(conn *gws.Conn, payload []byte) { _ = conn.WritePong(payload) }

// OnMessage takes a frame.
func (s *socketListener) OnMessage(conn *gws.Conn, message *gws.Message) {
	at := time.Now()
	defer func() { _ = message.Close() }()
	kind := kindOf(message.Bytes())
	if kind == goodbye {
		s.err = errGoodbye
	} else {
		s.err = s.load.apply(s.reader, kind, message.Bytes(), at)
	}
	if s.err != nil {
		_ = conn.NetConn().Close()
	}
}

// kindOf finds the type of a frame without decoding all of it. The server writes it first; elsewhere it is found as well, unless a
// text of the frame holds the same characters, which no text of a bench venue does.
func kindOf(frame []byte) client.EventKind {
	return client.EventKind(textOf(frame[:min(len(frame), 200)], "type"))
}
