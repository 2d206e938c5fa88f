package sse

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

var (
	ping           = []byte(": ping\n\n")
	compressedPing = wire.CompressText(ping)
)

// stream is one reader: the [live.Waker] of its subscription, and a [live.Connection].
type stream struct {
	hub     *live.Hub
	gzip    bool // the reader takes it
	sub     *live.Subscription
	release func()

	// conn is set before ready is. A stream that writes on its request's goroutine has none; it receives from wakened instead.
	conn   net.Conn
	ready  atomic.Bool
	writer live.Worker // writePending
	wake   chan struct{}

	pingDue atomic.Bool
	// reconnectAfter is set once the reader is to leave: what it is told, in nanoseconds.
	reconnectAfter atomic.Int64
}

func newStream(hub *live.Hub, gzip bool) *stream {
	s := &stream{hub: hub, gzip: gzip}
	s.writer.Work = func() {
		if !hub.Protect("a stream's writer", s.writePending) {
			s.Abort()
		}
	}
	return s
}

// Wake implements [live.Waker].
func (s *stream) Wake() {
	switch {
	case !s.ready.Load(): // it begins with everything there is
	case s.wake == nil:
		s.writer.Trigger()
	default:
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// serveHijacked serves the stream on its connection, in a goroutine of its own, until the reader has gone or the handler is closed.
func (h *Handler) serveHijacked(s *stream, conn net.Conn, head http.Header) {
	_ = conn.SetDeadline(time.Time{}) // the server may have set some; on a dead connection the write fails
	if _, err := s.hub.Backlog().Write(conn, s.responseHead(head), nil); err != nil {
		_ = conn.Close()
		h.end(s)
		return
	}
	s.conn = conn
	s.ready.Store(true)
	s.Wake()
	go func() {
		s.hub.Protect("a stream", s.waitForDisconnect)
		s.Abort()
		s.hub.Protect("a stream's end", func() { h.end(s) })
	}()
}

// responseHead is the head of the answer and the first lines of its body, which show whoever is between that the answer has begun.
func (s *stream) responseHead(head http.Header) []byte {
	for _, name := range []string{"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Date"} {
		head.Del(name)
	}
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	_ = head.Write(&b) // a buffer takes everything
	b.WriteString("\r\n")
	b.Write(s.preamble())
	return b.Bytes()
}

// preamble opens the stream. Its delay spreads the return of readers whose connection broke without a goodbye.
func (s *stream) preamble() []byte {
	text := fmt.Appendf(nil, ": ok\nretry: %d\n\n", between(minRetryDelay, maxRetryDelay).Milliseconds())
	if s.gzip {
		return wire.CompressedBeginning(text)
	}
	return text
}

// encode is a frame as the reader takes it.
func (s *stream) encode(f *live.Frame) []byte {
	if s.gzip {
		return wire.CompressedEvent(f)
	}
	return wire.EventStream(f)
}

// between is a random time.
func between(least, most time.Duration) time.Duration { return least + rand.N(most-least) }

// waitForDisconnect waits until the reader has gone, and has it pinged meanwhile.
func (s *stream) waitForDisconnect() {
	var b [64]byte
	for heard := 0; heard <= maxReaderBytes; {
		if err := s.conn.SetReadDeadline(time.Now().Add(pingInterval)); err != nil {
			return
		}
		n, err := s.conn.Read(b[:])
		heard += n
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.pingDue.Store(true)
			s.Wake()
		default:
			return
		}
	}
}

// writePending writes what there is to write. A connection that does not take it is cut, which ends waitForDisconnect.
func (s *stream) writePending() {
	for {
		b, f, last := s.next()
		if b == nil {
			return
		}
		if _, err := s.hub.Backlog().Write(s.conn, b, f); err != nil || last {
			s.Abort()
			return
		}
	}
}

// next is what to write next, nil if there is nothing; the frame whose bytes it is, if it is one; and whether it is the last.
func (s *stream) next() (b []byte, f *live.Frame, last bool) {
	if after := s.reconnectAfter.Load(); after != 0 {
		return s.encode(live.Goodbye(time.Duration(after))), nil, true
	}
	if f := s.sub.Next(); f != nil {
		return s.encode(f), f, false
	}
	if s.pingDue.Swap(false) {
		if s.gzip {
			return compressedPing, nil, false
		}
		return ping, nil, false
	}
	return nil, nil, false
}

// Shutdown implements [live.Connection].
func (s *stream) Shutdown(reconnectAfter time.Duration) {
	s.reconnectAfter.CompareAndSwap(0, int64(reconnectAfter))
	s.Wake()
}

// Abort implements [live.Connection]. The connection of a request's own goroutine is its server's to close.
func (s *stream) Abort() {
	if s.ready.Load() && s.conn != nil {
		_ = s.conn.Close()
	}
}
