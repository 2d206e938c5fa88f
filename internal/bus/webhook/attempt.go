package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vacancy/internal/bus"
	"vacancy/internal/store"
)

const (
	userAgent = "Vacancy-Webhooks/1"
	// lateHeader is set on an event that comes after later ones, or may; attemptHeader counts.
	lateHeader    = "Vacancy-Late"
	attemptHeader = "Vacancy-Attempt"
)

// sender makes attempts. With TLS, it connects to what the guard lets pass; without, to the operator's networks only.
type sender struct {
	secure, plain *http.Transport
	timeout       time.Duration // attemptTimeout, or less in tests
}

func newSender(g *guard, roots *x509.CertPool) *sender {
	transport := func(plain bool) *http.Transport {
		return &http.Transport{
			DialContext:            g.dialer(plain).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    idlePerHost,
			IdleConnTimeout:        idleTimeout,
		} // without a Proxy: a proxy would connect to what the guard never sees
	}
	return &sender{secure: transport(false), plain: transport(true), timeout: attemptTimeout}
}

// RoundTrip implements [http.RoundTripper].
func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return s.secure.RoundTrip(r)
	}
	return s.plain.RoundTrip(r)
}

func (s *sender) close() {
	s.secure.CloseIdleConnections()
	s.plain.CloseIdleConnections()
}

// message is what is sent in an attempt.
type message struct {
	id      string
	body    []byte
	attempt int
	late    bool
}

// send makes one attempt. It returns an error only if ctx has ended, or the attempt could not even be made.
func (s *sender) send(ctx context.Context, w *store.Webhook, m message, now time.Time) (result attempted, err error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := newRequest(limited, w, m, now)
	if err != nil {
		return result, err
	}
	began := time.Now()
	result.at = now
	response, err := s.RoundTrip(r) //nolint:bodyclose // discard does; and no client, which would follow redirects
	result.took = time.Since(began)
	if err != nil {
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		result.outcome, result.text = s.ofError(err)
		return result, nil
	}
	result.status = response.StatusCode
	result.outcome, result.text = ofStatus(response.StatusCode)
	if result.outcome == Throttled {
		result.retryAfter = retryAfter(response.Header, now)
	}
	discard(response.Body, cancel)
	return result, nil
}

// discard reads what is left of a short answer, so that its connection can be used again, and cuts what is long or slow. What an answer
// says is of no concern, and shown to nobody: it may be that of a machine which its reader may not reach.
//
// With 101 Switching Protocols the body is the connection itself, which ctx does not cut: it is closed unread.
func discard(body io.ReadCloser, cancel context.CancelFunc) {
	if _, connection := body.(io.Writer); connection {
		_ = body.Close()
		return
	}
	slow := time.AfterFunc(bodyTimeout, cancel)
	defer slow.Stop()
	_, _ = io.CopyN(io.Discard, body, maxBody)
	_ = body.Close()
}

func newRequest(ctx context.Context, w *store.Webhook, m message, now time.Time) (*http.Request, error) {
	signed, err := signature(w, m.id, now, m.body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(m.body))
	if err != nil {
		return nil, errBadURL
	}
	h := r.Header
	h.Set("Content-Type", bus.ContentType)
	h.Set("User-Agent", userAgent)
	h.Set(standardwebhooks.HeaderWebhookID, m.id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signed)
	h.Set(attemptHeader, strconv.Itoa(m.attempt))
	if m.late {
		h.Set(lateHeader, "true")
	}
	return r, nil
}
