package sse

import (
	"net/http"
	"time"

	"vacancy/internal/live"
)

// serveUnhijacked serves the stream on its request's goroutine, until the reader has gone or the handler is closed.
func (s *stream) serveUnhijacked(w http.ResponseWriter, r *http.Request) {
	s.wake = make(chan struct{}, 1)
	s.ready.Store(true)
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	control := http.NewResponseController(w)
	out := sharedConnection{w, control}
	b, f, last := s.preamble(), (*live.Frame)(nil), false
	for ; ; b, f, last = s.next() {
		if b != nil {
			if err := s.hub.Backlog().WriteStream(out, b, f); err != nil || last {
				return
			}
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			s.pingDue.Store(true)
		case <-s.wake:
		}
	}
}

// sharedConnection is a response on a connection that is not the stream's own.
type sharedConnection struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Flush implements [live.Stream].
func (c sharedConnection) Flush() error { return c.control.Flush() }

// SetWriteDeadline implements [live.Stream].
func (c sharedConnection) SetWriteDeadline(deadline time.Time) error {
	return c.control.SetWriteDeadline(deadline)
}
