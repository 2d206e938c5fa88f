package tlscert

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Files is a certificate with its key in two files.
type Files struct {
	certFile, keyFile string
	log               *slog.Logger
	current           atomic.Pointer[tls.Certificate]
	// tried is what was read last, good or bad. It belongs to Run.
	tried pemPair
	// reload holds whoever wants the files to be read now.
	reload chan chan struct{}
}

// pemPair is what the two files hold.
type pemPair struct{ cert, key []byte }

func (p pemPair) equal(other pemPair) bool {
	return bytes.Equal(p.cert, other.cert) && bytes.Equal(p.key, other.key)
}

// FromFiles reads a certificate (its chain, the server's own first) and its key, both as PEM. The error names what is wrong.
func FromFiles(certFile, keyFile string, log *slog.Logger) (*Files, error) {
	f := &Files{certFile: certFile, keyFile: keyFile, log: log, reload: make(chan chan struct{})}
	read, err := f.read()
	if err != nil {
		return nil, err
	}
	if err := f.use(read); err != nil {
		return nil, err
	}
	return f, nil
}

// Config implements [Source].
func (f *Files) Config() *tls.Config {
	return config(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil })
}

// Challenges implements [Source]: there are none.
func (f *Files) Challenges(next http.Handler) http.Handler { return next }

// Run implements [Source]. A new pair that cannot be used leaves the old one in use, and is complained of once. While one of two files
// has been replaced and the other not yet, they do not fit each other; that heals by itself.
func (f *Files) Run(ctx context.Context) {
	ticker := time.NewTicker(reloadInterval)
	defer ticker.Stop()
	failing := false
	var done chan struct{}
	for {
		if done != nil {
			close(done)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			done = nil
		case done = <-f.reload:
		}
		read, err := f.read()
		if err == nil {
			if f.tried.equal(read) {
				continue
			}
			err = f.use(read)
		}
		if err != nil && (!failing || !f.tried.equal(read)) {
			f.log.Error("the TLS certificate could not be reloaded; the one before stays in use", "error", err)
		}
		f.tried, failing = read, err != nil
	}
}

// Reload has Run read the files now, and waits for it until ctx ends.
func (f *Files) Reload(ctx context.Context) {
	done := make(chan struct{})
	select {
	case f.reload <- done:
	case <-ctx.Done():
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (f *Files) read() (p pemPair, err error) {
	if p.cert, err = os.ReadFile(f.certFile); err != nil {
		return pemPair{}, fmt.Errorf("read the TLS certificate: %w", err)
	}
	if p.key, err = os.ReadFile(f.keyFile); err != nil {
		return pemPair{}, fmt.Errorf("read the TLS key: %w", err)
	}
	return p, nil
}

// use makes a pair the current one, if it is good.
func (f *Files) use(p pemPair) error {
	certificate, err := tls.X509KeyPair(p.cert, p.key)
	if err != nil {
		return fmt.Errorf("use the TLS certificate in %s with the key in %s: %w", f.certFile, f.keyFile, err)
	}
	f.current.Store(&certificate)
	f.tried = p
	logCertificate(f.log, &certificate, time.Now())
	return nil
}

// NotAfter is when the certificate in use ends.
func (f *Files) NotAfter() time.Time { return f.current.Load().Leaf.NotAfter }
