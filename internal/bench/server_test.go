package bench

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// asServer starts this test binary as a server.
func asServer(mode string) []string {
	return []string{"/usr/bin/env", fakeServer + "=" + mode, os.Args[0]}
}

func TestStartServer(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	s, err := StartServer(t.Context(), ServerOptions{Command: asServer("well"), Directory: directory})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	key, err := io.ReadAll(response.Body)
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	if err != nil || string(key) != s.Key || s.Key == "" {
		t.Errorf("the server's key is %q, not %q: %v", key, s.Key, err)
	}
	if u, err := processMeter(s.PID)(t.Context()); err != nil || u.memory < 1<<20 {
		t.Errorf("the server uses %+v, %v", u, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
	if _, err := processMeter(s.PID)(t.Context()); err == nil {
		t.Error("the server still runs")
	}
	http.DefaultClient.CloseIdleConnections() //nolint:forbidigo // http.Get uses it
}

func TestStartServerFails(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	_, err := StartServer(t.Context(), ServerOptions{Command: asServer("broken"), Directory: directory})
	if err == nil || !strings.Contains(err.Error(), "the database is on fire") {
		t.Errorf("a server that cannot start: %v", err)
	}
	if _, err := StartServer(t.Context(), ServerOptions{Command: []string{"/nowhere/vacancy"}, Directory: directory}); err == nil {
		t.Error("a program that is not there starts")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartServer(ctx, ServerOptions{Command: []string{"/bin/cat"}, Directory: directory}); err == nil {
		t.Error("a server starts after the end")
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var said tail
	for range 1000 {
		if n, err := said.Write([]byte("twelve bytes")); n != 12 || err != nil {
			t.Fatal(n, err)
		}
	}
	if s := said.String(); len(s) != tailBytes || !strings.HasSuffix(s, "bytestwelve bytes") {
		t.Errorf("%d bytes: %q", len(s), s)
	}
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	const stat = "42 (a (b) 1 2) S 1 42 42 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 100 12345 500 18446744073709551615 1"
	u, err := parseStat([]byte(stat))
	if err != nil || u.cpu.Seconds() != 2 || u.memory != int64(500*os.Getpagesize()) {
		t.Errorf("%+v, %v", u, err)
	}
	for _, bad := range []string{"", "42 (a) S 1", strings.Replace(stat, " 150 ", " x ", 1)} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
