package app

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"vacancy/internal/config"
	"vacancy/internal/limit"
)

// The operator's port has as many connections as it may, and the next is told so. The public port is not concerned.
func TestOperatorsPortIsBounded(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.ProbeInterval = 0
	c.Database = "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	c.Listen, c.AdminListen = "127.0.0.1:0", "127.0.0.1:0"
	a, err := New(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for range limit.AdminConnections {
		if status := ask(t, a.AdminURL()); status != http.StatusOK {
			t.Fatalf("a connection within the bound is answered with %d", status)
		}
	}
	if status := ask(t, a.AdminURL()); status != http.StatusServiceUnavailable {
		t.Errorf("one too many is answered with %d", status)
	}
	if status := ask(t, a.URL()); status != http.StatusOK {
		t.Errorf("the public port answers with %d", status)
	}
}

// ask asks for the process's health on a connection of its own, and leaves that open.
func ask(t *testing.T, base string) (status int) {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil) //nolint:bodyclose // the connection is closed
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
