package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client talks to one server. It is safe for use by several goroutines, which share its connections.
type Client struct {
	base *url.URL
	key  string
	http *http.Client
	// pause waits between two tries of a request or a connection. Tests replace it.
	pause func(ctx context.Context, d time.Duration) error
}

// Option sets up a [Client].
type Option func(*Client)

// WithKey sends a management key with each call that does not carry a token of its own; see [Token].
func WithKey(key string) Option { return func(c *Client) { c.key = key } }

// WithHTTPClient replaces the HTTP client. Its Timeout is for single requests; live streams ignore it.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// New makes a client of the server at baseURL, such as "https://book.example". It does not connect yet.
func New(baseURL string, options ...Option) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(baseURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("server address %q is not a URL such as https://book.example", baseURL)
	}
	if base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errors.New("the server address may have a path, but no user, query or fragment")
	}
	c := &Client{base: base, pause: pause}
	for _, option := range options {
		option(c)
	}
	if c.http == nil {
		c.http = newHTTPClient()
	}
	if c.http.CheckRedirect == nil {
		own := *c.http
		own.CheckRedirect = stayEncrypted
		c.http = &own
	}
	return c, nil
}

// stayEncrypted does not follow a redirect from HTTPS to HTTP: the key or token would go along in the clear.
func stayEncrypted(r *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("stopped after %d redirects", maxRedirects)
	case r.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https":
		return errors.New("the server redirects from HTTPS to plain HTTP")
	}
	return nil
}

// BaseURL is the address of the server, without a slash at its end.
func (c *Client) BaseURL() string { return c.base.String() }

// newHTTPClient is the HTTP client unless the caller has its own: with a bound on everything that a server can be slow at.
func newHTTPClient() *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   maxIdleConns,
			IdleConnTimeout:       idleTimeout,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: requestTimeout,
		},
	}
}

// pause waits for d, or until the context is done.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
