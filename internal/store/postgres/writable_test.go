package postgres

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A store knows by its heartbeats whether its database takes what is written, before anybody writes. It says once that it does not, and
// once that it does again.
func TestHeartbeatsTellWhetherTheDatabaseIsWritable(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s, other := lonely(t, Config{commitTimeout: 300 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 2 {
		if err := s.prove(t.Context(), termOf(s)); err == nil || s.Writable() {
			t.Errorf("a heartbeat without its standby ends with %v, writable: %v", err, s.Writable())
		}
	}
	alone(t, other)
	for range 2 {
		if err := s.prove(t.Context(), termOf(s)); err != nil || !s.Writable() {
			t.Errorf("a heartbeat ends with %v, writable: %v", err, s.Writable())
		}
	}
	must(t, s.Close())
	for text, want := range map[string]int{"cannot be written to": 1, "can be written to again": 1} {
		if n := strings.Count(log.String(), text); n != want {
			t.Errorf("%q is logged %d times:\n%s", text, n, log.String())
		}
	}
}
