package tlscert_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/tlscert"
)

// pair makes a certificate for a name that is valid for so long, and its key.
func pair(t *testing.T, name string, valid time.Duration) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(valid),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns what was logged since it was called last.
func (l *logged) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// served is the name in the certificate that a new connection gets.
func served(t *testing.T, source tlscert.Source) string {
	t.Helper()
	certificate, err := source.Config().GetCertificate(&tls.ClientHelloInfo{})
	must(t, err)
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	must(t, err)
	return leaf.DNSNames[0]
}

// The pair is replaced while the server runs: by a good one, by one that does not fit, by nonsense, by nothing, and by a good one again.
// New connections get the newest good one, and each fault is told once.
func TestFilesAreReloaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
		store := func(cert, key []byte) {
			must(t, os.WriteFile(certFile, cert, 0o600))
			must(t, os.WriteFile(keyFile, key, 0o600))
		}
		store(pair(t, "one.example", 90*24*time.Hour))
		log := new(logged)
		files, err := tlscert.FromFiles(certFile, keyFile, slog.New(slog.NewTextHandler(log, nil)))
		must(t, err)
		if c := files.Config(); c.MinVersion != tls.VersionTLS12 {
			t.Errorf("the oldest version is %x", c.MinVersion)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { files.Run(ctx) })
		log.take()
		secondCert, secondKey := pair(t, "two.example", 90*24*time.Hour)
		fourthCert, fourthKey := pair(t, "four.example", time.Hour)
		for _, step := range []struct {
			name    string
			change  func()
			serves  string
			logs    string
			logLine int
		}{
			{"nothing changes", func() {}, "one.example", "", 0},
			{"another pair", func() { store(secondCert, secondKey) }, "two.example", "two.example", 1},
			{"a key of another", func() { store(secondCert, fourthKey) }, "two.example", "does not match", 1},
			{"no certificate", func() { store([]byte("nonsense"), secondKey) }, "two.example", "stays in use", 1},
			{"no file", func() { must(t, os.Remove(keyFile)) }, "two.example", "no such file", 1},
			{"one that ends soon", func() { store(fourthCert, fourthKey) }, "four.example", "expires soon", 1},
			{"at once", func() {
				store(secondCert, secondKey)
				began := time.Now()
				files.Reload(t.Context())
				if got := served(t, files); got != "two.example" || time.Since(began) != 0 {
					t.Errorf("reloaded after %s, it serves %s", time.Since(began), got)
				}
			}, "two.example", "two.example", 1},
		} {
			step.change()
			time.Sleep(time.Minute) //nolint:forbidigo // of the bubble's clock: many looks at the files
			synctest.Wait()
			if got := served(t, files); got != step.serves {
				t.Errorf("%s: serves %s", step.name, got)
			}
			if said := log.take(); strings.Count(said, "\n") != step.logLine || !strings.Contains(said, step.logs) {
				t.Errorf("%s: logged %q", step.name, said)
			}
		}
		stop()
		gone, leave := context.WithCancel(t.Context())
		leave()
		files.Reload(gone) // nobody does it any more
		running.Wait()
	})
}

// What cannot work at the start is told with the file's name.
func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	cert, key := pair(t, "one.example", time.Hour)
	_, other := pair(t, "two.example", time.Hour)
	for name, c := range map[string]struct {
		cert, key []byte
		want      string
	}{
		"no certificate": {nil, key, "cert.pem"},
		"no key":         {cert, nil, "key.pem"},
		"nonsense":       {[]byte("x"), key, "cert.pem"},
		"another's key":  {cert, other, "does not match"},
	} {
		dir := t.TempDir()
		for file, content := range map[string][]byte{"cert.pem": c.cert, "key.pem": c.key} {
			if content != nil {
				must(t, os.WriteFile(filepath.Join(dir, file), content, 0o600))
			}
		}
		_, err := tlscert.FromFiles(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
