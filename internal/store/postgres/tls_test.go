package postgres

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
)

// Connections to another machine verify it, unless the operator chose another mode; then they are complained of.
func TestForeignServersAreVerified(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]struct{ verifies, complains bool }{
		"postgres://u:p@db.example/v":                                    {true, false},
		"postgres://u:p@db.example/v?connect_timeout=3":                  {true, false},
		"postgres://u@a.example,b.example:5433/v":                        {true, false},
		"postgres://u@127.0.0.1,b.example/v":                             {true, false},
		"postgres://u@10.0.0.7/v?sslmode=verify-full":                    {true, false},
		"postgres://u@db.example/v?sslmode=disable":                      {false, true},
		"postgres://u@db.example/v?sslmode=prefer":                       {false, true},
		"postgres://u@db.example/v?sslmode=require":                      {false, true},
		"postgres://u@127.0.0.1,b.example/v?sslmode=disable":             {false, true},
		"postgres://u@127.0.0.1:5432/v":                                  {false, false},
		"postgres://u@localhost/v":                                       {false, false},
		"postgres://u@[::1]/v":                                           {false, false},
		"postgres:///v?host=/run/postgresql":                             {false, false},
		"postgres://u@localhost.evil.example/v?target_session_attrs=any": {true, false},
	} {
		config, err := parseURL(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		verifies := config.ConnConfig.TLSConfig != nil && !config.ConnConfig.TLSConfig.InsecureSkipVerify
		if verifies != want.verifies || unverified(config.ConnConfig) != want.complains {
			t.Errorf("%s: verifies %t, is complained of %t", url, verifies, unverified(config.ConnConfig))
		}
	}
	if config, err := parseURL("postgres://u:p%40ss%2Fw@db.example/v"); err != nil || config.ConnConfig.Password != "p@ss/w" {
		t.Errorf("a password changed on the way: %v", err)
	}
}

// The log shows what was negotiated with a real server.
func TestNegotiatedEncryptionIsLogged(t *testing.T) {
	t.Parallel()
	url, _, _ := strings.Cut(postgrestest.Start(t).URL(), "?")
	roots := serveTLS(t, url)
	for mode, want := range map[string]string{
		"sslmode=disable":                           "tls=none",
		"sslmode=require":                           "not verified",
		"sslmode=verify-full&sslrootcert=" + roots:  ", verified",
		"sslmode=verify-ca&sslrootcert=" + roots:    "TLS 1.",
		"sslmode=prefer&application_name=something": "TLS 1.",
	} {
		var log bytes.Buffer
		s, err := Open(t.Context(), Config{URL: url + "?" + mode, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Errorf("%s: %v", mode, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s: the log has no %q: %s", mode, want, log.String())
		}
	}
}

// serveTLS has a server speak TLS too, and returns the file of its root certificate.
func serveTLS(t *testing.T, url string) (roots string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer hangUp(conn)
	// The server's files belong to its own user, so it writes them itself.
	for file, content := range map[string][]byte{
		"server.crt": certificate, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	} {
		lines := "('" + strings.ReplaceAll(strings.TrimSpace(string(content)), "\n", "'),('") + "')"
		_, err := conn.Exec(t.Context(), "COPY (VALUES "+lines+") TO PROGRAM 'umask 077; cat > "+file+"'")
		must(t, err)
	}
	_, err = conn.Exec(t.Context(), "ALTER SYSTEM SET ssl = on")
	must(t, err)
	_, err = conn.Exec(t.Context(), "SELECT pg_reload_conf()")
	must(t, err)
	roots = filepath.Join(t.TempDir(), "root.pem")
	must(t, os.WriteFile(roots, certificate, 0o600))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for { // a reload takes a moment
		probe, err := pgx.Connect(ctx, url)
		must(t, err)
		speaks := negotiated(probe) != "none"
		hangUp(probe)
		if speaks {
			return roots
		}
		<-tick.C
	}
}
