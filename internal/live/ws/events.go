package ws

import (
	"time"

	"github.com/lxzan/gws"

	"vacancy/internal/live/wire"
)

// events are what gws tells of any connection.
type events struct{ gws.BuiltinEventHandler }

// OnPing answers a ping of the client, unless there are too many.
func (events) OnPing(socket *gws.Conn, payload []byte) {
	c := connectionOf(socket)
	if c.countMessage() {
		_ = socket.WritePong(payload) // if it fails, reading fails too
	}
}

// OnPong notes that the client is there.
func (events) OnPong(socket *gws.Conn, _ []byte) { connectionOf(socket).countMessage() }

// OnMessage does what the client asks for.
func (events) OnMessage(socket *gws.Conn, m *gws.Message) {
	defer m.Close()
	switch c := connectionOf(socket); {
	case !c.countMessage():
	case m.Opcode != gws.OpcodeText:
		c.refuse("", wire.Malformed("type", "must be a text message"))
	default:
		c.receive(m.Bytes())
	}
}

// OnClose is nothing: whoever reads the connection ends it.
func (events) OnClose(*gws.Conn, error) {}

// countMessage notes that the client is alive. False if it talks too much, and is sent away.
func (c *connection) countMessage() bool {
	c.extendReadDeadline()
	if c.rate.allowMessage(time.Now()) {
		return true
	}
	c.closeAbusive("too many messages")
	return false
}

// session is how gws keeps something for a connection. It keeps one thing.
type session struct{ value any }

func connectionOf(socket *gws.Conn) *connection {
	c, _ := socket.Session().Load("")
	return c.(*connection) //nolint:errcheck,forcetypeassert // run stores it before anything is read
}

func (s *session) Len() int                       { return 1 }
func (s *session) Load(string) (any, bool)        { return s.value, s.value != nil }
func (s *session) Delete(string)                  { s.value = nil }
func (s *session) Store(_ string, value any)      { s.value = value }
func (s *session) Range(f func(string, any) bool) { f("", s.value) }
