package client

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lxzan/gws"
)

// listener hears what happens on a socket's connection, on the goroutine that reads it.
type listener struct {
	socket *Socket
}

// OnOpen starts to wait for the server's heartbeats.
func (l *listener) OnOpen(conn *gws.Conn) { _ = conn.SetReadDeadline(time.Now().Add(maxSilence)) }

// OnClose passes the reason on to whoever reads events.
func (l *listener) OnClose(_ *gws.Conn, err error) { l.socket.closed(err) }

// OnPing answers the server's heartbeat.
func (l *listener) OnPing(conn *gws.Conn, payload []byte) {
	_ = conn.SetReadDeadline(time.Now().Add(maxSilence))
	_ = conn.WritePong(payload)
}

// OnPong hears an answer to a ping; the client sends none.
func (l *listener) OnPong(*gws.Conn, []byte) {}

// OnMessage hands a frame to the reader of events, and waits until it is taken.
func (l *listener) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer func() { _ = message.Close() }()
	frame := socketFrame{data: slices.Clone(message.Bytes())}
	if err := json.Unmarshal(frame.data, &frame); err != nil {
		l.socket.closed(fmt.Errorf("a frame is not what it should be: %w", err))
		conn.WriteClose(1007, nil)
		return
	}
	select {
	case l.socket.frames <- frame:
	case <-l.socket.done:
	}
	_ = conn.SetReadDeadline(time.Now().Add(maxSilence))
}

// bookingOf reads a frame about a booking. The frame's id is the subscription's, and the booking stands in a field of its own.
func bookingOf(frame socketFrame) (*Booking, error) {
	var body struct {
		Booking *Booking `json:"booking"`
	}
	if err := json.Unmarshal(frame.data, &body); err != nil {
		return nil, fmt.Errorf("a booking frame is not what it should be: %w", err)
	}
	return body.Booking, nil
}
