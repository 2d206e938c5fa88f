package webhook_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/bus/webhook"
)

// TestBadAnswers: whatever a receiver does, an attempt ends soon, costs little, is told in a clear line, is counted, and loses nothing.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t)
	for name, c := range map[string]struct {
		answer  func(w http.ResponseWriter, r *http.Request, n int)
		outcome webhook.Outcome
		says    string
	}{
		"never": {
			func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }, webhook.Timeout, "it did not answer within 200ms",
		},
		"a redirect": {redirectTo(elsewhere.URL), webhook.Redirected, "it answered 307 Temporary Redirect: redirects are not followed"},
		"304":        {status(304), webhook.Redirected, "it answered 304 Not Modified: redirects are not followed"},
		"400":        {status(400), webhook.ClientError, "it answered 400 Bad Request"},
		"404":        {status(404), webhook.ClientError, "it answered 404 Not Found"},
		"429":        {status(429), webhook.Throttled, "it answered 429 Too Many Requests"},
		"500":        {status(500), webhook.ServerError, "it answered 500 Internal Server Error"},
		"599":        {status(599), webhook.ServerError, "it answered 599"},
		"long headers": {
			func(w http.ResponseWriter, _ *http.Request, _ int) { w.Header().Set("X", strings.Repeat("x", 64<<10)) },
			webhook.BadAnswer, "its header is too long",
		},
		"a connection that is cut": {
			func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }, webhook.BadAnswer, "it cut the connection",
		},
		"another protocol": {switchProtocols, webhook.BadAnswer, "it answered 101 Switching Protocols"},
		"nonsense":         {says(banner), webhook.BadAnswer, "its answer is no HTTP"},
		"a bad header":     {says("HTTP/1.1 200 OK\r\n" + banner), webhook.BadAnswer, "its answer is no HTTP"},
		"a bad status":     {says("HTTP/1.1 " + banner), webhook.BadAnswer, "its answer is no HTTP"},
		"a bad length":     {says("HTTP/1.1 200 OK\r\nContent-Length: " + banner), webhook.BadAnswer, "its answer is no HTTP"},
		"a bad encoding":   {says("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + banner), webhook.BadAnswer, "its answer is no HTTP"},
		"its own words":    {says("HTTP/1.1 500 " + banner), webhook.ServerError, "it answered 500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, r := newNode(t), newReceiver(t)
			n.SetTimeout(200 * time.Millisecond)
			if c.outcome != webhook.Timeout {
				n.SetTimeout(webhook.AttemptTimeout)
			}
			r.answers(c.answer)
			n.putEndpoint(t, r.URL+"/path-that-is-secret")
			within(t, 4*time.Second, "publish", func() { n.publish(t, event(1)) })
			n.wantFailure(t, c.outcome, c.says)
			same(t, "waiting", n.endpoint(t).Waiting, 1)
			r.answers(nil)
			n.SetTimeout(webhook.AttemptTimeout)
			n.later(t, time.Hour)
			same(t, "waiting, once it is well again", n.endpoint(t).Waiting, 0)
			within(t, time.Second, "close", func() { must(t, n.Close()) })
		})
	}
	t.Cleanup(func() { same(t, "requests elsewhere", len(elsewhere.got()), 0) })
}

func redirectTo(address string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, address, http.StatusTemporaryRedirect)
	}
}

// banner is what a machine says that is no receiver, and nobody is to see.
const banner = "SSH-2.0-OpenSSH_9.6\r\n\r\n"

// says answers with bytes of its own.
func says(text string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		conn, _, err := w.(http.Hijacker).Hijack() //nolint:errcheck // a server's own writers can
		if err == nil {
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}
}

// switchProtocols answers 101, and keeps the connection open for as long as the other side does, or 8 s.
func switchProtocols(w http.ResponseWriter, _ *http.Request, _ int) {
	conn, _, err := w.(http.Hijacker).Hijack() //nolint:errcheck // a server's own writers can
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(8 * time.Second))
	_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
	_, _ = conn.Read(make([]byte, 1))
}

// wantFailure checks what the log, the meter and the API say of the only attempt, and that none of them shows the address, or what the
// receiver has answered.
func (n *node) wantFailure(t *testing.T, outcome webhook.Outcome, says string) {
	t.Helper()
	same(t, "what the meter counts", n.meter.count(outcome), 1)
	d := n.deliveries(t)[0]
	if !strings.Contains(d.Error, says) {
		t.Errorf("the API says %q, want %q", d.Error, says)
	}
	log := n.log.String()
	for _, want := range []string{"level=WARN", "venue=barber", "webhook=door", "outcome=" + string(outcome), says} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	for _, secret := range []string{"path-that-is-secret", "OpenSSH", "127.0.0.1"} {
		if strings.Contains(log+d.Error, secret) {
			t.Errorf("%s is shown: %s\n%s", secret, d.Error, log)
		}
	}
}

