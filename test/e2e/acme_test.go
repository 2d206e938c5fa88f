package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/test/proc"
)

// The server gets its certificate from a real ACME authority, which connects back to prove the domain; it keeps the certificate, so
// that it starts again while the authority is away.
func TestCertificateFromAnACMEAuthority(t *testing.T) {
	t.Parallel()
	const domain = "book.vacancy.test"
	address, cache := freePort(t), filepath.Join(t.TempDir(), "acme")
	authority := startAuthority(t, address)
	launch := func() *proc.Process {
		return proc.LaunchBy(t, []string{"env", "SSL_CERT_FILE=" + authority.certificate.cert}, "sqlite:"+filepath.Join(t.TempDir(), "v.db"),
			"--listen", address, "--acme", domain, "--acme-directory", authority.directory, "--acme-cache", cache, "--log-level", "info")
	}
	server := launch()
	roots := authority.roots(t)
	answers := func() bool {
		conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: domain, RootCAs: roots})
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}
	eventually(t, "a certificate for the domain that the authority's root verifies", answers)
	if !strings.Contains(server.Said(), domain) {
		t.Errorf("the log does not tell of the certificate: %s", server.Said())
	}
	if conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.vacancy.test", InsecureSkipVerify: true}); err == nil {
		_ = conn.Close()
		t.Error("a name that is not configured is answered")
	}
	must(t, server.Stop(t.Context()))
	authority.stop()
	launch()
	if !answers() {
		t.Error("after a restart without the authority, there is no certificate")
	}
}

// authority is a Pebble, Let's Encrypt's server for tests, with a name server that answers every name with this machine.
type authority struct {
	directory, management string
	// certificate is that of its own API.
	certificate pair
	stop        func()
}

// startAuthority starts one that proves domains by connecting to the address.
func startAuthority(t *testing.T, address string) authority {
	t.Helper()
	const path = "github.com/letsencrypt/pebble/v2/cmd/"
	names, listen, management, own := freePort(t), freePort(t), freePort(t), newPair(t)
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": management, "certificate": own.cert, "privateKey": own.key,
		"httpPort": 1, "tlsPort": json.Number(port),
		"profiles": map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": 7776000}},
	}})
	must(t, err)
	file := filepath.Join(t.TempDir(), "pebble.json")
	must(t, os.WriteFile(file, config, 0o600))
	run := func(name string, args ...string) func() {
		cmd := exec.Command(proc.Tool(t, path+name), args...)
		cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
		must(t, cmd.Start())
		stop := func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() }
		t.Cleanup(stop)
		return stop
	}
	run("pebble-challtestsrv", "-dnsserver", names, "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-management", "",
		"-defaultIPv4", "127.0.0.1", "-defaultIPv6", "")
	stop := run("pebble", "-config", file, "-dnsserver", names)
	a := authority{directory: "https://" + listen + "/dir", management: "https://" + management, certificate: own, stop: stop}
	eventually(t, "the authority answers", func() bool {
		r, err := own.caller(t, false).Get(a.directory)
		if err != nil {
			return false
		}
		return r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
	return a
}

// roots are what whoever trusts the authority has. They are new at each of its starts.
func (a authority) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	r, err := a.certificate.caller(t, false).Get(a.management + "/roots/0")
	must(t, err)
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("the authority's root is %.100q", text)
	}
	return roots
}
