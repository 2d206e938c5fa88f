package tlscert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"time"
)

// Source is where certificates come from.
type Source interface {
	// Config is what a listener serves TLS with. It always has the newest certificate.
	Config() *tls.Config
	// Run keeps the certificates up to date until ctx ends.
	Run(ctx context.Context)
	// Challenges is a handler for plain HTTP on port 80 that answers an authority's challenges, and passes all else on.
	Challenges(next http.Handler) http.Handler
}

// config serves HTTP/2 and HTTP/1.1 with TLS 1.2 and up.
func config(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error), further ...string) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: certificate,
		NextProtos:     append([]string{"h2", "http/1.1"}, further...),
	}
}

// logCertificate tells of a certificate that is used from now on, and warns if it soon is of no use.
func logCertificate(log *slog.Logger, c *tls.Certificate, now time.Time) {
	leaf := c.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return // whoever made the certificate has parsed it before
		}
	}
	attributes := []any{"names", leaf.DNSNames, "addresses", leaf.IPAddresses, "not_after", leaf.NotAfter.UTC().Format(time.RFC3339)}
	switch {
	case leaf.NotAfter.Before(now):
		log.Warn("the TLS certificate has expired; browsers refuse it", attributes...)
	case leaf.NotAfter.Before(now.Add(expiryWarning)):
		log.Warn("the TLS certificate expires soon", attributes...)
	default:
		log.Info("TLS certificate", attributes...)
	}
}