func TestGone(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusGone))
	n.publish(t, events(0, 3)...)
	wantNumbers(t, r, "before it is disabled", "0")
	e := n.endpoint(t)
	same(t, "enabled", e.Enabled, false)
	same(t, "why", e.Disabled, "it answered 410 Gone: it wants no more events")
	same(t, "alerts", len(n.alerts.told()), 1)
	n.putEndpoint(t, r.URL)
	r.answers(status(500))
	n.publish(t, event(4))
	r.answers(status(http.StatusGone))
	n.later(t, time.Hour)
	same(t, "enabled, when an event is retried", n.endpoint(t).Enabled, false)
	same(t, "alerts", len(n.alerts.told()), 2)
}

// TestLongAnswers: an answer of 1 GB, and one that never ends, are cut, and count as what their status says.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	for name, length := range map[string]string{"1 GB": "1073741824", "without an end": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, r := newNode(t), newReceiver(t)
			var sent atomic.Int64
			ended := make(chan struct{})
			r.answers(func(w http.ResponseWriter, _ *http.Request, _ int) {
				defer close(ended)
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				chunk := make([]byte, 32<<10)
				for sent.Load() < 1<<30 {
					written, err := w.Write(chunk)
					if err != nil {
						return
					}
					sent.Add(int64(written))
				}
			})
			n.putEndpoint(t, r.URL)
			within(t, 3*time.Second, "publish", func() { n.publish(t, event(0)) })
			<-ended
			same(t, "delivered", n.meter.count(webhook.Delivered), 1)
			if sent.Load() > 32<<20 { // what the buffers of two sockets hold
				t.Errorf("%d bytes were taken", sent.Load())
			}
		})
	}
	t.Run("that trickles", func(t *testing.T) {
		t.Parallel()
		n, r := newNode(t), newReceiver(t)
		r.answers(func(w http.ResponseWriter, req *http.Request, _ int) {
			_ = http.NewResponseController(w).Flush()
			<-req.Context().Done()
		})
		n.putEndpoint(t, r.URL)
		within(t, 3*time.Second, "publish", func() { n.publish(t, event(0)) })
		same(t, "delivered", n.meter.count(webhook.Delivered), 1)
	})
}

// TestRetryAfter: a receiver may ask for time, within bounds.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for header, c := range map[string]struct{ before, after time.Duration }{
		"600":                           {9 * time.Minute, 2 * time.Minute},
		"999999999":                     {59 * time.Minute, 2 * time.Minute},
		"":                              {time.Second, 30 * time.Second},
		"0":                             {time.Second, 30 * time.Second},
		"-5":                            {time.Second, 30 * time.Second},
		"soon":                          {time.Second, 30 * time.Second},
		"Tue, 24 Nov 2026 08:10:00 GMT": {9 * time.Minute, 2 * time.Minute},
		"Tue, 24 Nov 2099 08:10:00 GMT": {59 * time.Minute, 2 * time.Minute},
		"Tue, 24 Nov 1999 08:10:00 GMT": {time.Second, 30 * time.Second},
	} {
		for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			n, r := newNode(t), newReceiver(t)
			n.putEndpoint(t, r.URL)
			r.answers(func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(code)
			})
			n.publish(t, event(0))
			r.answers(nil)
			r.got()
			n.later(t, c.before)
			wantNumbers(t, r, header+" before it is due", "")
			n.later(t, c.after)
			wantNumbers(t, r, header+" when it is due", "0!")
		}
	}
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	closed := newReceiver(t)
	closed.Close()
	n := newNode(t)
	n.putEndpoint(t, closed.URL)
	n.publish(t, event(0))
	n.wantFailure(t, webhook.Unreachable, "it refuses connections")
	n = newNode(t)
	n.putEndpoint(t, "https://host.invalid/")
	n.SetResolver(answering(t, nil))
	n.publish(t, event(0))
	n.wantFailure(t, webhook.Unreachable, "its host name does not exist")
	plain := newReceiver(t)
	n = newNode(t)
	n.putEndpoint(t, strings.Replace(plain.URL, "http://", "https://", 1))
	n.publish(t, event(0))
	n.wantFailure(t, webhook.BadAnswer, "it does not speak TLS")
}

