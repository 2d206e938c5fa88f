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
	"vacancy/internal/bench/meter"
)

// Target is the server that is measured: one node, or several on the same database.
type Target struct {
	Nodes []Node
	// Key is a management key: loads set up venues and list bookings.
	Key string
	// Database tells what the database server has used so far; nil if that is not known. See [meter.Meter].
	Database func() (time.Duration, error)
}

// Node is one process of the server.
type Node struct {
	// URL is its address, such as "http://127.0.0.1:8080".
	URL string
	// PID is the node's process on this machine; 0 asks the node's /metrics what it uses instead.
	PID int
}

// ErrNotLoopback refuses to put load on somebody else's machine by accident.
var ErrNotLoopback = errors.New("the server is not on this machine")

// CheckLoopback returns [ErrNotLoopback] unless the addresses of all nodes are of this machine only.
func (t Target) CheckLoopback() error {
	for _, n := range t.Nodes {
		base, err := url.Parse(n.URL)
		if err != nil {
			return err
		}
		if ip := net.ParseIP(base.Hostname()); base.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return fmt.Errorf("%w: %s", ErrNotLoopback, base.Host)
		}
	}
	return nil
}

// session is a target ready for a load.
type session struct {
	nodes []*node // one at least
	key   string
	meter meter.Meter
}

// node is a node ready for a load.
type node struct {
	client *client.Client
	base   *url.URL
	used   func(ctx context.Context) (meter.Use, error)
}

// connect connects to the target, and finds out whether it serves.
func (t Target) connect(ctx context.Context) (*session, error) {
	s := &session{key: t.Key}
	for _, n := range t.Nodes {
		opened, err := n.connect(ctx, t.Key)
		if err != nil {
			return nil, err
		}
		s.nodes = append(s.nodes, opened)
	}
	if len(s.nodes) == 0 {
		return nil, errors.New("there is no node to measure")
	}
	s.meter = meter.Meter{Server: func() (meter.Use, error) { return s.used(ctx) }, Database: t.Database}
	return s, nil
}

func (n Node) connect(ctx context.Context, key string) (*node, error) {
	c, err := client.New(n.URL, client.WithKey(key), client.WithHTTPClient(&http.Client{
		Timeout: setupTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: setupConns},
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
	used := metricsUse(c.BaseURL() + "/metrics")
	if n.PID != 0 {
		used = func(context.Context) (meter.Use, error) { return meter.Process(n.PID) }
	}
	return &node{client: c, base: base, used: used}, nil
}

// used is what all nodes have used so far.
func (s *session) used(ctx context.Context) (all meter.Use, err error) {
	for _, n := range s.nodes {
		used, err := n.used(ctx)
		if err != nil {
			return all, fmt.Errorf("ask what the server uses: %w", err)
		}
		all.CPU += used.CPU
		all.Memory += used.Memory
	}
	return all, nil
}

// hostOf is where to connect to.
func hostOf(base *url.URL) string {
	if base.Port() == "" {
		return net.JoinHostPort(base.Hostname(), "80")
	}
	return base.Host
}
