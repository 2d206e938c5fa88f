package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"vacancy/client"
)

// Target is the server that is measured.
type Target struct {
	// URL is its address, such as "http://127.0.0.1:8080".
	URL string
	// Key is a management key: loads set up venues and list bookings.
	Key string
	// PID is the server's process on this machine; 0 asks the server's /metrics what it uses instead.
	PID int
}

// ErrNotLoopback refuses to put load on somebody else's machine by accident.
var ErrNotLoopback = errors.New("the server is not on this machine")

// CheckLoopback returns [ErrNotLoopback] unless the target's address is one of this machine only.
func (t Target) CheckLoopback() error {
	base, err := url.Parse(t.URL)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(base.Hostname()); base.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrNotLoopback, base.Host)
}

// session is a target ready for a load.
type session struct {
	client *client.Client
	base   *url.URL
	key    string
	usage  meter
}

// open connects to the target, and finds out whether it serves.
func (t Target) open(ctx context.Context) (*session, error) {
	c, err := client.New(t.URL, client.WithKey(t.Key), client.WithHTTPClient(&http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 8},
	}))
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(c.BaseURL())
	if err != nil {
		return nil, err
	}
	if base.Scheme != "http" {
		return nil, fmt.Errorf("%s: loads speak plain http only", base)
	}
	if _, err := c.Venues(ctx); err != nil {
		return nil, err
	}
	s := &session{client: c, base: base, key: t.Key, usage: metricsMeter(c.BaseURL() + "/metrics")}
	if t.PID != 0 {
		s.usage = processMeter(t.PID)
	}
	return s, nil
}

// hostOf is where to connect to.
func hostOf(base *url.URL) string {
	if base.Port() == "" {
		return net.JoinHostPort(base.Hostname(), "80")
	}
	return base.Host
}
