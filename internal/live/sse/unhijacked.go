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
	for b, last := preamble(), false; ; b, last = s.next() {
		if b != nil {
			if err := send(control, w, b); err != nil || last {
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

func send(control *http.ResponseController, w http.ResponseWriter, b []byte) error {
	// Not every connection has deadlines. One without is given up when its server or its reader does so.
	_ = control.SetWriteDeadline(time.Now().Add(live.WriteStallTimeout))
	if _, err := w.Write(b); err != nil { //nolint:gosec // an event stream of our own making, and no page
		return err
	}
	return control.Flush()
}
