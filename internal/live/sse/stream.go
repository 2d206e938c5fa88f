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
)

const (
	// pingEvery is the period of the comments that keep a connection open, and show whether it is.
	pingEvery = 15 * time.Second
	// maxHeard is how much a reader may send, who has nothing to say.
	maxHeard = 4 << 10
)

var ping = []byte(": ping\n\n")

// stream is one reader: the [live.Waker] of its subscription, and a [live.Connection].
type stream struct {
	sub   *live.Subscription
	leave func()

	// conn is set before ready is. A stream that writes on its request's goroutine has none; it receives from wakened instead.
	conn    net.Conn
	ready   atomic.Bool
	errand  live.Errand // deliver
	wakened chan struct{}

	pinging atomic.Bool
	leaving atomic.Bool
}

func newStream() *stream {
	s := &stream{}
	s.errand.Do = s.deliver
	return s
}

// Wake implements [live.Waker].
func (s *stream) Wake() {
	switch {
	case !s.ready.Load(): // it begins with everything there is
	case s.wakened == nil:
		s.errand.Ask()
	default:
		select {
		case s.wakened <- struct{}{}:
		default:
		}
	}
}

// keep serves the stream on its connection, in a goroutine of its own, until the reader has gone or the handler is closed.
func (h *Handler) keep(s *stream, conn net.Conn, head http.Header) {
	_ = conn.SetDeadline(time.Time{}) // the server may have set some; on a dead connection the write fails
	if _, err := live.Write(conn, opening(head)); err != nil {
		_ = conn.Close()
		h.end(s)
		return
	}
	s.conn = conn
	s.ready.Store(true)
	s.Wake()
	go func() {
		s.listen()
		s.Cut()
		h.end(s)
	}()
}

// opening is the head of the answer and the first lines of its body, which show whoever is between that the answer has begun.
func opening(head http.Header) []byte {
	for _, name := range []string{"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive", "Date"} {
		head.Del(name)
	}
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	_ = head.Write(&b) // a buffer takes everything
	b.WriteString("\r\n")
	b.Write(hello())
	return b.Bytes()
}

// hello opens the stream. Its delay spreads the return of readers whom the server left without a word.
func hello() []byte { return fmt.Appendf(nil, ": ok\nretry: %d\n\n", between(1000, 3000)) }

// goodbye asks the reader to come back at a moment of its own, so that not all come at once.
func goodbye() []byte { return live.Goodbye(between(500, 5000)).Text() }

func between(least, most int) int { return least + rand.IntN(most-least+1) }

// listen waits until the reader has gone, and has it pinged meanwhile.
func (s *stream) listen() {
	var b [64]byte
	for heard := 0; heard <= maxHeard; {
		if err := s.conn.SetReadDeadline(time.Now().Add(pingEvery)); err != nil {
			return
		}
		n, err := s.conn.Read(b[:])
		heard += n
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.pinging.Store(true)
			s.Wake()
		default:
			return
		}
	}
}

// deliver writes what there is to write. A connection that does not take it is cut, which ends listen.
func (s *stream) deliver() {
	for {
		b, last := s.next()
		if b == nil {
			return
		}
		if _, err := live.Write(s.conn, b); err != nil || last {
			s.Cut()
			return
		}
	}
}

// next is what to write next, nil if there is nothing; and whether it is the last.
func (s *stream) next() (b []byte, last bool) {
	if s.leaving.Load() {
		return goodbye(), true
	}
	if f := s.sub.Next(); f != nil {
		return f.Text(), false
	}
	if s.pinging.Swap(false) {
		return ping, false
	}
	return nil, false
}

// Leave implements [live.Connection].
func (s *stream) Leave() {
	s.leaving.Store(true)
	s.Wake()
}

// Cut implements [live.Connection]. The connection of a request's own goroutine is its server's to close.
func (s *stream) Cut() {
	if s.ready.Load() && s.conn != nil {
		_ = s.conn.Close()
	}
}
