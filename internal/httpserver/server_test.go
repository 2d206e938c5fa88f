package httpserver_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/httpserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options() httpserver.Options {
	local := func(flag string) httpserver.Port {
		return httpserver.Port{Flag: flag, Address: "127.0.0.1:0", Handler: status(http.StatusTeapot)}
	}
	return httpserver.Options{
		Public: local("--listen"), Plain: local("--http-listen"), Admin: local("--admin-listen"), Log: slog.New(slog.DiscardHandler),
	}
}

// All ports answer until the server is told to stop, and none afterwards.
func TestServerServesAllItsPorts(t *testing.T) {
	t.Parallel()
	s, err := httpserver.Listen(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	caller := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	urls := []string{s.URL(), s.PlainURL(), s.AdminURL()}
	for _, url := range urls {
		r, err := caller.Get(url)
		if err != nil || r.StatusCode != http.StatusTeapot {
			t.Fatalf("%s: %v, %v", url, r, err)
		}
		_ = r.Body.Close()
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("a server that was told to stop ends with %v", err)
	}
	for _, url := range urls {
		if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
			_ = conn.Close()
			t.Errorf("%s still listens", url)
		}
	}
}

// A port that cannot be had is named by its setting, and the others are given back.
func TestServerNamesTheBusyPort(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	o := options()
	o.Admin.Address = busy.Addr().String()
	if s, err := httpserver.Listen(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--admin-listen "+o.Admin.Address) {
		t.Errorf("listened: %v, %v", s, err)
	}
}

// Without ports of their own there is nothing to say of them.
func TestServerWithOnePort(t *testing.T) {
	t.Parallel()
	o := options()
	o.Plain, o.Admin = httpserver.Port{}, httpserver.Port{}
	s, err := httpserver.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if !strings.HasPrefix(s.URL(), "http://127.0.0.1:") || s.PlainURL() != "" || s.AdminURL() != "" {
		t.Errorf("it is at %q, %q and %q", s.URL(), s.PlainURL(), s.AdminURL())
	}
}
