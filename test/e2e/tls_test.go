package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// pair is a certificate of this machine in two files, as an operator gives it.
type pair struct{ cert, key string }

func (p pair) flags() []string { return []string{"--tls-cert", p.cert, "--tls-key", p.key} }

// write makes a certificate with a serial number and puts it into the files.
func (p pair) write(t *testing.T, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	must(t, os.WriteFile(p.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
}

func newPair(t *testing.T) pair {
	t.Helper()
	dir := t.TempDir()
	p := pair{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	p.write(t, 1)
	return p
}

// caller is an HTTP client that trusts the certificate, and speaks HTTP/2 if told to.
func (p pair) caller(t *testing.T, http2 bool) *http.Client {
	t.Helper()
	text, err := os.ReadFile(p.cert)
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: http2,
		HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10}, // the least: a reader that stalls is noticed soon
	}
	if !http2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Both versions of HTTP are spoken over TLS, and old versions of TLS are not.
func TestServerSpeaksTLS(t *testing.T) {
	t.Parallel()
	certificate, plain := newPair(t), freePort(t)
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), append(certificate.flags(), "--http-listen", plain)...)
	for version, http2 := range map[int]bool{1: false, 2: true} {
		caller := certificate.caller(t, http2)
		api, err := client.New(server.URL, client.WithKey(proc.AdminKey), client.WithHTTPClient(caller))
		must(t, err)
		class(t, api, 100)
		booked, err := api.Book(t.Context(), "studio", wish())
		must(t, err)
		q := query()
		q.AtLeast = booked.Position
		slotAt(t, availability(t, api, q), tomorrow())
		r, err := caller.Get(server.URL + "/studio")
		must(t, err)
		_ = r.Body.Close()
		if r.ProtoMajor != version || r.StatusCode != http.StatusOK || r.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("the page came by %s with %d and %v", r.Proto, r.StatusCode, r.Header)
		}
		for e, err := range api.Watch(t.Context(), query()) {
			must(t, err)
			if e.Kind == client.Snapshot {
				break
			}
		}
	}
	conn, err := tls.Dial("tcp", strings.TrimPrefix(server.URL, "https://"), &tls.Config{
		InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
	})
	if err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
	checkPlainPort(t, "http://"+plain)
}

// checkPlainPort: pages are redirected to HTTPS, calls are refused.
func checkPlainPort(t *testing.T, url string) {
	t.Helper()
	caller := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer caller.CloseIdleConnections()
	for path, want := range map[string]int{
		"/studio": http.StatusPermanentRedirect, "/v1/venues": http.StatusForbidden, "/healthz": http.StatusOK,
	} {
		r, err := caller.Get(url + path)
		must(t, err)
		_ = r.Body.Close()
		if secure := strings.HasPrefix(r.Header.Get("Location"), "https://127.0.0.1"); r.StatusCode != want || secure != (want == 308) {
			t.Errorf("%s without TLS: %d to %q", path, r.StatusCode, r.Header.Get("Location"))
		}
		if want == http.StatusForbidden && r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s without TLS is refused as %s", path, r.Header.Get("Content-Type"))
		}
	}
}

// A certificate that is replaced is used for new connections; one that cannot be used is not, and that is told.
func TestCertificateIsReloaded(t *testing.T) {
	t.Parallel()
	certificate := newPair(t)
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), append(certificate.flags(), "--log-level", "warn")...)
	serial := func() int64 {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(server.URL, "https://"), &tls.Config{InsecureSkipVerify: true})
		must(t, err)
		defer func() { _ = conn.Close() }()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	certificate.write(t, 2)
	eventually(t, "the new certificate is used", func() bool { return serial() == 2 })
	must(t, os.WriteFile(certificate.cert, []byte("broken"), 0o600))
	eventually(t, "a broken one is told", func() bool { return strings.Contains(server.Said(), "the one before stays in use") })
	if got := serial(); got != 2 {
		t.Errorf("with a broken file, certificate %d is used", got)
	}
}

// eventually waits for something that the server does by itself.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(30 * time.Second)
	for !done() {
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatalf("%s: not within 30 seconds", what)
		}
	}
}

// Plain HTTP that others can reach is warned of in one line; on this machine alone, or behind a proxy that was named, it is not.
func TestPlainHTTPIsWarnedOf(t *testing.T) {
	t.Parallel()
	const warning = "this is plain HTTP"
	certificate := newPair(t)
	for name, c := range map[string]struct {
		args  []string
		warns int
	}{
		"to everybody":         {[]string{"--listen", "0.0.0.0:0"}, 1},
		"to this machine":      {[]string{"--listen", "127.0.0.1:0"}, 0},
		"behind a named proxy": {[]string{"--listen", "0.0.0.0:0", "--trusted-proxies", "192.0.2.1"}, 0},
		"with TLS":             {append(certificate.flags(), "--listen", "0.0.0.0:0"), 0},
	} {
		server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), append(c.args, "--log-level", "warn")...)
		must(t, server.Stop(t.Context()))
		if got := strings.Count(server.Said(), warning); got != c.warns {
			t.Errorf("%s: warned %d times: %s", name, got, server.Said())
		}
	}
}

// With a public URL, requests for other hosts are refused, health checks are not, and links are made of it.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--public-url", "https://book.example.com")
	class(t, server.Client(t), 1)
	for host, want := range map[string]int{"book.example.com": 200, "evil.example": 421} {
		for path, exempt := range map[string]bool{"/v1/venues": false, "/studio": false, "/healthz": true} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			must(t, err)
			request.Host = host
			r, err := new(http.Client).Do(request)
			must(t, err)
			var page strings.Builder
			_, err = bufio.NewReader(r.Body).WriteTo(&page)
			must(t, err)
			_ = r.Body.Close()
			if r.StatusCode != want && !exempt || exempt && r.StatusCode != http.StatusOK {
				t.Errorf("%s of %s is answered with %d", path, host, r.StatusCode)
			}
			if path == "/studio" && want == 200 && !strings.Contains(page.String(), `"https://book.example.com/studio"`) {
				t.Errorf("the page does not know its address:\n%.2000s", page.String())
			}
		}
	}
}
