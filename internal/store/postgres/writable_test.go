package postgres

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
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

// TestWritableAgain: that the database can be written to again is known by the first commit, and without one as soon as connections are
// made to another host, or a second later.
func TestWritableAgain(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t), heartbeat: time.Hour})
	must(t, s.prove(t.Context(), termOf(s)))
	s.node.failing.Store(true)
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	if !s.Writable() {
		t.Error("a commit does not tell that the database can be written to")
	}
	s.node.failing.Store(true)
	current := s.monitor.current.Load()
	s.monitor.redirect(current.host, current.identity, true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !s.Writable() {
		must(t, ctx.Err())
		runtime.Gosched()
	}
	if again := s.node.untilNext(heartbeatInterval); again != heartbeatInterval {
		t.Errorf("the next heartbeat is due in %s", again)
	}
	s.node.failing.Store(true)
	if again := s.node.untilNext(heartbeatInterval); again > time.Second {
		t.Errorf("while heartbeats fail, the next is due in %s", again)
	}
}