// authority makes certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-1000 * time.Hour),
		NotAfter: time.Now().Add(1000 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	must(t, err)
	a.cert, err = x509.ParseCertificate(raw)
	must(t, err)
	a.pool.AddCert(a.cert)
	return a
}

// serve starts a receiver with a certificate for an address, from and to a time as from now.
func (a *authority) serve(t *testing.T, host string, from, to time.Duration) string {
	t.Helper()
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: now.Add(from), NotAfter: now.Add(to), IPAddresses: []net.IP{net.ParseIP(host)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	must(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	at := func(from, to time.Duration) string { return a.serve(t, "127.0.0.1", from, to) }
	for name, c := range map[string]struct {
		url     string
		outcome webhook.Outcome
		says    string
	}{
		"valid":           {at(-time.Hour, time.Hour), webhook.Delivered, ""},
		"expired":         {at(-2*time.Hour, -time.Hour), webhook.BadCertificate, "its certificate has expired, on "},
		"not yet valid":   {at(time.Hour, 2*time.Hour), webhook.BadCertificate, "its certificate is not valid before "},
		"of another host": {a.serve(t, "127.0.0.2", -time.Hour, time.Hour), webhook.BadCertificate, "its certificate is for another host"},
		"of an unknown authority": {
			other.serve(t, "127.0.0.1", -time.Hour, time.Hour), webhook.BadCertificate,
			"its certificate is of an authority that is not known here",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, func(config *webhook.Config) { config.Roots = a.pool })
			n.putEndpoint(t, c.url)
			n.publish(t, event(0))
			if c.outcome == webhook.Delivered {
				same(t, "delivered", n.meter.count(webhook.Delivered), 1)
				return
			}
			n.wantFailure(t, c.outcome, c.says)
		})
	}
}

// TestRebinding: a name that leads to a public address when it is checked, and to this machine when it is dialled, leads nowhere. The
// negative control checks the name before it connects, and is fooled.
func TestRebinding(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	_, port, err := net.SplitHostPort(r.Listener.Addr().String())
	must(t, err)
	address := "http://rebind.example:" + port + "/"
	public, local := netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("127.0.0.1")

	// What checks first, and connects then.
	resolver := answering(t, []netip.Addr{public, local})
	found, err := resolver.LookupNetIP(t.Context(), "ip4", "rebind.example")
	must(t, err)
	must(t, webhook.CheckAddress(found[0], false))
	naive := &http.Transport{DialContext: (&net.Dialer{Resolver: resolver}).DialContext}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	must(t, err)
	answer, err := naive.RoundTrip(request)
	must(t, err)
	_ = answer.Body.Close()
	naive.CloseIdleConnections()
	same(t, "requests of what checks first", len(r.got()), 1)

	for _, scheme := range []string{"http", "https"} {
		n := newNode(t, func(c *webhook.Config) { c.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")} })
		n.SetResolver(answering(t, []netip.Addr{local}))
		n.putEndpoint(t, strings.Replace(address, "http", scheme, 1))
		n.publish(t, event(0))
		n.wantFailure(t, webhook.Forbidden, "webhooks do not lead to the address of its host, ")
		a, err := n.Test(t.Context(), barber, door)
		must(t, err)
		same(t, "the outcome of a test", a.Outcome, webhook.Forbidden)
	}
	same(t, "requests", len(r.got()), 0)
}

// TestMixedAnswers: of a name with several addresses, those that are refused are not connected to.
func TestMixedAnswers(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	_, port, err := net.SplitHostPort(r.Listener.Addr().String())
	must(t, err)
	n := newNode(t, func(c *webhook.Config) { c.AllowedNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	n.SetResolver(answeringAll(t, netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("127.0.0.1")))
	n.putEndpoint(t, fmt.Sprintf("http://mixed.example:%s/", port))
	n.publish(t, event(0))
	wantNumbers(t, r, "by the address that is allowed", "0")
}

// TestProxiesOfTheEnvironmentAreNotUsed: a proxy would connect to what the guard never sees.
func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	proxy, r := newReceiver(t), newReceiver(t)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	n := newNode(t)
	n.SetResolver(answering(t, []netip.Addr{netip.MustParseAddr("127.0.0.1")}))
	n.putEndpoint(t, strings.Replace(r.URL, "127.0.0.1", "direct.example", 1))
	n.publish(t, event(0))
	wantNumbers(t, r, "directly", "0")
	wantNumbers(t, proxy, "by the proxy", "")
}
